"""Random effects: numbers read as truth, bent by each annotator's bias, scale and noise, with gross errors set apart.

In: `Numbers`, votes in index form with values of spread about 1. Out: `Effects`. Never: a loop over votes in Python.

Vote v of annotator a on item i is y = origin + s_a (t_i - origin) + b_a + e, where t_i, s_a and b_a are normal and e is
normal with the annotator's own variance; three votes in a thousand are gross errors, anywhere in the range. The truth and
each annotator's (scale, bias) have normal posteriors, found in turns; the rest is the best value given these (variational
EM). Every turn raises the same bound of the log likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

Array = NDArray[np.float64]

POOLED_VOTES = 20.0
"""How many votes of the crowd's noise stand beside an annotator's own."""
_GROSS_SHARE = 0.003
_PEERS = 2.0
"""As many annotators of usual spread stand beside the crowd's, so that three of them do not make a distribution."""
_USUAL_SPREAD = 0.1
_LEAST_MIDDLE = 0.3
"""Where the middle scale is below this share of their size, most votes do not follow the items, and the size is made 1."""
_LEAST = 1e-6
"""Variances stay above this share of the values' variance."""
_MOST = 0.9
_QUIETEST = 0.1
"""Nobody's noise is below this share of the usual: people like round numbers, and equal ones look like none at all."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Votes that are numbers, in index form; gold items have theirs. `voting` (n_annotators,) is true for who has votes."""

    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    value: Array
    n_items: int
    voting: NDArray[np.bool_]
    gold_item: NDArray[np.int64]
    gold_value: Array

    @property
    def n_annotators(self) -> int:
        """Number of annotators, also those without votes."""
        return len(self.voting)

    def of_annotators(self, kept: NDArray[np.bool_]) -> Numbers:
        """Return the votes of some annotators only; all indices stay."""
        v = kept[self.annotator]
        cut = (self.item[v], self.annotator[v], self.value[v])
        return Numbers(*cut, self.n_items, self.voting & kept, self.gold_item, self.gold_value)

    def by_item(self, weights: Array) -> Array:
        """Return the sum of weights (n_votes,) over the votes of each item."""
        return np.bincount(self.item, weights=weights, minlength=self.n_items).astype(np.float64, copy=False)

    def by_annotator(self, weights: Array) -> Array:
        """Return the sum of weights (n_votes,) over the votes of each annotator."""
        summed = np.bincount(self.annotator, weights=weights, minlength=self.n_annotators)
        return summed.astype(np.float64, copy=False)


@dataclass(slots=True)
class Effects:
    """What the votes say: the truth's posterior (offset from `origin`, variance) and the annotators'.

    `weight` (n_votes) is 1 for a vote without doubt, and next to nothing for a gross error; `doubt` is its probability.
    """

    origin: float
    mean: float
    spread: float
    offset: Array
    variance: Array
    scale: Array
    bias: Array
    slope_variance: Array
    bias_variance: Array
    covariance: Array
    noise: Array
    least_noise: float
    common_noise: float
    usual_scale: float
    usual_bias: float
    scale_spread: float
    bias_spread: float
    doubt: Array
    weight: Array
    log_likelihood: float = -np.inf
    iterations: int = 0
    converged: bool = False


def fit(data: Numbers, *, robust: bool, max_iterations: int, tolerance: float) -> Effects:
    """Find the effects; stop when the bound moves by less than `tolerance` per vote."""
    now = _start(data, medians(data) if robust else _means(data))
    if robust:
        _gross(data, now, _missed(data, now))
    last = -np.inf
    for iteration in range(1, max_iterations + 1):
        _annotators(data, now)
        _truth(data, now)
        missed = _missed(data, now)
        _noise(data, now, missed)
        if robust:
            _gross(data, now, missed)
        now.log_likelihood = _bound(data, now, missed, robust=robust)
        now.iterations = iteration
        if abs(now.log_likelihood - last) <= tolerance * max(len(data.value), 1):
            now.converged = True
            break
        last = now.log_likelihood
    return now


def _means(data: Numbers) -> Array:
    """Return the mean of each item's votes; of items without votes the mean of the others."""
    many = data.by_item(np.ones(len(data.value)))
    found = data.by_item(data.value) / np.maximum(many, 1.0)
    return np.where(many > 0, found, float(found[many > 0].mean()))


def medians(data: Numbers) -> Array:
    """Return the median of each item's votes, which a gross error cannot move far."""
    order = np.lexsort((data.value, data.item))
    ordered = data.value[order]
    many = np.bincount(data.item, minlength=data.n_items)
    first = np.cumsum(many) - many
    voted = many > 0
    lower, upper = (first + (many - 1) // 2)[voted], (first + many // 2)[voted]
    found = np.zeros(data.n_items)
    found[voted] = (ordered[lower] + ordered[upper]) / 2
    return np.where(voted, found, float(found[voted].mean()))


def _start(data: Numbers, middle: Array) -> Effects:
    """Begin with each item's middle, and annotators alike."""
    origin = float(middle.mean())
    offset = middle - origin
    offset[data.gold_item] = data.gold_value - origin
    spread = max(float((offset**2).mean()), _LEAST)
    off = float(np.quantile(np.abs(data.value - middle[data.item]), _MOST))
    noise = max((off / float(ndtri(0.5 + _MOST / 2))) ** 2, _LEAST)  # the variance, were the errors normal
    flat = np.zeros(data.n_annotators)
    ones = np.ones(data.n_annotators)
    clear = np.ones(len(data.value))
    return Effects(
        origin=origin,
        mean=0.0,
        spread=spread,
        offset=offset,
        variance=np.zeros(data.n_items),
        scale=ones,
        bias=flat,
        slope_variance=flat,
        bias_variance=flat,
        covariance=flat,
        noise=noise * ones,
        least_noise=max(_QUIETEST**2 * noise, _LEAST),
        common_noise=noise,
        usual_scale=1.0,
        usual_bias=0.0,
        scale_spread=_USUAL_SPREAD,
        bias_spread=_USUAL_SPREAD,
        doubt=1 - clear,
        weight=clear,
    )


def _annotators(data: Numbers, now: Effects) -> None:
    """Regress each annotator's votes on the truth; few votes are drawn towards the crowd's usual scale and bias."""
    w = now.weight / now.noise[data.annotator]
    x = now.offset[data.item]
    y = data.value - now.origin
    squares = (now.offset**2 + now.variance)[data.item]
    p11 = data.by_annotator(w * squares) + 1 / now.scale_spread
    p12 = data.by_annotator(w * x)
    p22 = data.by_annotator(w) + 1 / now.bias_spread
    r1 = data.by_annotator(w * y * x) + now.usual_scale / now.scale_spread
    r2 = data.by_annotator(w * y) + now.usual_bias / now.bias_spread
    determinant = p11 * p22 - p12**2
    now.scale = (p22 * r1 - p12 * r2) / determinant
    now.bias = (p11 * r2 - p12 * r1) / determinant
    now.slope_variance, now.bias_variance = p22 / determinant, p11 / determinant
    now.covariance = -p12 / determinant
    if len(data.gold_item):
        now.usual_bias = float(now.bias[data.voting].mean())
    else:
        _center(now, data.voting)
    now.usual_scale = float(now.scale[data.voting].mean())
    n = int(data.voting.sum()) + _PEERS
    steepness = ((now.scale - now.usual_scale) ** 2 + now.slope_variance)[data.voting]
    height = ((now.bias - now.usual_bias) ** 2 + now.bias_variance)[data.voting]
    now.scale_spread = (float(steepness.sum()) + _PEERS * _USUAL_SPREAD) / n
    now.bias_spread = (float(height.sum()) + _PEERS * _USUAL_SPREAD) / n


def _center(now: Effects, voting: NDArray[np.bool_]) -> None:
    """Let the middle scale be 1 and the crowd's bias 0: without gold, votes cannot tell these from the truth's own.

    The votes' chances stay as they are, as the truth is stretched and moved against it (Liu, Rubin and Wu 1998).
    """
    middle, size = float(np.median(now.scale[voting])), float(np.sqrt((now.scale[voting] ** 2).mean()))
    stretch = middle if middle > _LEAST_MIDDLE * size else max(size, np.finfo(np.float64).tiny)
    for name, power in (("scale", -1), ("slope_variance", -2), ("covariance", -1)):
        setattr(now, name, getattr(now, name) * stretch**power)
    for name, power in (("offset", 1), ("mean", 1), ("variance", 2), ("spread", 2)):
        setattr(now, name, getattr(now, name) * stretch**power)
    squares = (now.scale**2 + now.slope_variance)[voting]
    move = float((now.scale * now.bias + now.covariance)[voting].sum() / squares.sum())
    now.bias = now.bias - move * now.scale
    now.bias_variance = now.bias_variance - 2 * move * now.covariance + move**2 * now.slope_variance
    now.covariance = now.covariance - move * now.slope_variance
    now.offset = now.offset + move
    now.mean += move


def _truth(data: Numbers, now: Effects) -> None:
    """Weigh each item's votes, unbent, by how much they tell; few votes are drawn towards the mean of all items."""
    w = now.weight / now.noise[data.annotator]
    squares = now.scale**2 + now.slope_variance
    shift = now.scale * now.bias + now.covariance
    precision = data.by_item(w * squares[data.annotator]) + 1 / now.spread
    told = w * (now.scale[data.annotator] * (data.value - now.origin) - shift[data.annotator])
    now.offset = (data.by_item(told) + now.mean / now.spread) / precision
    now.variance = 1 / precision
    now.offset[data.gold_item] = data.gold_value - now.origin
    now.variance[data.gold_item] = 0.0
    seen = precision > 1 / now.spread
    seen[data.gold_item] = True
    now.mean = float(now.offset[seen].mean())
    now.spread = max(float(((now.offset - now.mean) ** 2 + now.variance)[seen].mean()), _LEAST)
    now.offset[~seen], now.variance[~seen] = now.mean, now.spread


def _missed(data: Numbers, now: Effects) -> Array:
    """Return the expected squared error of each vote."""
    x, a = now.offset[data.item], data.annotator
    error = data.value - now.origin - now.scale[a] * x - now.bias[a]
    wobble = now.scale**2 + now.slope_variance
    unsure = wobble[a] * now.variance[data.item] + now.slope_variance[a] * x**2
    return np.asarray(error**2 + unsure + now.bias_variance[a] + 2 * now.covariance[a] * x)


def _noise(data: Numbers, now: Effects, missed: Array) -> None:
    """Set each annotator's error variance, with `POOLED_VOTES` of the crowd's."""
    many = data.by_annotator(np.ones(len(missed)))
    pooled = POOLED_VOTES * now.common_noise
    now.noise = np.maximum((data.by_annotator(now.weight * missed) + pooled) / (many + POOLED_VOTES), now.least_noise)
    now.common_noise = max(float(1 / (1 / now.noise[data.voting]).mean()), now.least_noise)


def _chance(data: Numbers, now: Effects, missed: Array) -> Array:
    """Return the expected logarithm of each vote's density, were it no gross error."""
    noise = now.noise[data.annotator]
    return np.asarray(-0.5 * (np.log(2 * np.pi * noise) + missed / noise))


def _gross_chance(data: Numbers) -> float:
    """Return the logarithm of the density of a gross error: rare, and anywhere among the numbers told."""
    return float(np.log(_GROSS_SHARE / np.ptp(data.value)))


def _gross(data: Numbers, now: Effects, missed: Array) -> None:
    """Set the probability that a vote is a gross error, and what it then still weighs."""
    now.doubt = expit(_gross_chance(data) - np.log1p(-_GROSS_SHARE) - _chance(data, now, missed))
    now.weight = 1 - now.doubt


def _bound(data: Numbers, now: Effects, missed: Array, *, robust: bool) -> float:
    """Return the lower bound of the log likelihood that every step raises."""
    plain = _chance(data, now, missed)
    if robust:
        plain = np.logaddexp(plain + np.log1p(-_GROSS_SHARE), _gross_chance(data))
    free = np.ones(data.n_items, dtype=bool)
    free[data.gold_item] = False
    away = (now.offset - now.mean) ** 2 / now.spread
    share = np.where(free, now.variance, 1.0) / now.spread
    truth = 0.5 * float((np.log(share) - np.where(free, share + away - 1, away)).sum())
    apart = (now.noise / now.common_noise)[data.voting]
    noisy = -0.5 * POOLED_VOTES * float((np.log(apart) + 1 / apart).sum())
    return float(plain.sum()) + truth + noisy + _bound_of_annotators(now, data.voting)


def _bound_of_annotators(now: Effects, voting: NDArray[np.bool_]) -> float:
    a, b = now.scale_spread, now.bias_spread
    volume = now.slope_variance * now.bias_variance - now.covariance**2
    steepness = (now.scale - now.usual_scale) ** 2 + now.slope_variance
    height = (now.bias - now.usual_bias) ** 2 + now.bias_variance
    usual = _PEERS * (np.log(a) + _USUAL_SPREAD / a + np.log(b) + _USUAL_SPREAD / b)
    gain = np.log(volume / (a * b)) - steepness / a - height / b + 2
    return 0.5 * float(gain[voting].sum()) - 0.5 * float(usual)
