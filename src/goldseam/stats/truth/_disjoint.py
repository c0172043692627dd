"""Disjoint: of spans that may cross, those that do not and are worth most together.

In: spans of items with what each is worth. Out: which to keep. Never: a loop over spans; all items go step by step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._neighbors import Index
from goldseam.stats.truth.record import Array


def best_disjoint(item: Index, start: Index, end: Index, worth: Array) -> NDArray[np.bool_]:
    """Return which spans to keep so that none of one item share a position and the kept ones are worth most in sum.

    Weighted interval scheduling by dynamic programming, within each knot of spans that hang together. Spans worth
    nothing or less are dropped only where they are in the way of others.
    """
    kept = np.ones(len(item), dtype=bool)
    if not len(item):
        return kept
    knot = _knots(item, start, end)
    many = np.bincount(knot)
    tangled = np.flatnonzero(many[knot] > 1)
    if not len(tangled):
        return kept
    order = tangled[np.lexsort((end[tangled], knot[tangled]))]
    _, group = np.unique(knot[order], return_inverse=True)
    group = group.reshape(-1)
    kept[order] = _scheduled(group, start[order], end[order], worth[order])
    return kept


def _knots(item: Index, start: Index, end: Index) -> Index:
    """Number the groups of spans that share positions with each other, directly or through others."""
    order = np.lexsort((start, item))
    wide = np.int64(int(end.max()) - int(start.min()) + 1)
    shift = item[order] * wide - int(start.min())
    reach = np.maximum.accumulate(end[order] + shift)
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = start[order][1:] + shift[1:] >= reach[:-1]
    knot = np.empty(len(order), dtype=np.int64)
    knot[order] = np.cumsum(opens) - 1
    return knot


def _scheduled(group: Index, start: Index, end: Index, worth: Array) -> NDArray[np.bool_]:
    """Keep the best spans of each group; spans come in order of group and end."""
    n_groups = int(group[-1]) + 1
    begin = np.searchsorted(group, np.arange(n_groups))
    many = np.diff(np.append(begin, len(group)))
    wide = np.int64(int(end.max()) - int(start.min()) + 2)
    before = np.searchsorted(group * wide + end - start.min(), group * wide + start - start.min(), side="right")
    before = np.maximum(before - begin[group], 0)  # how many spans of the group end before this one starts
    best = np.zeros((n_groups, int(many.max()) + 1))
    takes = np.zeros(len(group), dtype=bool)
    for step in range(int(many.max())):
        rows = np.flatnonzero(many > step)
        place = begin[rows] + step
        with_it = worth[place] + best[rows, before[place]]
        takes[place] = with_it > best[rows, step]
        best[rows, step + 1] = np.maximum(with_it, best[rows, step])
    kept = np.zeros(len(group), dtype=bool)
    left = many.copy()
    while (left > 0).any():
        rows = np.flatnonzero(left > 0)
        place = begin[rows] + left[rows] - 1
        taken = takes[place]
        kept[place[taken]] = True
        left[rows] = np.where(taken, before[place], left[rows] - 1)
    return kept
