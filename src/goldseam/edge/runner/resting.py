"""Resting: keeps what everybody did today and in this sitting, and says when the day's bound is reached or a rest would do good.

In: permits, answers as they come. Out: `Quota`, `Advice`. Never: a count over the day's answers; one row a person is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from goldseam.annotate import rest
from goldseam.annotate.rest import Advice, Workload
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import competence as rows
from goldseam.edge.store import queue
from goldseam.edge.store.tx import Tx
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Quota:
    """How many more answers somebody may be asked for now; if none, when it opens again, in words too."""

    left: int
    opens_at: datetime | None = None
    text: str = ""


def quota(tx: Tx, permit: Permit, now: datetime, count: int, holding: Collection[AssignmentId] | None = None) -> Quota:
    """Return how many of `count` items somebody may be leased now.

    `holding` are the assignments that their page has in hand; None is all that they hold.
    """
    policy = permit.project.settings.annotate
    if policy.per_day is None:
        return Quota(count)
    done = rows.workload(tx, permit.project.id, permit.annotator)
    held = [one for one in queue.held(tx, permit.project.id, permit.annotator) if holding is None or one.id in holding]
    opens = rest.opens_at(done, len(held), now, policy.zone, policy.per_day)
    if opens is not None:
        local = opens.astimezone(policy.zone)
        return Quota(
            0, opens, f"You have done your share for today. It goes on {local:%A at %H:%M} ({policy.time_zone})."
        )
    left = rest.left(done, len(held), now, policy.zone, policy.per_day)
    return Quota(count if left is None else min(count, left))


def advice(world: World, permit: Permit) -> Advice | None:
    """Return whether a rest would do the caller good now; it is never forced."""
    policy, now = permit.project.settings.annotate, world.clock.now()
    if policy.rest is None:
        return None

    def load(tx: Tx) -> Advice | None:
        done = rows.workload(tx, permit.project.id, permit.annotator)
        if done is None:
            return None
        question = permit.project.question
        recent = rows.recent_seconds(tx, permit.project.id, permit.annotator, question, done.since)
        return rest.advice(done, recent, now, policy.rest)

    return world.store.read(load)


def worked(tx: Tx, permit: Permit, now: datetime, seconds: float) -> None:
    """Keep that somebody answered; nothing is kept where no policy asks for it."""
    project = permit.project
    policy = project.settings.annotate
    if policy.per_day is None and policy.rest is None:
        return
    before = rows.workload_held(tx, project.id, permit.annotator)
    rows.save_workload(
        tx, project.id, permit.annotator, rest.after_answer(before, now, seconds, policy.zone, policy.rest)
    )


def rebuilt(world: World, project: ProjectFacts) -> dict[AnnotatorId, Workload]:
    """Return everybody's workload from the answers themselves: equal to what is stored, if the policy was always there."""
    policy = project.settings.annotate
    found: dict[AnnotatorId, Workload] = {}
    for who, at, seconds in world.store.read(lambda tx: rows.worked(tx, project.id, project.question)):
        found[who] = rest.after_answer(found.get(who), at, seconds, policy.zone, policy.rest)
    return found
