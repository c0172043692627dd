"""Sampling designs, and the estimates that each one licenses.

In: the size of a pool, strata or scores, and an `rng`. Out: `Chosen`, the item indices with their inclusion chances;
`Estimate` from the values seen on them. Never: a draw whose chances are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from goldseam.stats.votes import BadVotes


@dataclass(frozen=True, slots=True)
class Chosen:
    """Items chosen from a pool: their indices, in the order chosen, and the chance each one had to be chosen."""

    index: NDArray[np.int64]
    chance: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the whole pool, estimated from chosen items; `value` is None where undefined, with the reason."""

    value: float | None
    reason: str
    standard_error: float | None
    low: float | None
    high: float | None
    level: float
    n: int


def random(n_pool: int, n: int, rng: np.random.Generator) -> Chosen:
    """Choose `n` items with equal chances and without replacement.

    Examples
    --------
    >>> random(10, 4, np.random.default_rng(1)).chance.tolist()
    [0.4, 0.4, 0.4, 0.4]
    """
    n = _wanted(n, n_pool)
    index = rng.permutation(n_pool)[:n].astype(np.int64)
    return Chosen(index, np.full(n, n / n_pool if n_pool else 0.0))


def stratified(strata: ArrayLike, n: int, rng: np.random.Generator) -> Chosen:
    """Choose `n` items so that each stratum gets its share of the pool, and at least one item where n allows.

    `strata` has one entry per pool item. Within a stratum all items have the same chance, n_stratum / size.
    """
    labels = np.asarray(strata)
    if labels.ndim != 1:
        raise BadVotes(f"Strata need one entry per pool item; these have the shape {labels.shape}.")
    n = _wanted(n, len(labels))
    if n == 0:
        return Chosen(np.empty(0, dtype=np.int64), np.empty(0))
    _, member, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    quota = _quotas(sizes, n)
    order = rng.permutation(len(labels))
    order = order[np.argsort(member[order], kind="stable")]
    rank = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    index = order[rank < quota[member[order]]]
    index = index[rng.permutation(len(index))]
    return Chosen(index.astype(np.int64), (quota / sizes)[member[index]])


def by_score(scores: ArrayLike, n: int, random_share: float, rng: np.random.Generator) -> Chosen:
    """Choose the items with the highest scores, and a share of `n` at random from all the others.

    The top ones are certain (chance 1); each of the others has the same known chance, so that estimates over the
    whole pool stay honest. With `random_share` 0 the others have no chance at all and nothing can be estimated.
    Equal scores are ordered at random.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1:
        raise BadVotes(f"Scores need one entry per pool item; these have the shape {values.shape}.")
    if not 0.0 <= random_share <= 1.0:
        raise BadVotes(f"random_share={random_share}: a share between 0 and 1 would be right.")
    n = _wanted(n, len(values))
    n_random = int(np.ceil(n * random_share))
    n_top = n - n_random
    shuffled = rng.permutation(len(values))
    order = shuffled[np.argsort(-values[shuffled], kind="stable")]
    others = order[n_top:]
    drawn = others[rng.permutation(len(others))[:n_random]]
    chance = np.ones(n)
    if n_random:
        chance[n_top:] = n_random / len(others)
    return Chosen(np.concatenate([order[:n_top], drawn]).astype(np.int64), chance)


def estimate(
    values: ArrayLike,
    chance: ArrayLike,
    n_pool: int,
    *,
    method: Literal["hajek", "horvitz_thompson"] = "hajek",
    level: float = 0.95,
) -> Estimate:
    r"""Estimate the mean of a pool from chosen items and their inclusion chances.

    Horvitz-Thompson divides the weighted sum :math:`\sum y_i/\pi_i` by the size of the pool, Hajek by
    :math:`\sum 1/\pi_i`, which is steadier when the values are far from zero. The variance of the sum is Hajek's for
    designs of fixed size, :math:`\frac{n}{n-1} \sum (1-\pi_i)(e_i/\pi_i - A)^2` with A the mean of the
    :math:`e_i/\pi_i` weighted by :math:`1-\pi_i`, over the n items left to chance; for equal chances it is exact.

    References
    ----------
    Horvitz and Thompson (1952), JASA 47; Hajek (1964), Annals of Mathematical Statistics 35; Hajek (1971).
    """
    y, pi = np.asarray(values, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    if y.shape != pi.shape or y.ndim != 1:
        raise BadVotes(f"values and chance must be equally long; they have the shapes {y.shape} and {pi.shape}.")
    if len(y) and not ((pi > 0) & (pi <= 1)).all():
        raise BadVotes("An inclusion chance must be above 0 and at most 1.")
    if len(y) == 0 or n_pool <= 0:
        return Estimate(None, "No item was chosen, so nothing is known of the pool.", None, None, None, level, len(y))
    weight = 1.0 / pi
    size = float(weight.sum()) if method == "hajek" else float(n_pool)
    value = float((y * weight).sum() / size)
    residual = y - value if method == "hajek" else y
    uncertain = int((pi < 1).sum())
    if uncertain == 1:
        reason = "Only one item was left to chance, so the error of the estimate is unknown."
        return Estimate(value, reason, None, None, None, level, len(y))
    error = float(np.sqrt(_variance_of_sum(residual * weight, 1 - pi, uncertain)) / size)
    reach = float(ndtri(0.5 + level / 2)) * error
    return Estimate(value, "", error, value - reach, value + reach, level, len(y))


def _variance_of_sum(shares: NDArray[np.float64], doubt: NDArray[np.float64], uncertain: int) -> float:
    if uncertain < 2:
        return 0.0
    middle = (doubt * shares).sum() / doubt.sum()
    return float(uncertain / (uncertain - 1) * (doubt * (shares - middle) ** 2).sum())


def _quotas(sizes: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Share n out by size (largest remainders), one for every stratum first where n allows."""
    floor = np.minimum(sizes, 1) if n >= len(sizes) else np.zeros_like(sizes)
    ideal = n * sizes / sizes.sum()
    quota: NDArray[np.int64] = np.maximum(np.floor(ideal).astype(np.int64), floor)
    while quota.sum() > n:  # the floors took too much: the stratum furthest above its ideal gives
        quota[np.argmax(np.where(quota > floor, quota - ideal, -np.inf))] -= 1
    while quota.sum() < n:
        quota[np.argmax(np.where(quota < sizes, ideal - quota, -np.inf))] += 1
    return quota


def _wanted(n: int, n_pool: int) -> int:
    if n < 0 or n_pool < 0:
        raise BadVotes(f"n={n} of a pool of {n_pool}: neither can be negative.")
    return min(n, n_pool)
