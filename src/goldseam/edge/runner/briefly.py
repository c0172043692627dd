"""Briefly: a lease and an answer in two trips each to PostgreSQL, without a transaction around them.

In: permits, the access stamp they were read under. Out: acts for `Store.write_soon`: what came of them, or None where the
usual act has to do it. Never: anything that the usual act would have refused, or a policy left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from goldseam.annotate.collect import Submission
from goldseam.edge.runner import annotate, onboarding
from goldseam.edge.runner.annotate import Outcome
from goldseam.edge.runner.offers import Leased, offers_of
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.serving import serve_briefly
from goldseam.edge.runner.world import World
from goldseam.edge.store import answering, queue
from goldseam.edge.store.answering import Answered
from goldseam.edge.store.tx import Tx
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.errors import GoldseamError


def leasing(
    world: World, permit: Permit, count: int, holding: Sequence[AssignmentId] | None, stamp: int | None
) -> Callable[[Tx], Leased | None] | None:
    """Return the brief act of leasing, or None where the project's policies, or the caller's page, want more than an item.

    Where gold is hidden, every lease takes the usual way: a check must not be told by the time that it takes.
    """
    project, policy = permit.project, permit.project.settings.annotate
    shows = project.model is not None and project.settings.prelabel.show != "hidden"
    rates = {policy.gold_rate, *(one.gold_rate or 0.0 for one in project.settings.segments)}
    if holding is not None or policy.per_day is not None or shows or onboarding.is_bound(project, permit.role):
        return None
    now, draw = world.clock.now(), world.clock.seed()

    def lease(tx: Tx) -> Leased | None:
        served = serve_briefly(tx, permit, now, may_hide_gold=max(rates) > 0)
        if served is None or served.in_batch:
            return None
        asked = (project.id, permit.annotator, served.numbers, count, now, policy.lease)
        found = list(queue.lease_alone(tx, *asked, stamp))
        found.sort(key=lambda each: hashlib.sha256(f"{draw}.{each[0].position}".encode()).digest())
        rows, items = [row for row, _ in found], [item for _, item in found]
        return Leased(offers_of(tx, project, permit.annotator, rows, now, items)) if found else None

    return lease


def submitting(
    world: World, permit: Permit, submissions: Sequence[Submission], stamp: int | None
) -> Callable[[Tx], tuple[Outcome, ...] | None] | None:
    """Return the brief act of taking in one answer, or None where there are several, or something follows on it."""
    if len(submissions) != 1 or annotate.is_followed(permit.project, submissions[0]):
        return None
    (sent,) = submissions
    now = world.clock.now()

    def save(tx: Tx) -> tuple[Outcome, ...] | None:
        try:
            held = _held(tx, permit, sent)
            finished = held is not None and _take_in(tx, permit, sent, held, now, stamp)
        except GoldseamError:
            return None  # the usual act says why, from what it has locked
        return (Outcome(sent.id, queue.Finish.SAVED.value),) if finished else None

    return save


def _held(tx: Tx, permit: Permit, sent: Submission) -> Answered | None:
    """Return the assignment if it is the caller's, and an answer to it is counted in any case."""
    found = answering.look(tx, sent.assignment, sent.id)
    held = answering.check(found, sent.assignment, permit.project.id, permit.annotator, sent.token)
    return held if held.is_sure and not held.is_known else None


def _take_in(tx: Tx, permit: Permit, sent: Submission, held: Answered, now: datetime, stamp: int | None) -> bool:
    """Check the answer and write it with its entry, if it is the only one; return whether it was written."""
    drafts = annotate.drafts(permit.project, sent, held, now, still_wanted=True)
    if len(drafts) != 1:
        return False
    answering.end_alone(tx, held, now, *drafts[0], stamp)
    return True
