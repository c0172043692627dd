"""Mixed: batches that are both uncertain and unlike each other.

In: probabilities, or scores made from them, and features. Out: item indices in the order to ask. Never: an item twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.query import _clusters as clusters
from goldseam.stats.query._checks import (
    Chosen,
    Scores,
    features_of,
    first,
    per_item,
    probabilities,
    same_rows,
    stretches,
    wanted,
)
from goldseam.stats.query.scores import margin
from goldseam.stats.query.spread import MOST_CLUSTERED


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
    scores, table = margin(proba), features_of(features)
    same_rows(scores, table)
    n = wanted(n, len(table))
    candidates = first(scores, min(len(table), max(n, min(breadth * n, MOST_CLUSTERED))), rng)
    if n == len(candidates):
        return candidates
    return candidates[clusters.one_per_cluster(table[candidates], scores[candidates] + 1e-3, n, rng)]


def density_weighted(scores: ArrayLike, features: ArrayLike, *, power: float = 1.0) -> Scores:
    """Return scores times how much each item is like the others of the pool, from 0 to 1, to this power.

    Likeness is the mean cosine to all items; as it is that to the mean of all rows of length 1, no pair is looked at.

    References
    ----------
    Settles and Craven (2008), An analysis of active learning strategies for sequence labeling tasks.
    """
    table = features_of(features)
    values = per_item(scores, len(table), "scores")
    total = np.zeros(table.shape[1])
    length = np.zeros(len(table))
    for rows in stretches(*table.shape):
        part = table[rows].astype(np.float64)
        length[rows] = np.linalg.norm(part, axis=1)
        total += np.divide(1.0, length[rows], out=np.zeros(len(part)), where=length[rows] > 0) @ part
    mean = (total / max(len(table), 1)).astype(table.dtype)
    likeness = np.zeros(len(table))
    for rows in stretches(*table.shape):
        np.divide(table[rows] @ mean, length[rows], out=likeness[rows], where=length[rows] > 0)
    return np.asarray(values * np.clip((1.0 + likeness) / 2.0, 0.0, 1.0) ** power)


def gradients(proba: ArrayLike, features: ArrayLike, n: int, rng: np.random.Generator, *, breadth: int = 20) -> Chosen:
    """Return `n` items drawn apart (k-means++) by the gradient that each would have if its likeliest label were true.

    For a linear model that gradient is the outer product of (p - e) and the item's features, with e the likeliest label as
    a vector of 0 and 1; lengths and products of such gradients follow from those of their factors, so that none is made.
    The first is the longest. Above 20,000 items, only the `breadth` * n of the longest gradients (20,000 at least) are
    looked at.

    References
    ----------
    Ash et al. (2020), Deep batch active learning by diverse, uncertain gradient lower bounds (BADGE).
    """
    table, known = features_of(features), probabilities(proba)
    same_rows(known, table)
    n = wanted(n, len(table))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    length = np.zeros(len(table))
    for rows in stretches(len(table), max(table.shape[1], known.shape[1])):
        part = _residual(known[rows])
        squares = np.einsum("ij,ij->i", table[rows], table[rows])
        length[rows] = np.einsum("ij,ij->i", part, part) * squares
    candidates = first(length, min(len(table), max(n, MOST_CLUSTERED, min(breadth * n, 2 * MOST_CLUSTERED))), rng)
    points, residual, squares = table[candidates], _residual(known[candidates]), length[candidates]

    def to(index: int) -> Scores:
        product = (points @ points[index]).astype(np.float64) * (residual @ residual[index])
        return np.asarray(np.maximum(squares + squares[index] - 2.0 * product, 0.0))

    longest = int(squares.argmax())
    return candidates[clusters.spread(len(candidates), np.ones(len(candidates)), n, rng, to, longest)]


def _residual(proba: np.ndarray) -> np.ndarray:
    residual = proba.copy()
    residual[np.arange(len(proba)), proba.argmax(axis=1)] -= 1.0
    return residual
