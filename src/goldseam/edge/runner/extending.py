"""Extending: assignments held longer, because somebody is still at work on them; bounded by the project file.

In: a permit, assignments with their tokens. Out: until when each is held now, and how often that may still be asked for.
Never: a lease that came to an end brought back, or one bad assignment that hurts the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import queue
from goldseam.edge.store.tx import Tx
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.errors import LeaseLost


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment after it was asked to be held longer: its end and how often that may be asked again, or the refusal."""

    id: AssignmentId
    expires_at: datetime | None = None
    seconds: float = 0.0
    left: int = 0
    error: LeaseLost | None = None


def extend(world: World, permit: Permit, request: str, held: Sequence[tuple[AssignmentId, str]]) -> tuple[Held, ...]:
    """Hold assignments for another lease from now on, each as often as `annotate.extensions` says; once per `request`."""
    now = world.clock.now()
    policy = permit.project.settings.annotate

    def one(tx: Tx, assignment: AssignmentId, token: str) -> Held:
        try:
            until, left = queue.extend(
                tx,
                permit.project.id,
                permit.annotator,
                assignment,
                token,
                request,
                now + policy.lease,
                policy.extensions,
            )
        except LeaseLost as error:
            return Held(assignment, error=error)
        return Held(assignment, until, (until - now).total_seconds(), left)

    # In one order for everybody, so that no two calls wait for each other.
    def save(tx: Tx) -> dict[AssignmentId, Held]:
        return {assignment: one(tx, assignment, token) for assignment, token in sorted(held)}

    found = world.store.write(save)
    return tuple(found[assignment] for assignment, _ in held)
