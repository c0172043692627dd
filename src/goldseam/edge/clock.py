"""Time and chance: there are no others.

In: nothing, or a seed. Out: the time now, and random generators. Never: a time zone other than UTC, or chance
without a seed that can be written down.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

MOMENT = timedelta(microseconds=1)
"""The smallest step of time that the store keeps."""

SEED_BITS = 63
"""A seed fits a signed 64-bit integer, so that every ledger reader can hold it."""


class Clock(Protocol):
    """Where time and chance come from."""

    def now(self) -> datetime:
        """Return the time now, in UTC."""
        ...

    def seed(self) -> int:
        """Return a fresh seed that nobody can guess."""
        ...

    def rng(self, seed: int) -> np.random.Generator:
        """Return the generator of this seed; the same seed draws the same numbers."""
        ...


def later(now: datetime, *before: datetime | None) -> datetime:
    """Return now, or the moment after the newest of these, should the machine's clock have gone back since."""
    newest = max((moment for moment in before if moment is not None), default=None)
    return now if newest is None or now > newest else newest + MOMENT


class SystemClock:
    """The machine's own clock, and its source of unguessable numbers."""

    def now(self) -> datetime:
        """Return the time now, in UTC."""
        return datetime.now(UTC)

    def seed(self) -> int:
        """Return a fresh seed that nobody can guess."""
        return secrets.randbits(SEED_BITS)

    def rng(self, seed: int) -> np.random.Generator:
        """Return the generator of this seed; the same seed draws the same numbers."""
        return np.random.default_rng(seed)


class SeededClock(SystemClock):
    """The machine's own clock, with chance that one seed decides: for demonstrations that can be repeated."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def seed(self) -> int:
        """Return the next seed of the row that the first one began."""
        return int(self._chance.integers(2**SEED_BITS - 1))
