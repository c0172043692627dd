"""Check of captures: whether what came from production is still what the log committed to.

In: a transaction, a project, its log entries. Out: findings. Never: a change; a capture believed without its entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from goldseam.edge.runner.production import digest_of, hash_of
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import captures
from goldseam.edge.store.tx import Tx, micros
from goldseam.ledger.entries import Entry
from goldseam.release.verify import Finding
from goldseam.source.captured import Capture, Signaled

Call = tuple[int, str]


def all_of(tx: Tx, facts: ProjectFacts, told: Sequence[tuple[int, Entry]], *, is_whole: bool) -> Iterator[Finding]:
    """Compare what each call brought, in its order, with the hash that its entry holds."""
    kept: dict[Call, list[Capture | Signaled]] = defaultdict(list)
    for at, by, one in captures.ever(tx, facts.id):
        kept[micros(at), by].append(one)
    said: dict[Call, list[tuple[int, Entry]]] = defaultdict(list)
    for position, entry in told:
        said[micros(entry.at), entry.actor].append((position, entry))
    for call, entries in said.items():
        found = kept.pop(call, [])
        (position, entry), *more = entries
        wanted = sum(int(str(one.body["captures"])) + int(str(one.body["signals"])) for _, one in entries)
        whole = digest_of(found, {one.id: hash_of(one) for one in found})
        if len(found) != wanted or (not more and whole != entry.body["sha256"]):
            yield Finding("captures", _where(entry.at), f"are not what entry {position} of the log committed to")
    if is_whole:
        for micro, _ in sorted(kept):
            yield Finding("captures", f"captured at {micro}", "have no entry in the log")


def _where(at: datetime) -> str:
    return f"captured {at.isoformat()}"
