"""Sheets: how a sheet of items that the model calls the same is laid, which are planted among them, what is looked at again.

In: counts, a generator of chance. Out: places, `Precision`. Never: an item.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from goldseam.stats.risk import wilson

MOST: Final = 24
"""Items of one sheet: what fits a screen."""
MOST_PLANTED: Final = 4
LOOKED_AT_AGAIN: Final = 0.1
"""The share of what was confirmed together that somebody else is asked about."""


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the items that the model called so people confirmed, with a 95 % interval."""

    n: int
    right: int
    low: float
    high: float


def n_planted(count: int, rate: float, rng: np.random.Generator) -> int:
    """Return how many of so many places are planted, at the rate of hidden gold."""
    return min(int(rng.binomial(count, rate)), MOST_PLANTED)


def planted_at(count: int, planted: int, rng: np.random.Generator) -> list[int]:
    """Return the places of the planted among `count` in all, in order."""
    return sorted(rng.choice(count, planted, replace=False).tolist())


def between(sure: Sequence[float], place: int, beyond: float | None) -> float:
    """Return a confidence for what is planted at a place; `beyond` is that of the first item after the sheet.

    It equals none of its neighbors unless they are equal themselves, and is as exact as the others, which were kept with 32
    bits: a tie or a longer number would tell the planted ones.
    """
    low = sure[place - 1] if place else None
    high = sure[place] if place < len(sure) else beyond
    if low is None:
        low = 0.5 if high is None else high - (sure[1] - high if len(sure) > 1 else 0.01) / 2
    if high is None:
        high = min(low + (low - sure[place - 2] if place > 1 else 0.01), (1.0 + low) / 2)
    return float(np.float32((low + high) / 2))


def n_again(confirmed: int) -> int:
    """Return how many of the confirmed somebody else is asked about: a tenth, and at least one."""
    return math.ceil(confirmed * LOOKED_AT_AGAIN)


def precision(shown: int, confirmed: int, planted: int, caught: int) -> Precision:
    """Return the precision that sheets show, without what was planted in them."""
    n, right = shown - planted, confirmed - (planted - caught)
    bounds = wilson(right, n)
    return Precision(n, right, bounds.low, bounds.high)
