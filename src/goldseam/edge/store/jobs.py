"""Jobs: what the worker does at set times, held by one worker at a time, and old rows that nobody needs any more.

In: names, times, who. Out: rows; whether a job is one's own. Never: a job that two workers hold, or one that stays
held by none alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, func, not_, or_, select, update

from goldseam.edge.store import access
from goldseam.edge.store import tables as t
from goldseam.edge.store.access_tables import access_acts
from goldseam.edge.store.job_tables import jobs
from goldseam.edge.store.tx import Tx, insert_columns, maybe_moment, micros, moment, within
from goldseam.edge.store.webhook_tables import deliveries

IDS_KEPT = timedelta(days=30)
"""How long a client may take to send an act on people or tokens again."""
DELIVERIES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Job:
    """One job: when it is due, who is at it, how it went; `n_failed` counts failures in a row."""

    name: str
    times: str
    due: datetime
    held_by: str | None
    held_until: datetime | None
    n_done: int
    n_failed: int
    last_at: datetime | None
    last_seconds: float | None
    outcome: str
    error: str


def plan(tx: Tx, name: str, times: str, due: datetime) -> None:
    """Keep a job; one that has these very times stays due when it is."""
    columns = {"name": [name], "times": [times], "due": [micros(due)]}
    insert_columns(tx, jobs, columns, then="ON CONFLICT (name) DO NOTHING")
    changed = and_(jobs.c.name == name, jobs.c.times != times)
    tx.run(update(jobs).where(changed).values(times=times, due=micros(due)))


def drop(tx: Tx, belonging: str, but: Sequence[str]) -> None:
    """Forget the jobs whose names end so and that are planned no more."""
    c = jobs.c
    tx.run(delete(jobs).where(c.name.endswith(belonging, autoescape=True), not_(within(tx, c.name, list(but)))))


def is_due(tx: Tx, name: str, now: datetime) -> bool:
    """Return whether a job waits for a worker."""
    return tx.first(select(jobs.c.name).where(jobs.c.name == name, _free(now))) is not None


def take(tx: Tx, name: str, who: str, now: datetime, until: datetime) -> bool:
    """Take a job that is due; false if another has it."""
    done = tx.run(update(jobs).where(jobs.c.name == name, _free(now)).values(held_by=who, held_until=micros(until)))
    return done.rowcount == 1


def _free(now: datetime) -> Any:  # noqa: ANN401 - SQLAlchemy's condition
    c = jobs.c
    return and_(c.due <= micros(now), or_(c.held_until.is_(None), c.held_until <= micros(now)))


def hold(tx: Tx, name: str, who: str, until: datetime) -> bool:
    """Hold a job for longer; false if it is not one's own any more."""
    mine = and_(jobs.c.name == name, jobs.c.held_by == who)
    return tx.run(update(jobs).where(mine).values(held_until=micros(until))).rowcount == 1


def finish(
    tx: Tx, name: str, who: str, due: datetime, *, at: datetime, seconds: float, outcome: str, error: str
) -> bool:
    """Note how a job went, let it go, and say when it is next due; false if it is not one's own any more."""
    c = jobs.c
    values = {
        "due": micros(due),
        "held_by": None,
        "held_until": None,
        "last_at": micros(at),
        "last_seconds": seconds,
        "outcome": outcome,
        "error": error,
        "n_done": c.n_done + (0 if error else 1),
        "n_failed": c.n_failed + 1 if error else 0,
    }
    return tx.run(update(jobs).where(and_(c.name == name, c.held_by == who)).values(**values)).rowcount == 1


def listing(tx: Tx) -> tuple[Job, ...]:
    """Return all jobs by name."""
    return tuple(_job(row) for row in tx.run(select(jobs).order_by(jobs.c.name)))


def oldest_due(tx: Tx, now: datetime) -> datetime | None:
    """Return since when the job that is due for longest has been waiting; one that is being done does not wait."""
    found = tx.run(select(func.min(jobs.c.due)).where(_free(now))).scalar()
    return maybe_moment(found)


def clean(tx: Tx, now: datetime) -> int:
    """Remove what has ended and nobody asks for any more; return how many rows that were."""
    before = [
        (t.sessions, t.sessions.c.expires_at < micros(now)),
        (t.sign_in_codes, t.sign_in_codes.c.expires_at < micros(now)),
        (access_acts, access_acts.c.at < micros(now - IDS_KEPT)),
        (deliveries, deliveries.c.ended_at < micros(now - DELIVERIES_KEPT)),
    ]
    n = sum(tx.run(delete(table).where(old)).rowcount for table, old in before)
    access.drop_old(tx, now)
    return n


def _job(row: Row[Any]) -> Job:
    return Job(
        name=row.name,
        times=row.times,
        due=moment(row.due),
        held_by=row.held_by,
        held_until=maybe_moment(row.held_until),
        n_done=row.n_done,
        n_failed=row.n_failed,
        last_at=maybe_moment(row.last_at),
        last_seconds=row.last_seconds,
        outcome=row.outcome,
        error=row.error,
    )
