"""Hybrid: the default choice. It covers the pool first, then asks where the model is torn, and never asks alike twice.

In: features, and probabilities once there is a model; costs, the error rate of labels, what is labeled. Out: item indices in
the order to ask. Never: chance beyond `rng`; a share drawn with known chances is added by `designs.beside`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.query import _clusters as clusters
from goldseam.stats.query._checks import (
    Chosen,
    Floats,
    Scores,
    features_of,
    first,
    labeled_of,
    per_item,
    same_rows,
    some,
    stretches,
    wanted,
)
from goldseam.stats.query.scores import margin
from goldseam.stats.query.spread import MOST_CLUSTERED, diverse
from goldseam.stats.votes import BadVotes

FEWEST, MOST = 3, 10
LABELS_A_BREADTH = 8
LOOKED_AT = 20
"""So many times the batch are looked at more closely."""
_COMPARED = 1_000


def hybrid(
    features: ArrayLike,
    proba: ArrayLike | None,
    n: int,
    rng: np.random.Generator,
    *,
    labeled: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    noise: float = 0.0,
    breadth: int | None = None,
) -> Chosen:
    """Return `n` items to ask about, the most wanted first; robust where other strategies have bad days.

    Without a model (`proba` None) the most central item of each of n clusters. With one, the `breadth` * n of the smallest
    margins are clustered, weighted by their margin scores, and the most central of each cluster is taken.

    Parameters
    ----------
    features, proba
        (n_items, n_features), which may be a file mapped to memory; (n_items, n_labels) of the model, or None.
    labeled
        Features of the labeled items; they matter where `noise` is above 0.
    cost
        (n_items,) what asking about each item costs, in any unit: items are then chosen by score per cost.
    noise
        The share of labels that are wrong. Where labels err a model stays torn however often one asks. The score of an item
        with m labeled items as near as its neighbors of the pool is divided by (1 + m) to the power of twice the noise.
    breadth
        Left out, it is an eighth of the number of labels, 3 at least and 10 at most: where there are many labels, the smallest
        margins of all lie between few of them.
    """
    table = features_of(features)
    known = labeled_of(labeled, table)
    price = None if cost is None else _price(cost, len(table))
    if not 0.0 <= noise <= 1.0:
        raise BadVotes(f"noise={noise}: the share of labels that are wrong lies between 0 and 1.")
    n = wanted(n, len(table))
    if proba is None:
        return diverse(table, n, rng) if price is None else _cheap_and_diverse(table, price, n, rng)
    scores = _worth(proba, price)
    same_rows(scores, table)
    if n == 0:
        return np.empty(0, dtype=np.int64)
    candidates = first(scores, _looked_at(n, len(table)), rng)
    points, weight = table[candidates], scores[candidates]
    if noise and known is not None:
        weight = weight / (1.0 + _labeled_near(points, known, rng)) ** (2.0 * noise)
    if breadth is None:
        breadth = min(MOST, max(FEWEST, round(np.shape(proba)[1] / LABELS_A_BREADTH)))
    return candidates[_unlike(points, weight, n, breadth, rng)]


def _unlike(points: Floats, weight: Scores, n: int, breadth: int, rng: np.random.Generator) -> Chosen:
    """Return n of the `breadth` * n heaviest points that are unlike each other."""
    kept = first(weight, min(len(points), max(n, breadth * n)), rng)
    if n == len(kept):
        return kept
    heavy = weight[kept] + 1e-3 * max(float(weight.max()), 1e-12)
    return kept[clusters.one_per_cluster(points[kept], heavy, n, rng)]


def torn(proba: ArrayLike, n: int, rng: np.random.Generator, *, cost: ArrayLike | None = None) -> Chosen:
    """Return the items that `hybrid` looks at for a batch of n: no other needs features.

    They are the 20 * n of the smallest margins (per cost).
    """
    scores = _worth(proba, None)
    if cost is not None:
        scores = scores / _price(cost, len(scores))
    return first(scores, _looked_at(wanted(n, len(scores)), len(scores)), rng)


def within_budget(order: ArrayLike, cost: ArrayLike, budget: float) -> Chosen:
    """Return the items of `order` that the budget pays for: each in turn, if what is left covers it.

    Examples
    --------
    >>> within_budget([2, 0, 1], [1.0, 5.0, 3.0], 4.5).tolist()
    [2, 0]
    """
    wish = np.asarray(order, dtype=np.int64)
    price = _price(cost, len(np.asarray(cost)))[wish]
    if not budget >= 0:
        raise BadVotes(f"budget={budget}: an amount of 0 or more would be right.")
    taken = []
    left = budget * (1 + 1e-12)
    least = np.minimum.accumulate(price[::-1])[::-1] if len(price) else price
    for place, each in enumerate(price.tolist()):
        if least[place] > left:
            break
        if each <= left:
            taken.append(place)
            left -= each
    return wish[np.array(taken, dtype=np.int64)]


def _cheap_and_diverse(table: Floats, price: Scores, n: int, rng: np.random.Generator) -> Chosen:
    """Return centers of twice as many clusters as asked for, those that stand for most items per cost first."""
    candidates = some(len(table), max(MOST_CLUSTERED, 2 * n), rng)
    points = table[candidates]
    k = min(2 * n, len(points))
    if k == 0:
        return np.empty(0, dtype=np.int64)
    picked = clusters.one_per_cluster(points, np.ones(len(points)), k, rng)
    stands_for = np.bincount(clusters.nearest(points, points[picked])[0], minlength=k)
    return candidates[picked[first(stands_for / price[candidates[picked]], n, rng)]]


def _worth(proba: ArrayLike, price: Scores | None) -> Scores:
    scores = margin(proba)
    return scores if price is None or len(price) != len(scores) else scores / price


def _looked_at(n: int, n_pool: int) -> int:
    return min(n_pool, max(n, min(LOOKED_AT * n, MOST_CLUSTERED)))


def _labeled_near(points: Floats, known: Floats, rng: np.random.Generator) -> Scores:
    """Return how many labeled items are as near to each point as a hundredth of the points are to each other."""
    among = points[some(len(points), _COMPARED, rng)]
    near = min(max(1, len(among) // 100), len(among) - 1)
    reach = float(np.median(np.partition(_table(among, among), near, axis=1)[:, near]))
    known = known[some(len(known), MOST_CLUSTERED, rng)]
    count = np.zeros(len(points))
    for rows in stretches(len(points), max(len(known), points.shape[1])):
        count[rows] = (_table(points[rows], known) <= reach).sum(axis=1)
    return count


def _table(points: Floats, others: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", others, others) + np.einsum("ij,ij->i", points, points)[:, None]
    return np.asarray(np.maximum(squares - 2.0 * (points @ others.T), 0.0))


def _price(cost: ArrayLike, n_items: int) -> Scores:
    price = per_item(cost, n_items, "cost")
    if len(price) and price.min() <= 0:
        raise BadVotes(f"Each cost needs to be above 0; the least of these is {price.min():g}.")
    return price
