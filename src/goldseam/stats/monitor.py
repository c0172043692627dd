r"""Monitors that may be looked at any time: whether the error is still within its bound, and what it is.

In: counts of checks, and of those that were wrong. Out: e-values, alarms, intervals that hold at every moment at once.
Never: a p-value that grows false by looking often.

For a suspected error p above the bound b, each check multiplies a stake by p / b if it is wrong and by (1 - p) / (1 - b) if
not: a game that cannot be won on average while the error is at most b. Mixing over all p above b gives

.. math:: E(n, k) = \frac{\int_b^1 p^k (1-p)^{n-k} w(p)\,dp}{b^k (1-b)^{n-k}}

with w the density of Beta(1/2, 1/2) above b. By Ville's inequality E ever reaches 1 / alpha with a chance of at most alpha,
however often one looks and whenever one stops; the checks need not be independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaln, xlog1py, xlogy

from goldseam.stats.votes import BadVotes

Array = NDArray[np.float64]
_HALF = 0.5
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Watch:
    """What a series of checks says of a bound: `alarm_at` is the number of checks at which it was taken to be broken.

    `evidence` is the largest e-value so far, to be read like odds against the bound: 20 is an alarm at `alpha` 0.05.
    """

    n: int
    wrong: int
    evidence: float
    alarm_at: int | None
    low: float
    high: float

    @property
    def broken(self) -> bool:
        """Whether the bound is taken to be broken."""
        return self.alarm_at is not None


def e_value(n: ArrayLike, wrong: ArrayLike, error: float) -> Array:
    """Return the evidence against "at most `error` of the checks are wrong", for counts of any shape.

    Examples
    --------
    >>> bool(e_value(100, 5, 0.05) < 1 < e_value(100, 20, 0.05))
    True

    References
    ----------
    Ville (1939); Ramdas, Grunwald, Vovk & Shafer (2023), Game-theoretic statistics and safe anytime-valid inference.
    """
    _check_rate(error, "error")
    total, bad = _counts(n, wrong)
    a, b = bad + _HALF, total - bad + _HALF
    log = betaln(a, b) + np.log(np.maximum(betaincc(a, b, error), 1e-300))
    log -= betaln(_HALF, _HALF) + np.log(betaincc(_HALF, _HALF, error))
    log -= xlogy(bad, error) + xlog1py(total - bad, -error)
    return np.asarray(np.exp(np.minimum(log, 700.0)))


def watch(wrong: ArrayLike, *, error: float, alpha: float = 0.05) -> Watch:
    """Return what checks in the order of their time say of the bound; `wrong` is (n_checks,) of 0 and 1.

    Once broken, a bound stays broken: later good checks do not take an alarm back.

    Examples
    --------
    >>> watch([0] * 40, error=0.05).broken, watch([1, 0] * 20, error=0.05).broken
    (False, True)
    """
    _check_rate(alpha, "alpha")
    given = np.asarray(wrong)
    if given.ndim != 1 or not np.isin(given, (0, 1)).all():
        raise BadVotes("Checks are a list of 0 (right) and 1 (wrong), in the order of their time.")
    n = np.arange(1, len(given) + 1)
    bad = np.cumsum(given, dtype=np.int64)
    evidence = e_value(n, bad, error) if len(given) else np.ones(1)
    over = np.flatnonzero(evidence >= 1.0 / alpha)
    low, high = interval(len(given), int(given.sum()), alpha=alpha)
    alarm = int(over[0]) + 1 if len(over) else None
    return Watch(len(given), int(given.sum()), float(max(evidence.max(), 1.0)), alarm, float(low), float(high))


def interval(n: ArrayLike, wrong: ArrayLike, *, alpha: float = 0.05) -> tuple[Array, Array]:
    """Return bounds of the rate that hold at all numbers of checks at once, with chance 1 - `alpha`; counts of any shape.

    Wider than an interval for one moment, which may be looked at only once: at 1,000 checks by four fifths.
    Without checks the bounds are 0 and 1.

    References
    ----------
    Robbins (1970), Statistical methods related to the law of the iterated logarithm (the mixture); Waudby-Smith & Ramdas
    (2024), Estimating means of bounded random variables by betting.
    """
    _check_rate(alpha, "alpha")
    total, bad = _counts(n, wrong)
    rate = np.where(total > 0, bad / np.maximum(total, 1.0), _HALF)
    low = _edge(total, bad, rate, np.zeros(rate.shape), alpha)
    high = _edge(total, bad, rate, np.ones(rate.shape), alpha)
    return low, high


def _edge(total: Array, bad: Array, inside: Array, outside: Array, alpha: float) -> Array:
    """Return where the evidence against a rate reaches 1 / alpha, between one that it allows and an end of the scale."""
    allowed = _against(total, bad, outside) < 1.0 / alpha
    near, far = inside.copy(), outside.copy()
    for _ in range(_STEPS):
        middle = (near + far) / 2
        kept = _against(total, bad, middle) < 1.0 / alpha
        near, far = np.where(kept, middle, near), np.where(kept, far, middle)
    return np.where(allowed, outside, near)


def _against(total: Array, bad: Array, rate: Array) -> Array:
    log = betaln(bad + _HALF, total - bad + _HALF) - betaln(_HALF, _HALF)
    return np.asarray(np.exp(np.minimum(log - xlogy(bad, rate) - xlog1py(total - bad, -rate), 700.0)))


def _counts(n: ArrayLike, wrong: ArrayLike) -> tuple[Array, Array]:
    total, bad = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(wrong, dtype=np.float64))
    if (bad < 0).any() or (bad > total).any():
        raise BadVotes("The number of wrong checks lies between 0 and the number of checks.")
    return total, bad


def _check_rate(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise BadVotes(f"{name}={value}: a share between 0 and 1, such as 0.05, would be right.")
