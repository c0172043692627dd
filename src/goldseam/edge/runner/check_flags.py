"""Check of flags: whether flags, and decisions about items that left the queue, still say what the log committed to.

In: a transaction, a project, what its entries say. Out: findings. Never: a change; words believed without their commitment.
"""

from __future__ import annotations

from collections.abc import Iterator

from goldseam.edge.runner.check_talk import Compared, Told
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import flags, items
from goldseam.edge.store.tx import Tx, micros
from goldseam.release.verify import Finding


def all_of(tx: Tx, facts: ProjectFacts, flagged: Told, decided: Told, *, is_whole: bool) -> Iterator[Finding]:
    """Compare every flag and every decision, and how each hold stands with its decisions."""
    compared = Compared("flags", flagged, is_whole=is_whole)
    for one, salt in flags.all_sealed(tx, facts.id):
        sent = {
            "author": one.annotator,
            "position": one.position,
            "act": one.act,
            "reason": one.reason,
            "note": one.note,
        }
        told = {"reason": one.reason, "goes_to": one.goes_to.value, "act": one.act}
        yield from compared.row(one.id, salt, one.annotator, micros(one.at), [sent], **told)
    yield from compared.rest()
    decisions = Compared("decisions of flags", decided, is_whole=is_whole)
    for made, position, salt in flags.decisions_sealed(tx, facts.id):
        item = items.at(tx, facts.id, position).id
        sent = {"author": made.by, "item": item, "what": made.decision.value, "note": made.note}
        told = {"decision": made.decision.value, "item": item}
        yield from decisions.row(made.id, salt, made.by, micros(made.at), [sent], **told)
    yield from decisions.rest()
    for position in flags.stale_holds(tx, facts.id):
        yield Finding("holds", f"position {position}", "stands otherwise than its decisions leave it")
