"""Facets: how many items of a project stand where, counted in the background and no more often than counting is worth.

In: a project. Out: the newest figures and when they were counted, or None before the first. Never: a call that waits longer than
a blink for a count over a million items.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from goldseam.edge.runner import browse
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.vocab.items import ProjectId

BLINK = 0.025
"""So many seconds a call waits for a count that was just begun: that of a small project is then there at once."""
REST = 20.0
"""After a count, nothing is counted for so many times as long as it took."""

Figures = dict[str, object]


@dataclass(slots=True)
class _Seen:
    figures: Figures
    at: datetime
    ended: float
    took: float


@dataclass(slots=True)
class Facets:
    """The newest figures of each project, in one process."""

    world: World
    _seen: dict[ProjectId, _Seen] = field(default_factory=dict)
    _going: dict[ProjectId, threading.Event] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, project: ProjectFacts) -> tuple[Figures, datetime] | None:
        """Return the newest figures; those of a project that nobody looked at yet may be absent still."""
        with self._lock:
            seen, going = self._seen.get(project.id), self._going.get(project.id)
            if going is None and (seen is None or time.perf_counter() - seen.ended > REST * seen.took):
                going = self._going[project.id] = threading.Event()
                threading.Thread(target=self._count, args=(project, going), name="goldseam-facets", daemon=True).start()
        if going is not None:
            going.wait(BLINK)
        seen = self._seen.get(project.id)
        return None if seen is None else (seen.figures, seen.at)

    def _count(self, project: ProjectFacts, going: threading.Event) -> None:
        begin, at = time.perf_counter(), self.world.clock.now()
        try:
            figures = browse.facets(self.world, project)
            end = time.perf_counter()
            self._seen[project.id] = _Seen(figures, at, end, end - begin)
        finally:
            with self._lock:
                self._going.pop(project.id, None)
            going.set()
