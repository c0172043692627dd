"""Risk: how far a stated probability can be believed.

In: probabilities with the labels that turned out right; counts. Out: a temperature, a calibration error, bounds on a
rate. Never: a bound outside 0 to 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, log_softmax, ndtri, softmax

from goldseam.stats.votes import BadVotes

_TINY = 1e-12
_COLDEST, _HOTTEST = 0.05, 20.0


class Bounds(NamedTuple):
    """A confidence interval for a rate."""

    low: float
    high: float


def temperature(proba: ArrayLike, y: ArrayLike) -> float:
    r"""Return the temperature T that makes probabilities fit the labels best: softmax(log p / T).

    Minimizes :math:`-\sum_i \log \mathrm{softmax}(z_i/T)_{y_i}`, which is convex in 1/T. Rows that are probabilities
    (within 0 to 1, with sum 1) are taken as such, any others as logits. T stays between 0.05 and 20; without labels
    it is 1.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), On calibration of modern neural networks.
    """
    logits, right = _logits(proba), np.asarray(y, dtype=np.int64)
    _same_length(logits, right)
    if len(right) == 0 or logits.shape[1] < 2:
        return 1.0
    seen = logits[np.arange(len(right)), right].mean()
    low, high = 1.0 / _HOTTEST, 1.0 / _COLDEST
    for _ in range(60):  # the slope of the loss grows with 1/T: bisect for its zero
        middle = np.sqrt(low * high)
        slope = (softmax(middle * logits, axis=1) * logits).sum(axis=1).mean() - seen
        low, high = (middle, high) if slope < 0 else (low, middle)
    return float(1.0 / np.sqrt(low * high))


def scaled(proba: ArrayLike, by_temperature: float) -> NDArray[np.float64]:
    """Return the probabilities softmax(log p / T); T above 1 makes them less sure."""
    if by_temperature <= 0:
        raise BadVotes(f"A temperature of {by_temperature} is not above 0.")
    return np.asarray(softmax(_logits(proba) / by_temperature, axis=1))


def log_loss(proba: ArrayLike, y: ArrayLike) -> float:
    """Return the mean negative log probability (nats) of the labels that turned out right; 0 without labels."""
    logits, right = _logits(proba), np.asarray(y, dtype=np.int64)
    _same_length(logits, right)
    if len(right) == 0:
        return 0.0
    return float(-log_softmax(logits, axis=1)[np.arange(len(right)), right].mean())


def expected_calibration_error(proba: ArrayLike, y: ArrayLike, *, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over bins of equal width, weighted by their items.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.
    """
    table, right = np.asarray(proba, dtype=np.float64), np.asarray(y, dtype=np.int64)
    _same_length(table, right)
    if len(right) == 0:
        return 0.0
    confidence = table.max(axis=1)
    hit = table.argmax(axis=1) == right
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(place, weights=hit - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(right))


def wilson(k: float, n: int, level: float = 0.95) -> Bounds:
    """Return Wilson's score interval for a rate, from k hits in n trials; without trials it is 0 to 1.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]

    References
    ----------
    Wilson (1927), JASA 22.
    """
    _counts(k, n, level)
    if n == 0:
        return Bounds(0.0, 1.0)
    z = float(ndtri(0.5 + level / 2))
    rate, spread = k / n, z * z / n
    middle = (rate + spread / 2) / (1 + spread)
    reach = z * float(np.sqrt(rate * (1 - rate) / n + spread / (4 * n))) / (1 + spread)
    return Bounds(0.0 if k == 0 else max(0.0, middle - reach), 1.0 if k == n else min(1.0, middle + reach))


def clopper_pearson(k: int, n: int, level: float = 0.95) -> Bounds:
    """Return the exact interval for a rate, from k hits in n trials: it covers at least `level` of the time.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26.
    """
    _counts(k, n, level)
    if n == 0:
        return Bounds(0.0, 1.0)
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - tail))
    return Bounds(low, high)


def _counts(k: float, n: int, level: float) -> None:
    if not 0 <= k <= n:
        raise BadVotes(f"{k} hits in {n} trials: the hits must lie between 0 and the trials.")
    if not 0 < level < 1:
        raise BadVotes(f"level={level}: a level between 0 and 1, such as 0.95, would be right.")


def _logits(proba: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(proba, dtype=np.float64)
    if table.ndim != 2:
        raise BadVotes(f"Probabilities need the shape (n_items, n_labels); these have {table.shape}.")
    is_proba = bool((table >= 0).all() and (table <= 1).all() and np.allclose(table.sum(axis=1), 1.0, atol=1e-3))
    return np.log(np.maximum(table, _TINY)) if is_proba else table


def _same_length(table: NDArray[np.float64], right: NDArray[np.int64]) -> None:
    if right.ndim != 1 or len(table) != len(right):
        raise BadVotes(f"There are {len(table)} rows of probabilities, but labels of the shape {right.shape}.")
    if len(right) and not (right.min() >= 0 and right.max() < table.shape[1]):
        raise BadVotes(f"Labels must be indices of the {table.shape[1]} columns of the probabilities.")
