"""Loops: a thread that does one thing again and again until it is told to end.

In: a function, how often. Out: it is done. Never: an end of the thread because something failed: it is logged and tried again, at
growing distances.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

LOG = logging.getLogger("goldseam.worker")

LONGEST_WAIT: Final = 60.0


class Loop:
    """Calls a function every so many seconds; at once again after it said that there is more."""

    def __init__(self, name: str, every_seconds: float, do: Callable[[], bool], ended: threading.Event) -> None:
        self.name = name
        self._every = every_seconds
        self._do = do
        self._ended = ended
        self._thread = threading.Thread(target=self._run, name=f"goldseam-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def join(self, seconds: float | None) -> bool:
        """Wait for its end; false if it did not come in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wait = self._every
        while not self._ended.wait(wait):
            try:
                wait = 0.0 if self._do() else self._every
            except Exception:
                wait = min(max(wait, self._every) * 2, LONGEST_WAIT)
                LOG.exception("%s failed and is tried again in %.1f s", self.name, wait)
