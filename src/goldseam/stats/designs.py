"""Sampling designs, and the estimates that each one licenses.

In: the size of a pool, strata or scores, and an `rng`. Out: `Chosen`, the item indices with their inclusion chances;
`Estimate` from the values seen on them. Never: a draw whose chances are unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    n_random = share_of(n, random_share)
    n_top = n - n_random
    shuffled = rng.permutation(len(values))
    order = shuffled[np.argsort(-values[shuffled], kind="stable")]
    others = order[n_top:]
    drawn = others[rng.permutation(len(others))[:n_random]]
    chance = np.ones(n)
    if n_random:
        chance[n_top:] = n_random / len(others)
    return Chosen(np.concatenate([order[:n_top], drawn]).astype(np.int64), chance)


def beside(sure: ArrayLike, n_pool: int, n_random: int, rng: np.random.Generator) -> Chosen:
    """Choose the items `sure` for certain, and `n_random` of all the others at random.

    The sure ones have chance 1 given the pool, each of the others the same known chance: whatever chose the sure ones,
    estimates over the whole pool stay honest.

    Examples
    --------
    >>> beside([7, 3], 10, 2, np.random.default_rng(1)).chance.tolist()
    [1.0, 1.0, 0.25, 0.25]
    """
    top = np.asarray(sure, dtype=np.int64)
    is_other = np.ones(n_pool, dtype=bool)
    is_other[top] = False
    others = np.flatnonzero(is_other)
    if len(others) + len(top) != n_pool:
        raise BadVotes("An item can be chosen once; `sure` names one twice.")
    rest = random(len(others), n_random, rng)
    return Chosen(np.concatenate([top, others[rest.index]]), np.concatenate([np.ones(len(top)), rest.chance]))


def certain_number(cost: ArrayLike, budget: float, n: int) -> int:
    """Return how many items (n at most) this budget pays for whichever they are: so many of the dearest.

    A number that is fixed before items are drawn keeps their chances known; one that depends on what was drawn would not.
    """
    dearest = np.sort(np.asarray(cost, dtype=np.float64))[::-1][:n]
    return int(np.searchsorted(np.cumsum(dearest), budget * (1 + 1e-12), side="right"))


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
    Where values are 0 or 1 and all those left to chance are the same, it would say that nothing is unknown; the error is
    then that of a share with two more of each value (Agresti and Coull).

    References
    ----------
    Horvitz and Thompson (1952), JASA 47; Hajek (1964), Annals of Mathematical Statistics 35; Hajek (1971); Agresti and
    Coull (1998), American Statistician 52.
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
    if uncertain and np.isin(y, (0.0, 1.0)).all() and np.ptp(y[pi < 1]) == 0:
        error = _error_of_unanimous(float(y[pi < 1][0]), pi[pi < 1]) * float(weight[pi < 1].sum()) / size
    reach = float(ndtri(0.5 + level / 2)) * error
    return Estimate(value, "", error, value - reach, value + reach, level, len(y))


def _error_of_unanimous(value: float, pi: NDArray[np.float64]) -> float:
    """Return the error of a share when all values drawn with these chances are the same one, 0 or 1."""
    weight = 1.0 / pi
    n = float(weight.sum() ** 2 / (weight**2).sum())
    share = (value * n + 2) / (n + 4)
    left = float((weight * (1 - pi)).sum() / weight.sum())
    return float(np.sqrt(share * (1 - share) / (n + 4) * left))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One of several draws from a pool that shrinks: values seen, their inclusion chances, the size of the pool then."""

    values: NDArray[np.float64]
    chance: NDArray[np.float64]
    n_pool: int

    @property
    def covers(self) -> bool:
        """Whether every item of the pool had a chance: the chances' inverses then sum to its size."""
        weights = float((1.0 / self.chance).sum()) if len(self.chance) else 0.0
        return self.n_pool > 0 and abs(weights - self.n_pool) <= 1e-6 * self.n_pool + 1e-9


def over_draws(draws: Sequence[Drawn], *, level: float = 0.95) -> Estimate:
    """Estimate the mean over all items from several draws, oldest first, each from what those before it had left.

    Given the past, each draw alone licenses an estimate of the whole: the values drawn before it, and an estimate of what was
    left. Their errors are not correlated, as each is 0 on average whatever came before. The estimates are averaged by the
    number of items that each draw left to chance, which is known before it is seen. Draws that gave some items no chance
    count only as what was drawn before; so do those of an earlier, smaller whole.

    References
    ----------
    Farquhar, Gal and Rainforth (2021), On statistical bias in active learning; Horvitz and Thompson (1952), JASA 47.
    """
    whole = sum(len(one.values) for one in draws[:-1]) + draws[-1].n_pool if draws else 0
    n = sum(len(one.values) for one in draws)
    found: list[tuple[int, float, float]] = []
    before, n_before = 0.0, 0
    for one in draws:
        left = int((one.chance < 1).sum())
        if one.covers and n_before + one.n_pool == whole and left != 1:
            rest = estimate(one.values, one.chance, one.n_pool, level=level)
            if rest.value is not None and rest.standard_error is not None:
                mean = (before + one.n_pool * rest.value) / whole
                found.append((left, mean, one.n_pool * rest.standard_error / whole))
        before += float(one.values.sum())
        n_before += len(one.values)
    if not found:
        reason = "No draw left two items or more to chance, so nothing is known of what was not drawn."
        return Estimate(None, reason, None, None, None, level, n)
    weight = np.array([left for left, _, _ in found], dtype=np.float64)
    if found[-1][0] == 0:  # the last draw took all that was left: nothing is unknown
        weight = np.append(np.zeros(len(found) - 1), [1.0])
    weight /= weight.sum()
    value = float(weight @ [mean for _, mean, _ in found])
    error = float(np.sqrt((weight**2) @ np.square([error for _, _, error in found])))
    reach = float(ndtri(0.5 + level / 2)) * error
    return Estimate(value, "", error, value - reach, value + reach, level, n)


def _variance_of_sum(shares: NDArray[np.float64], doubt: NDArray[np.float64], uncertain: int) -> float:
    if uncertain < 2:
        return 0.0
    middle = (doubt * shares).sum() / doubt.sum()
    return float(uncertain / (uncertain - 1) * (doubt * (shares - middle) ** 2).sum())


def share_of(n: int, share: float) -> int:
    """Return how many of n items a share is, rounded up."""
    return int(np.ceil(n * share - 1e-9))


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
