"""Going on: the steps of a project's round that need no person, in a thread of their own, because somebody asked on the page.

In: a project, who asks. Out: steps done, and how far it is. Never: two threads for one project, a call that waits for a step.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from importlib import import_module

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
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


@dataclass(slots=True)
class Going:
    """Lets projects go on, one thread each."""

    world: World
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
            thread = threading.Thread(target=self._work, args=(permit, far), name="goldseam-going-on", daemon=True)
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()
        return far

    def stop(self, seconds: float = 10.0) -> None:
        """End after the steps that are under way; the rest is done when somebody asks again."""
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
            # scikit-learn takes most of a second: only a server of which somebody asks this pays it
            steps = import_module("goldseam.edge.runner.steps")
            for done in steps.run(self.world, permit.project.name, permit.principal.annotator, report):
                far.outcomes.append(done.outcome)
                if self._ended.is_set():
                    break
        except GoldseamError as error:
            far.error = error.message
            LOG.warning("project %s stopped: %s", permit.project.id, error.message)
        except Exception:
            far.error = "Something unexpected happened; the server's log says more."
            LOG.exception("project %s stopped", permit.project.id)
        finally:
            far.goes_on = False
