"""Query scores: which items of the pool are worth an annotator's time.

In: a model's probabilities (n_items, n_labels), or features (n_items, n_features). Out: scores, where higher means
ask sooner, or item indices in the order to ask. Never: a draw with known chances; that is `designs`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.votes import BadVotes

Scores = NDArray[np.float64]
Chosen = NDArray[np.int64]

_MAX_CLUSTERED = 20_000
_ROUNDS = 10


def margin(proba: ArrayLike) -> Scores:
    """Return 1 minus the lead of the likeliest label over the second; 1 is a tie.

    Examples
    --------
    >>> margin([[0.5, 0.5], [0.75, 0.25]]).tolist()
    [1.0, 0.5]
    """
    table = _table(proba)
    if table.shape[1] < 2:
        return np.zeros(len(table))
    top = np.partition(table, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (top[:, 1] - top[:, 0]))


def least_confidence(proba: ArrayLike) -> Scores:
    """Return 1 minus the probability of the likeliest label."""
    return np.asarray(1.0 - _table(proba).max(axis=1))


def entropy(proba: ArrayLike) -> Scores:
    """Return the entropy of each row in nats, divided by its largest possible value: 0 to 1."""
    table = _table(proba)
    if table.shape[1] < 2:
        return np.zeros(len(table))
    logs = np.log(table, out=np.zeros_like(table), where=table > 0)
    return np.asarray(-(table * logs).sum(axis=1) / np.log(table.shape[1]))


def diverse(features: ArrayLike, n: int, rng: np.random.Generator) -> Chosen:
    """Return `n` item indices that cover the pool: the most central item of each of n clusters, largest cluster first.

    A cold start, when no model exists. Above 20,000 items the clusters are made from that many drawn at random.
    """
    table = _features(features)
    n = _wanted(n, len(table))
    if n == len(table):
        return rng.permutation(n)
    candidates = _candidates(len(table), max(_MAX_CLUSTERED, n), rng)
    picked = _one_per_cluster(table[candidates], np.ones(len(candidates)), n, rng)
    return candidates[picked]


def uncertain_and_diverse(
    proba: ArrayLike, features: ArrayLike, n: int, rng: np.random.Generator, *, breadth: int = 10
) -> Chosen:
    """Return `n` item indices that are both uncertain and unlike each other.

    The `breadth` * n items with the highest margin score are clustered, each weighted by its score, and the most
    central of each cluster is taken.

    References
    ----------
    Zhdanov (2019), Diverse mini-batch active learning.
    """
    scores, table = margin(proba), _features(features)
    if len(scores) != len(table):
        raise BadVotes(f"proba has {len(scores)} rows and features {len(table)}; both need one row per item.")
    n = _wanted(n, len(table))
    order = np.argsort(-scores, kind="stable")
    candidates = order[: max(n, min(breadth * n, _MAX_CLUSTERED))]
    if n == len(candidates):
        return candidates
    picked = _one_per_cluster(table[candidates], scores[candidates] + 1e-3, n, rng)
    return candidates[picked]


def _one_per_cluster(points: Scores, weight: Scores, n: int, rng: np.random.Generator) -> Chosen:
    """Cluster by weighted k-means, and return the point nearest to each center, heaviest cluster first."""
    if n == 0:
        return np.empty(0, dtype=np.int64)
    centers = points[_spread_seeds(points, weight, n, rng)]
    member = np.zeros(len(points), dtype=np.int64)
    for round_number in range(_ROUNDS):
        nearest = _squared_distances(points, centers).argmin(axis=1)
        if round_number and np.array_equal(nearest, member):
            break
        member = nearest
        mass = np.bincount(member, weights=weight, minlength=n)
        sums = np.zeros_like(centers)
        np.add.at(sums, member, points * weight[:, None])
        filled = mass > 0
        centers[filled] = sums[filled] / mass[filled, None]
    distance = _squared_distances(points, centers)
    mass = np.bincount(distance.argmin(axis=1), weights=weight, minlength=n)
    picked: list[int] = []
    for cluster in np.argsort(-mass, kind="stable"):
        column = distance[:, cluster].copy()
        column[picked] = np.inf  # two clusters may share their most central point
        picked.append(int(column.argmin()))
    return np.array(picked, dtype=np.int64)


def _spread_seeds(points: Scores, weight: Scores, n: int, rng: np.random.Generator) -> Chosen:
    """Return n seeds drawn one after the other with chances by squared distance to those drawn (k-means++)."""
    seeds = [int(rng.choice(len(points), p=weight / weight.sum()))]
    nearest = _squared_distances(points, points[seeds])[:, 0]
    for _ in range(n - 1):
        chance = nearest * weight
        chance[seeds] = 0.0
        total = chance.sum()
        if total <= 0:  # only copies of the seeds are left
            left = np.setdiff1d(np.arange(len(points)), seeds)
            seeds.append(int(rng.choice(left)))
        else:
            seeds.append(int(rng.choice(len(points), p=chance / total)))
        np.minimum(nearest, _squared_distances(points, points[seeds[-1:]])[:, 0], out=nearest)
    return np.array(seeds, dtype=np.int64)


def _squared_distances(points: Scores, centers: Scores) -> Scores:
    cross = points @ centers.T
    squares = (points**2).sum(axis=1)[:, None] + (centers**2).sum(axis=1)[None, :] - 2 * cross
    return np.asarray(np.maximum(squares, 0.0))


def _candidates(n_pool: int, limit: int, rng: np.random.Generator) -> Chosen:
    if n_pool <= limit:
        return np.arange(n_pool)
    return np.sort(rng.choice(n_pool, size=limit, replace=False))


def _wanted(n: int, n_pool: int) -> int:
    if n < 0:
        raise BadVotes(f"n={n}: the number of items to choose cannot be negative.")
    return min(n, n_pool)


def _table(proba: ArrayLike) -> Scores:
    table = np.asarray(proba, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise BadVotes(f"Probabilities need the shape (n_items, n_labels); these have {table.shape}.")
    return table


def _features(features: ArrayLike) -> Scores:
    table = np.asarray(features, dtype=np.float64)
    if table.ndim != 2:
        raise BadVotes(f"Features need the shape (n_items, n_features); these have {table.shape}.")
    return table
