"""The feed: one watcher a project that anybody listens to, however many they are.

In: projects with listeners. Out: their counts, anew when something changed. Never: a query per listener, or one for a project
that nobody listens to.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool

from goldseam.edge.runner import log
from goldseam.edge.runner.glance import Glances
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.vocab.items import ProjectId

LOG = logging.getLogger("goldseam.feed")

EVERY_SECONDS: Final = 1.0


@dataclass(slots=True)
class News:
    """The newest counts of a project; `number` goes up with each change."""

    project: ProjectFacts
    number: int = -1
    counts: object = None
    n_listeners: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def after(self, seen: int, seconds: float) -> bool:
        """Wait for something newer than what was seen; False if there was none for so long."""
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self.number > seen)
            except TimeoutError:
                return False
        return True

    async def tell(self, counts: object) -> None:
        """Wake who waits."""
        async with self._changed:
            self.number, self.counts = self.number + 1, counts
            self._changed.notify_all()


@dataclass(slots=True)
class Feed:
    """All watchers of one app."""

    world: World
    glances: Glances
    every_seconds: float = EVERY_SECONDS
    ended: bool = False
    _news: dict[ProjectId, News] = field(default_factory=dict)
    _watchers: dict[ProjectId, asyncio.Task[None]] = field(default_factory=dict)

    @contextmanager
    def listening(self, project: ProjectFacts) -> Iterator[News]:
        """Give the news of a project; it is watched as long as anybody listens."""
        news = self._news.get(project.id)
        if news is None:
            news = self._news[project.id] = News(project)
            self._watchers[project.id] = asyncio.create_task(self._watch(news))
        news.n_listeners += 1
        try:
            yield news
        finally:
            news.n_listeners -= 1
            if news.n_listeners == 0 and self._news.get(project.id) is news:
                del self._news[project.id]
                self._watchers.pop(project.id).cancel()

    async def end(self) -> None:
        """Let every stream end, so that the server can."""
        self.ended = True
        for watcher in self._watchers.values():
            watcher.cancel()
        for news in self._news.values():
            await news.tell(news.counts)

    async def _watch(self, news: News) -> None:
        before: object = None
        while True:
            with contextlib.suppress(Exception):
                asked = self.world.clock.now()
                state = await run_in_threadpool(log.extent, self.world, news.project.id)
                if state != before:
                    figures, at = await run_in_threadpool(self.glances.look, news.project)
                    before = state if at >= asked else before  # older figures: look again at the next turn
                    if figures["counts"] != news.counts:
                        await news.tell(figures["counts"])
            await asyncio.sleep(self.every_seconds)
