"""The sealer: gives new entries of the ledger their place and signs a checkpoint, once a second, in the background.

In: a world. Out: checkpoints. Never: an act that waits for it, or an end that leaves work behind.
"""

from __future__ import annotations

import logging
import threading
from typing import Final, Protocol

from goldseam.edge.runner import log
from goldseam.edge.runner.world import World

LOG = logging.getLogger("goldseam.sealer")

EVERY_SECONDS: Final = 1.0
LONGEST_WAIT: Final = 60.0


class Background(Protocol):
    """What runs beside a server from its start to its end: a sealer, or a worker that does more."""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End, and leave nothing unsealed."""
        ...

    def text(self) -> bytes:
        """Return its figures as Prometheus reads them."""
        ...


class Sealer:
    """A thread that seals until it is stopped; a failure is logged and tried again, at growing distances."""

    def __init__(self, world: World, every_seconds: float = EVERY_SECONDS) -> None:
        self._world = world
        self._every = every_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="goldseam-sealer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def text(self) -> bytes:
        """Return no figures."""
        return b""

    def stop(self) -> None:
        """Seal once more what is there, and end."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        wait = self._every
        while not self._ended.wait(wait):
            wait = self._every if self._seal() else min(wait * 2, LONGEST_WAIT)
        self._seal()

    def _seal(self) -> bool:
        try:
            log.seal(self._world)
        except Exception:
            LOG.exception("Sealing failed; what was done is safe, and is sealed at the next try.")
            return False
        return True
