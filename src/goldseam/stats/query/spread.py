"""Spread: batches that cover a pool, without any model.

In: features (n_items, n_features), which may be a file mapped to memory; those of labeled items, where there are some. Out:
item indices in the order to ask. Never: an item twice, or the distances of all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.query import _clusters as clusters
from goldseam.stats.query._checks import Chosen, Floats, Scores, features_of, first, labeled_of, some, wanted

MOST_CLUSTERED = 20_000
"""Clusters are made from this many items at most, drawn at random."""

MOST_COVERED = 50_000
"""The k-center choice is made among this many items at most, drawn at random."""

MOST_LABELED = 512
"""More labeled items than this are stood for by as many centers."""


def diverse(features: ArrayLike, n: int, rng: np.random.Generator) -> Chosen:
    """Return `n` item indices that cover the pool: the most central item of each of n clusters, largest cluster first.

    A cold start, when no model exists. Above 20,000 items the clusters are made from that many drawn at random.
    """
    table = features_of(features)
    n = wanted(n, len(table))
    if n == len(table):
        return rng.permutation(n)
    candidates = some(len(table), max(MOST_CLUSTERED, n), rng)
    picked = clusters.one_per_cluster(table[candidates], np.ones(len(candidates)), n, rng)
    return candidates[picked]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The cluster of each item, and the most central item of each cluster; the largest cluster is the first."""

    member: Chosen
    center: Chosen


def clustered(features: ArrayLike, k: int, rng: np.random.Generator) -> Clusters:
    """Divide a pool into k clusters at most by k-means, the largest first; equal items never stand apart."""
    table = features_of(features)
    k = wanted(k, len(table))
    if k == 0:
        return Clusters(np.zeros(len(table), dtype=np.int64), np.empty(0, dtype=np.int64))
    candidates = some(len(table), max(MOST_CLUSTERED, k), rng)
    centers = clusters.kmeans(table[candidates], np.ones(len(candidates)), k, rng)
    member, apart = clusters.nearest(table, centers)
    size = np.bincount(member, minlength=k)
    order = np.argsort(-size, kind="stable")[: np.count_nonzero(size)]
    place = np.full(k, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    by_distance = np.lexsort((apart, place[member]))
    begins = np.searchsorted(place[member][by_distance], np.arange(len(order)))
    return Clusters(place[member], by_distance[begins])


def typical(features: ArrayLike, n: int, rng: np.random.Generator, *, labeled: ArrayLike | None = None) -> Chosen:
    """Return the most typical items of clusters that hold no labeled item yet, largest cluster first.

    There are as many clusters as items labeled and asked for. The most typical item has its 20 nearest neighbors closest.

    References
    ----------
    Hacohen, Dekel and Weinshall (2022), Active learning on a budget: opposite strategies suit high and low budgets.
    """
    table = features_of(features)
    known = labeled_of(labeled, table)
    n = wanted(n, len(table))
    if n in {0, len(table)}:
        return rng.permutation(n)
    candidates = some(len(table), max(MOST_CLUSTERED, n), rng)
    points = table[candidates]
    k = min(n + (0 if known is None else len(known)), len(points), max(n, 2 * MOST_LABELED))
    centers = clusters.kmeans(points, np.ones(len(points)), k, rng)
    member, _ = clusters.nearest(points, centers)
    covered = np.zeros(k) if known is None else np.bincount(clusters.nearest(known, centers)[0], minlength=k)
    size = np.bincount(member, minlength=k)
    order = np.argsort(member, kind="stable")
    ends = np.searchsorted(member[order], np.arange(k + 1))
    queues: list[Chosen] = []
    for cluster in np.lexsort((-size, covered)).tolist():
        mine = order[ends[cluster] : ends[cluster + 1]]
        if len(mine):
            queues.append(clusters.most_typical(points, mine, rng))
    return candidates[_in_turns(queues, n)]


def k_center(features: ArrayLike, n: int, rng: np.random.Generator, *, labeled: ArrayLike | None = None) -> Chosen:
    """Return `n` items, each the farthest from all that were labeled or chosen before it.

    The first is drawn at random where nothing is labeled. Above 50,000 items the choice is made among that many drawn at
    random. It seeks out what is odd, which costs labels wherever much is odd.

    References
    ----------
    Gonzalez (1985); Sener and Savarese (2018), Active learning for convolutional neural networks: a core-set approach.
    """
    table = features_of(features)
    known = labeled_of(labeled, table)
    n = wanted(n, len(table))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    candidates = some(len(table), max(MOST_COVERED, n), rng)
    points = table[candidates]
    to = clusters.distances(points)
    if known is None:
        picked = [int(rng.integers(len(points)))]
        apart = to(picked[0])
    else:
        apart = clusters.nearest(points, _stand_ins(known, rng))[1]
        picked = [int(apart.argmax())]
        apart = np.minimum(apart, to(picked[0]))
    taken = np.zeros(len(points), dtype=bool)
    for _ in range(n - 1):
        taken[picked[-1]] = True
        picked.append(int(np.where(taken, -1.0, apart).argmax()))
        np.minimum(apart, to(picked[-1]), out=apart)
    return candidates[np.array(picked, dtype=np.int64)]


def novelty(features: ArrayLike, labeled: ArrayLike | None, rng: np.random.Generator) -> Scores:
    """Return how far each item is from the nearest labeled one; from the middle of the pool where nothing is labeled.

    More than 512 labeled items are stood for by 512 centers of theirs.
    """
    table = features_of(features)
    known = labeled_of(labeled, table)
    if not len(table):
        return np.zeros(0)
    middle = np.asarray(table.mean(axis=0, keepdims=True), dtype=table.dtype)
    centers = middle if known is None else _stand_ins(known, rng)
    return np.sqrt(clusters.nearest(table, centers)[1]).astype(np.float64)


def new_distribution(
    features: ArrayLike, n: int, rng: np.random.Generator, *, labeled: ArrayLike | None = None, breadth: int = 10
) -> Chosen:
    """Return items far from all that is labeled, and unlike each other: new kinds of input rather than one odd corner.

    The `breadth` * n items farthest from what is labeled are clustered, and the most central of each cluster is taken, most
    weight of distance first.
    """
    table = features_of(features)
    n = wanted(n, len(table))
    scores = novelty(table, labeled, rng)
    candidates = first(scores, min(len(table), max(n, min(breadth * n, MOST_CLUSTERED))), rng)
    if n == len(candidates):
        return candidates
    weight = scores[candidates] + 1e-9 + 1e-3 * scores[candidates].max()
    return candidates[clusters.one_per_cluster(table[candidates], weight, n, rng)]


def _stand_ins(known: Floats, rng: np.random.Generator) -> Floats:
    if len(known) <= MOST_LABELED:
        return known
    part = known[some(len(known), MOST_CLUSTERED, rng)]
    return clusters.kmeans(part, np.ones(len(part)), MOST_LABELED, rng)


def _in_turns(queues: list[Chosen], n: int) -> Chosen:
    """Take the first of each queue, then the second of each, until there are n."""
    taken: list[int] = []
    turn = 0
    while len(taken) < min(n, sum(len(queue) for queue in queues)):
        taken += [int(queue[turn]) for queue in queues if turn < len(queue)]
        turn += 1
    return np.array(taken[:n], dtype=np.int64)
