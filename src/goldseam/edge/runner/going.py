"""Going on: long work on a project in a thread of its own, because somebody asked for it on the page.

In: a project, who asks. Out: what was done, and how far it is. Never: two threads for one project and work, a call that waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import Report, World
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.items import ProjectId

LOG = logging.getLogger("goldseam.server")


@dataclass(slots=True)
class HowFar:
    """What is being done, how much of it is, what was done before, and why it stopped if it had to."""

    goes_on: bool = True
    doing: str = ""
    n_done: int = 0
    outcomes: list[str] = field(default_factory=list)
    error: str = ""


Work = Callable[[World, Permit, Report], Iterable[str]]
"""Does what was asked for bit by bit, and says what came of each."""


@dataclass(slots=True)
class Going:
    """Lets one kind of work go on, one thread a project."""

    world: World
    work: Work
    _far: dict[ProjectId, HowFar] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self, permit: Permit) -> HowFar:
        """Begin, unless it is under way."""
        project = permit.project
        with self._lock:
            known = self._far.get(project.id)
            if known is not None and known.goes_on:
                return known
            far = self._far[project.id] = HowFar()
            thread = threading.Thread(target=self._work, args=(permit, far), name="goldseam-going", daemon=True)
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()
        return far

    def stop(self, seconds: float = 10.0) -> None:
        """End after the bits that are under way; the rest is done when somebody asks again."""
        self._ended.set()
        for thread in self._threads:
            thread.join(seconds)

    def how_far(self, project: ProjectId) -> HowFar | None:
        """Return how far it is; None if nobody asked since the server started."""
        return self._far.get(project)

    def _work(self, permit: Permit, far: HowFar) -> None:
        def report(doing: str, n_done: int, _: int | None) -> None:
            far.doing, far.n_done = doing, n_done

        try:
            for outcome in self.work(self.world, permit, report):
                far.outcomes.append(outcome)
                if self._ended.is_set():
                    break
        except GoldseamError as error:
            far.error = error.message
            LOG.warning("work on project %s stopped: %s", permit.project.id, error.message)
        except Exception:  # a thread of its own: nobody above would hear of it
            far.error = "Something unexpected happened; the server's log says more."
            LOG.exception("work on project %s stopped", permit.project.id)
        finally:
            far.goes_on = False


def steps(world: World, permit: Permit, report: Report) -> Iterator[str]:
    """Do the next steps of the round until a person is needed."""
    # scikit-learn takes most of a second: only a server of which somebody asks this pays it
    run = import_module("goldseam.edge.runner.steps").run
    for done in run(world, permit.project.name, permit.principal.annotator, report):
        yield done.outcome
