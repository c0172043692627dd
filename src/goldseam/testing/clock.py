"""A clock that stands still until it is told to move, and whose chance can be replayed.

In: a start and a first seed. Out: a `goldseam.edge.clock.Clock`. Never: the machine's time.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import numpy as np

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """A `Clock` for tests: `advance` moves it, seeds count up from `first_seed`."""

    def __init__(self, start: datetime = START, first_seed: int = 1) -> None:
        self._now = start
        self._next_seed = first_seed
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move the time, forward or backward, and return it."""
        with self._lock:
            self._now += by
            return self._now

    def seed(self) -> int:
        """Return the next seed."""
        with self._lock:
            seed = self._next_seed
            self._next_seed += 1
            return seed

    def rng(self, seed: int) -> np.random.Generator:
        """Return the generator of this seed."""
        return np.random.default_rng(seed)
