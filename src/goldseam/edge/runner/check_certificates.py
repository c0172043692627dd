"""Check of certificates: whether audits, and what they proved, still say what the log was told; and whether monitors do.

In: a transaction, a project, its log entries. Out: findings. Never: a change; a row believed without its entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import certificates as rows
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import Entry
from goldseam.release.manifest import digest
from goldseam.release.verify import Finding

Told = Mapping[str, tuple[int, Entry]]


def all_of(tx: Tx, facts: ProjectFacts, drawn: Told, made: Told, closed: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every audit that drew items, every certificate, and which of them were closed."""
    audits = {str(entry.body["audit"]): placed for placed in drawn.values() if "audit" in (entry := placed[1]).body}
    for audit in rows.listing_of_audits(tx, facts.id):
        placed = audits.get(audit.id)
        if placed is not None and digest(audit.body.encode()) != placed[1].body["audit_sha256"]:
            yield Finding("audits", f"audit {audit.id}", f"is not what entry {placed[0]} of the log names")
    left = dict(made)
    for one, seen in rows.listing(tx, facts.id):
        where = f"certificate {one.id}"
        if one.id not in left:
            if is_whole:
                yield Finding("certificates", where, "has no entry in the log")
            continue
        place, entry = left.pop(one.id)
        threshold = None if one.threshold is None else repr(one.threshold)
        said = (digest(one.body.encode()), one.group, one.audit, threshold)
        if said != tuple(entry.body.get(name) for name in ("body_sha256", "group", "audit", "threshold")):
            yield Finding("certificates", where, f"is not what entry {place} of the log says")
        is_closed = seen is not None and seen.closed
        if is_closed != (one.id in closed) and (is_whole or not is_closed):
            yield Finding("monitors", where, "is open or closed otherwise than the log says")
    for name, (place, _) in left.items():
        yield Finding("certificates", f"certificate {name}", f"is gone; entry {place} of the log has it")
