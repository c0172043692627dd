"""Glance: a project's figures for pages that are looked at often, counted no more often than their counting is worth.

In: a world, a project. Out: the figures, and when they were counted. Never: a page that waits for a count over a million items a
second time, or a count that takes more than a twentieth of a processor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from goldseam.edge.runner import flow
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.vocab.items import ProjectId

QUICK_SECONDS = 0.3
"""A count that takes less of a processor's time is made afresh for every look."""
REST = 20.0
"""After a count, nothing is counted for so many times as long as it took."""

Count = Callable[[World, ProjectFacts], dict[str, object]]


@dataclass(slots=True)
class _Seen:
    project: ProjectFacts
    figures: dict[str, object]
    at: datetime
    ended: float
    took: float
    counting: bool = False


@dataclass(slots=True)
class Glances:
    """The newest figures of each project, in one process."""

    world: World
    count: Count = flow.round_facts
    _seen: dict[ProjectId, _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, project: ProjectFacts) -> tuple[dict[str, object], datetime]:
        """Return the figures and when they were counted; only the first look at a project, or a quick one, waits.

        A project whose rules or round changed is counted afresh.
        """
        with self._lock:
            seen = self._seen.get(project.id)
            if seen is None or seen.took < QUICK_SECONDS or seen.project != project:
                fresh, start = True, False
            else:
                fresh = False
                start = not seen.counting and time.perf_counter() - seen.ended > REST * seen.took
                seen.counting = seen.counting or start
        if fresh or seen is None:
            seen = self._count(project)
        elif start:
            threading.Thread(target=self._count, args=(project,), name="goldseam-glance", daemon=True).start()
        return seen.figures, seen.at

    def _count(self, project: ProjectFacts) -> _Seen:
        # SQLite counts in this thread, whose own time says what it costs however busy the machine is; PostgreSQL elsewhere.
        clock = time.thread_time if self.world.store.dialect == "sqlite" else time.perf_counter
        begin, at = clock(), self.world.clock.now()
        try:
            figures = self.count(self.world, project)
        except BaseException:
            with self._lock:
                if (seen := self._seen.get(project.id)) is not None:
                    seen.counting = False
            raise
        made = _Seen(project, figures, at, time.perf_counter(), clock() - begin)
        with self._lock:
            self._seen[project.id] = made
        return made
