"""Rounds: one turn now and one at each time of a schedule, in one process, until it is told to end.

In: an open project, five fields, a way to wait, a way to say. Out: steps done. Never: an end because a turn failed: the next one
begins where it was; a turn for each time that was missed: one makes up for all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from goldseam.edge.clock import Clock
from goldseam.edge.project import Project
from goldseam.edge.worker.times import next_time
from goldseam.flow.plan import Plan
from goldseam.vocab.errors import GoldseamError

LOOK_SECONDS: Final = 30.0
"""How often the clock is looked at: a machine that slept, or whose clock was set, is not late by more."""

Wait = Callable[[datetime], bool]
"""Waits until a moment; false if it is to end."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: of each step the round, the stage and what came of it; where it stopped, or why it failed; when the next is."""

    done: tuple[tuple[int, str, str], ...]
    plan: Plan | None
    error: GoldseamError | None
    next: datetime | None


Say = Callable[[Turn], None]
"""Shows a turn."""


def keep_on(project: Project, times: str, wait: Wait, say: Say, ended: threading.Event) -> None:
    """Run a turn, then one at each of these times, until `wait` says to end; a finished project may grow, and go on."""
    while True:
        done, plan, error = [], None, None
        try:
            for each in project.run():
                done.append((each.round, each.step.stage.value, each.outcome))
                if ended.is_set():
                    break
            plan = project.plan()
        except GoldseamError as failure:
            error = failure
        is_over = ended.is_set()
        due = None if is_over else next_time(times, project.world.clock.now())
        say(Turn(tuple(done), plan, error, due))
        if due is None or not wait(due):
            return


def waits(clock: Clock, ended: threading.Event) -> Wait:
    """Return how a process waits: looking at the clock now and then, until the moment or the end has come."""

    def wait(due: datetime) -> bool:
        while not ended.is_set():
            left = (due - clock.now()).total_seconds()
            if left <= 0:
                return True
            ended.wait(min(left, LOOK_SECONDS))
        return False

    return wait
