"""Looking: the labels of a project looked over in a thread of its own, because somebody asked on the page.

In: a project, who asks. Out: how far it is. Never: two threads for one project, a call that waits for a model.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from goldseam.edge.runner import findings
from goldseam.edge.runner.going import HowFar
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.items import ProjectId

LOG = logging.getLogger("goldseam.server")


@dataclass(slots=True)
class Looking:
    """Looks projects over, one thread each."""

    world: World
    _far: dict[ProjectId, HowFar] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self, permit: Permit) -> HowFar:
        """Begin, unless it is under way."""
        with self._lock:
            known = self._far.get(permit.project.id)
            if known is not None and known.goes_on:
                return known
            far = self._far[permit.project.id] = HowFar()
            thread = threading.Thread(target=self._work, args=(permit, far), name="goldseam-looking", daemon=True)
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()
        return far

    def stop(self, seconds: float = 10.0) -> None:
        """End after the kind that is under way."""
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
            for kind in findings.look(self.world, permit, report):
                far.outcomes.append(kind)
                if self._ended.is_set():
                    break
        except GoldseamError as error:
            far.error = error.message
        except Exception:
            far.error = "Something unexpected happened; the server's log says more."
            LOG.exception("looking over project %s stopped", permit.project.id)
        finally:
            far.goes_on = False
