"""Neighbors: which boxes, spans or runs of the same item touch each other, without looking at every pair.

In: a group and an interval on one or two axes for each thing. Out: pairs of positions, chunk by chunk.
Never: all pairs of a large item at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]

Limits = NDArray[Any]
"""Numbers, (n,) or (n, axes)."""

_PAIRS = 1 << 21
"""Pairs handed out at once."""


def pairs_between(
    group_a: NDArray[np.integer[Any]], low_a: Limits, high_a: Limits,
    group_b: NDArray[np.integer[Any]], low_b: Limits, high_b: Limits,
) -> Iterator[tuple[Index, Index]]:  # fmt: skip
    """Yield the pairs (position in a, position in b) of the same group whose intervals share some length.

    Limits are (n,) or (n, axes); of several axes, the one that leaves fewest pairs is looked at, so that what comes out
    may still miss each other on another one.
    """
    if not (len(group_a) and len(group_b)):
        return
    sweeps = []
    for axis in range(1 if low_a.ndim == 1 else low_a.shape[1]):
        one = (low_a, high_a) if low_a.ndim == 1 else (low_a[:, axis], high_a[:, axis])
        two = (low_b, high_b) if low_b.ndim == 1 else (low_b[:, axis], high_b[:, axis])
        sweeps.append(_Sweep(group_a, *one, group_b, *two))
    best = min(sweeps, key=lambda sweep: sweep.n_pairs)
    yield from best.pairs()


def pairs_within(group: NDArray[np.integer[Any]], low: Limits, high: Limits) -> Iterator[tuple[Index, Index]]:
    """Yield the pairs of positions (each pair once, never a thing with itself) as `pairs_between` does."""
    for first, second in pairs_between(group, low, high, group, low, high):
        kept = first < second
        yield first[kept], second[kept]


class _Sweep:
    """Pairs on one axis: those whose second begins within the first, and those whose first begins within the second."""

    def __init__(
        self, group_a: NDArray[np.integer[Any]], low_a: Limits, high_a: Limits,
        group_b: NDArray[np.integer[Any]], low_b: Limits, high_b: Limits,
    ) -> None:  # fmt: skip
        values, places = np.unique(np.concatenate([low_a, high_a, low_b, high_b]), return_inverse=True)
        places = places.reshape(-1)
        cuts = np.cumsum([len(low_a), len(high_a), len(low_b)])
        rank_low_a, rank_high_a, rank_low_b, rank_high_b = np.split(places, cuts)
        wide = np.int64(len(values))
        key_a, key_b = group_a.astype(np.int64) * wide, group_b.astype(np.int64) * wide
        self.order_a = np.argsort(key_a + rank_low_a, kind="stable")
        self.order_b = np.argsort(key_b + rank_low_b, kind="stable")
        lows_a, lows_b = (key_a + rank_low_a)[self.order_a], (key_b + rank_low_b)[self.order_b]
        has_a, has_b = rank_high_a > rank_low_a, rank_high_b > rank_low_b
        # a thing without length shares none: it gets an empty stretch on its own side, and is dropped on the other
        self.from_b = np.searchsorted(lows_b, key_a + rank_low_a, side="left")
        self.many_b = np.where(has_a, np.searchsorted(lows_b, key_a + rank_high_a, side="left") - self.from_b, 0)
        self.from_a = np.searchsorted(lows_a, key_b + rank_low_b, side="right")
        self.many_a = np.where(has_b, np.searchsorted(lows_a, key_b + rank_high_b, side="left") - self.from_a, 0)
        self.many_a = np.maximum(self.many_a, 0)
        self.has_a, self.has_b = has_a, has_b
        self.n_pairs = int(self.many_a.sum()) + int(self.many_b.sum())

    def pairs(self) -> Iterator[tuple[Index, Index]]:
        for start, stop in chunks(self.many_b, _PAIRS):
            row, place = ragged(self.many_b[start:stop])
            second = self.order_b[self.from_b[start:stop][row] + place]
            kept = self.has_b[second]
            yield (row + start)[kept], second[kept]
        for start, stop in chunks(self.many_a, _PAIRS):
            row, place = ragged(self.many_a[start:stop])
            first = self.order_a[self.from_a[start:stop][row] + place]
            kept = self.has_a[first]
            yield first[kept], (row + start)[kept]


def summed(group: NDArray[Any], values: NDArray[Any], n_groups: int) -> NDArray[np.float64]:
    """Return the sum of the values of each group."""
    return np.bincount(group, weights=values, minlength=n_groups).astype(np.float64, copy=False)


def ragged(many: Index) -> tuple[Index, Index]:
    """Return, for groups of `many` entries each, the group of every entry and its place in it."""
    total = int(many.sum())
    group = np.repeat(np.arange(len(many)), many)
    begin = np.cumsum(many) - many
    return group, np.arange(total) - begin[group]


def chunks(many: Index, most: int) -> list[tuple[int, int]]:
    """Cut groups of `many` entries each into runs of groups with at most `most` entries together (or one group)."""
    reach = np.cumsum(many)
    cuts, start, done = [], 0, 0
    while start < len(many):
        stop = max(int(np.searchsorted(reach, done + most, side="right")), start + 1)
        cuts.append((start, stop))
        start, done = stop, int(reach[stop - 1])
    return cuts
