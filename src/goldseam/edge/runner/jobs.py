"""Jobs: taken by one worker at a time, held while it is at them, noted when they end.

In: names, times, who. Out: whether a job is one's own, how jobs went. Never: what a job does; the worker has that table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from goldseam.edge.runner.world import World
from goldseam.edge.store import jobs as rows
from goldseam.edge.store import webhooks
from goldseam.edge.store.jobs import Job
from goldseam.edge.store.tx import Tx

__all__ = ["HELD", "Job", "clean", "finish", "hold", "is_due", "listing", "plan", "take", "waiting"]

HELD: Final = timedelta(seconds=60)
"""How long a job stays with a worker of which nothing is heard."""


def plan(world: World, belonging: str, wanted: Mapping[str, tuple[str, datetime]]) -> None:
    """Keep these jobs (by name: times, and when it is first due); forget others of this belonging."""

    def save(tx: Tx) -> None:
        for name in sorted(wanted):
            rows.plan(tx, name, *wanted[name])
        rows.drop(tx, belonging, sorted(wanted))

    world.store.write(save)


def is_due(world: World, name: str) -> bool:
    """Return whether a job waits for a worker."""
    return world.store.read(lambda tx: rows.is_due(tx, name, world.clock.now()))


def take(world: World, name: str, who: str) -> bool:
    """Take a job that is due; false if another worker has it."""
    now = world.clock.now()
    return world.store.write(lambda tx: rows.take(tx, name, who, now, now + HELD))


def hold(world: World, name: str, who: str) -> bool:
    """Say that one is still at it; false if it is not one's own any more."""
    return world.store.write(lambda tx: rows.hold(tx, name, who, world.clock.now() + HELD))


def finish(
    world: World, name: str, who: str, due: datetime, *, began: datetime, seconds: float, outcome: str, error: str
) -> bool:
    """Note how a job went and when it is next due; false if it is not one's own any more."""
    return world.store.write(
        lambda tx: rows.finish(tx, name, who, due, at=began, seconds=seconds, outcome=outcome, error=error)
    )


def listing(world: World) -> tuple[Job, ...]:
    """Return all jobs by name."""
    return world.store.read(rows.listing)


def waiting(world: World) -> tuple[float, int]:
    """Return for how many seconds the job that is due for longest has waited, and how many deliveries wait."""
    now = world.clock.now()

    def load(tx: Tx) -> tuple[datetime | None, int]:
        return rows.oldest_due(tx, now), webhooks.n_waiting(tx)

    oldest, n = world.store.read(load)
    return (0.0 if oldest is None else (now - oldest).total_seconds()), n


def clean(world: World) -> int:
    """Remove ended sessions, old tries, old ids of acts and old deliveries; return how many rows that were."""
    return world.store.write(lambda tx: rows.clean(tx, world.clock.now()))
