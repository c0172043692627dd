"""Kemeny: the order that turns around the fewest ranked pairs.

In: counts of how often each item is put before each other. Out: `Best`. Never: a claim to be the best order where that was
not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EXACT = 18
"""Up to so many items that beat each other in circles the best order is found for sure: 2^18 sets, 40 MB, about 0.1 s."""
_PASSES = 100


@dataclass(frozen=True, slots=True)
class Best:
    """An order (item indices, best first), the ranked pairs that it turns around, and whether no order has fewer.

    `n_best` is how many orders have as few, None where that was not counted; it may be very large.
    """

    order: NDArray[np.int64]
    turned: float
    exact: bool
    n_best: int | None


def best_order(counts: Array, start: Array) -> Best:
    """Return the best order, from groups that the majority puts behind each other (Truchon 1998).

    Within a group of at most `EXACT` items all orders are searched by dynamic programming over sets (Betzler et al. 2009);
    in a larger one, items are moved, one at a time, from the order of `start` until no move helps.
    """
    found: list[int] = []
    exact, n_best = True, 1
    for group in _groups(counts):
        table = counts[np.ix_(group, group)]
        if len(group) <= EXACT:
            order, many = _searched(table, start[group])
            n_best *= many
        else:
            order = _improved(table, np.argsort(-start[group], kind="stable"))
            exact = bool(_turned(table, order) <= np.minimum(table, table.T).sum() / 2 + 1e-9) and exact
            n_best = 0
        found.extend(group[order].tolist())
    result = np.array(found, dtype=np.int64)
    return Best(result, _turned(counts, result), exact, n_best or None)


def _turned(counts: Array, order: NDArray[np.int64]) -> float:
    """Return how many ranked pairs an order turns around."""
    return float(np.tril(counts[np.ix_(order, order)], -1).sum())


def _groups(counts: Array) -> list[NDArray[np.int64]]:
    """Return groups of items, best first: of two in different groups the majority prefers that of the earlier one."""
    ahead = counts >= counts.T
    np.fill_diagonal(ahead, val=False)
    order = np.argsort(-ahead.sum(axis=1), kind="stable")  # whoever is in an earlier group is ahead of more
    sorted_so = ahead[np.ix_(order, order)]
    inside = np.cumsum(np.tril(sorted_so).sum(axis=1) + np.triu(sorted_so).sum(axis=0))
    into = np.cumsum(sorted_so.sum(axis=0)) - inside  # from those behind, to the first k
    return np.split(order, np.flatnonzero(into[:-1] == 0) + 1)


def _searched(counts: Array, start: Array) -> tuple[NDArray[np.int64], int]:
    """Return the best of all orders, and how many are as good; of these the one that follows `start` most."""
    n = len(counts)
    size = 1 << n
    behind = counts.sum(axis=0)  # rankings that put anyone before the item
    above = np.zeros((size, n))
    for one in range(n):
        above[1 << one : 2 << one] = above[: 1 << one] + counts[one]
    cost, many = np.full(size, np.inf), np.zeros(size)
    cost[0], many[0] = 0.0, 1.0
    sets = np.arange(size)
    fill = np.bitwise_count(sets)
    slack = 1e-9 * max(float(counts.sum()), 1.0)
    for filled in range(n):
        placed = sets[fill == filled]
        for one in range(n):
            free = placed[(placed >> one) & 1 == 0]
            longer = free | (1 << one)
            total = cost[free] + behind[one] - above[free, one]  # whoever is still to come was put before it so often
            better, same = total < cost[longer] - slack, np.abs(total - cost[longer]) <= slack
            many[longer] = np.where(better, many[free], many[longer] + np.where(same, many[free], 0.0))
            cost[longer] = np.where(better, total, cost[longer])
    order = np.empty(n, dtype=np.int64)
    left = size - 1
    weakest = np.argsort(start, kind="stable")
    for place in range(n - 1, -1, -1):
        for one in weakest.tolist():
            shorter = left & ~(1 << one)
            if left >> one & 1 and abs(cost[shorter] + behind[one] - above[shorter, one] - cost[left]) <= slack:
                order[place], left = one, shorter
                break
    return order, int(many[-1])


def _improved(counts: Array, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move single items to where they turn around the fewest pairs, until none has a better place."""
    lead = counts - counts.T
    best = list(order.tolist())
    for _ in range(_PASSES):
        moved = False
        for one in order.tolist():
            place = best.index(one)
            rest = np.array(best[:place] + best[place + 1 :], dtype=np.int64)
            gain = np.concatenate([[0.0], np.cumsum(lead[rest, one])])  # of standing behind the first k of the rest
            target = int(gain.argmax())
            if gain[target] > gain[place] + 1e-9:
                best = [*rest[:target].tolist(), one, *rest[target:].tolist()]
                moved = True
        if not moved:
            break
    return np.array(best, dtype=np.int64)
