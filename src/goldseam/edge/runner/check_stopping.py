"""Check of steps: whether what labels changed from model to model is still what the log was told.

In: a transaction, a project, its log entries. Out: findings. Never: a change; a row believed without its entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.stopping import facts_of
from goldseam.edge.store import model_steps
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import Entry
from goldseam.release.verify import Finding


def all_of(tx: Tx, facts: ProjectFacts, told: Mapping[str, tuple[int, Entry]], *, is_whole: bool) -> Iterator[Finding]:
    """Compare every step with its entry."""
    left = dict(told)
    for one in model_steps.listing(tx, facts.id):
        where = f"step of model {one.model}"
        if one.model not in left:
            if is_whole:
                yield Finding("models", where, "has no entry in the log")
            continue
        position, entry = left.pop(one.model)
        said = facts_of(one)
        if {name: entry.body.get(name) for name in said} != said or entry.at != one.at:
            yield Finding("models", where, f"is not what entry {position} of the log says")
    for model, (position, _) in left.items():
        yield Finding("models", f"step of model {model}", f"is gone; entry {position} of the log has it")
