"""Members: several estimates of the same numbers, and how much of each predicts best what the other half of a crowd says.

In: `Numbers`. Out: `Members`, their shares. Never: chance; annotators are dealt out in turns along orders that their votes
give.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.truth import _random_effects as effects
from goldseam.stats.truth._random_effects import Array, Effects, Numbers

_LEAST_ANNOTATORS = 6
_LEAST_ITEMS = 20
_FEW_VOTES = 100_000
"""Up to here the crowd is halved in several ways, beyond in one: with many votes one tells enough."""
_ROUNDS = 50
_TAIL, _FENCE, _SURE = 0.1, 4.0, 2.0


@dataclass(frozen=True, slots=True)
class Members:
    """Estimates (n_items, k) by the robust model (if asked for), the plain model and the mean, and their standard errors.

    `models` are the fits behind all but the last; `many` is how many votes each item has.
    """

    value: Array
    error: Array
    models: tuple[Effects, ...]
    many: Array


@dataclass(frozen=True, slots=True)
class _Half:
    """What one half of the annotators is told by: its members' estimates against the other half's mean, all centered."""

    told: Array
    wanted: Array
    weight: Array


def members_of(data: Numbers, *, robust: bool, max_iterations: int, tolerance: float) -> Members:
    """Return what the models and the mean make of the votes."""
    kinds = (True, False) if robust else (False,)
    models = tuple(effects.fit(data, robust=kind, max_iterations=max_iterations, tolerance=tolerance) for kind in kinds)
    many = data.by_item(np.ones(len(data.value)))
    voted = many > 0
    plain = models[-1]
    mean = np.where(voted, data.by_item(data.value) / np.maximum(many, 1.0), plain.origin + plain.mean)
    noise = plain.noise[data.annotator] + plain.bias_spread + plain.scale_spread * plain.offset[data.item] ** 2
    variance = np.where(voted, data.by_item(noise) / np.maximum(many, 1.0) ** 2, plain.spread)
    return Members(
        value=np.stack([*(one.origin + one.offset for one in models), mean], axis=1),
        error=np.sqrt(np.stack([*(one.variance for one in models), variance], axis=1)),
        models=models,
        many=many,
    )


def shares(data: Numbers, *, robust: bool, tolerance: float) -> Array:
    """Return the shares (k,) of the members in the final estimate.

    All are found from one half of the annotators and regressed, without negative weights, on the mean of the other half,
    which knows nothing of their errors (stacking, Breiman 1996). What that gains over the mean alone counts as far as it
    is more than chance gains. Where halves would be too small, the models share equally.
    """
    n_models = 2 if robust else 1
    alone = np.array([1.0 / n_models] * n_models + [0.0])
    orders = _orders(data)
    if len(data.value) > _FEW_VOTES:
        orders = orders[:1]
    halves = [half for order in orders for half in _halves(data, order, robust=robust, tolerance=tolerance)]
    if not halves or min(int((half.weight > 0).sum()) for half in halves) < _LEAST_ITEMS:
        return alone
    weights = _least_squares(halves)
    trust = _beyond_chance(halves, weights)
    mixed = trust * weights / weights.sum()
    mixed[-1] += 1 - trust
    return np.asarray(mixed)


def without_far_votes(data: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the votes that are not far from their item's median and from nearly all numbers told; and which were far.

    Far votes on items whose other votes lean the same way are no slips, but a long tail: then all votes are kept.
    """
    low, high = np.quantile(data.value, [_TAIL, 1 - _TAIL])
    reach = _FENCE * float(high - low)
    outside = (data.value < low - reach) | (data.value > high + reach)
    far = outside
    if outside.any():
        far = outside & (np.abs(data.value - effects.medians(data)[data.item]) > reach)
    if reach == 0 or not far.any() or _leaning(data, far, float(low) - reach, float(high) + reach):
        return data, np.zeros(len(far), dtype=bool)
    kept = ~far
    cut = replace(data, item=data.item[kept], annotator=data.annotator[kept], value=data.value[kept])
    return replace(cut, voting=cut.by_annotator(np.ones(len(cut.value))) > 0), far


def _leaning(data: Numbers, far: NDArray[np.bool_], low: float, high: float) -> bool:
    """Say whether the other votes on the items of far votes are, beyond chance, far to the same side."""
    value = np.clip(data.value, low, high)
    others = data.by_item(np.ones(len(value)))[data.item] - 1
    mean = (data.by_item(value)[data.item] - value) / np.maximum(others, 1)
    some = far & (others > 0)
    lean = np.sign(data.value[some] - np.median(value)) * (mean[some] - value.mean())
    if len(lean) < 2:
        return False
    error = float(lean.std(ddof=1)) / len(lean) ** 0.5
    return bool(float(lean.mean()) > _SURE * error)


def _halves(data: Numbers, order: NDArray[np.intp], *, robust: bool, tolerance: float) -> list[_Half]:
    """Return both halves of the annotators, dealt out in turns along the order, each against the other."""
    sides = []
    for side in (0, 1):
        kept = np.zeros(data.n_annotators, dtype=bool)
        kept[order[side::2]] = True
        half = data.of_annotators(kept)
        sides.append(members_of(half, robust=robust, max_iterations=_ROUNDS, tolerance=tolerance))
    found = []
    for own, other in (sides, sides[::-1]):
        weight = other.many * (own.many > 0)
        if weight.sum() == 0:
            return []
        told = own.value - np.average(own.value, axis=0, weights=weight)
        wanted = other.value[:, -1] - np.average(other.value[:, -1], weights=weight)
        found.append(_Half(told, wanted, weight))
    return found


def _orders(data: Numbers) -> list[NDArray[np.intp]]:
    """Return orders of the annotators by how much, how high and how widely they vote; none where they are too few."""
    many = data.by_annotator(np.ones(len(data.value)))
    voting = np.flatnonzero(many > 0)
    if len(voting) < _LEAST_ANNOTATORS:
        return []
    mean = data.by_annotator(data.value) / np.maximum(many, 1.0)
    square = data.by_annotator(data.value**2) / np.maximum(many, 1.0) - mean**2
    keys = [(many, mean), (mean, many), (square, mean)]
    return [voting[np.lexsort((second[voting].round(9), first[voting].round(9)))] for first, second in keys]


def _least_squares(halves: list[_Half]) -> Array:
    """Return the weights, none negative, with which the members come closest to what the other halves say."""
    k = halves[0].told.shape[1]
    gram, reached = np.zeros((k, k)), np.zeros(k)
    for half in halves:
        heavy = (half.told * half.weight[:, None]).T
        gram += heavy @ half.told
        reached += heavy @ half.wanted
    best, gain = np.eye(k)[-1], 0.0
    for size in range(1, k + 1):
        for some in combinations(range(k), size):
            part = np.ix_(some, some)
            if np.linalg.cond(gram[part]) > 1e10:
                continue  # they say the same
            found = np.linalg.solve(gram[part], reached[list(some)])
            won = float(found @ reached[list(some)])
            if (found >= 0).all() and won > gain * (1 + 1e-9):
                best, gain = np.zeros(k), won
                best[list(some)] = found
    return np.asarray(best)


def _beyond_chance(halves: list[_Half], weights: Array) -> float:
    """Return 1 - 1 / z^2, at least 0, with z the standard errors by which the members' errors are below the mean's."""
    reached = sum(float((half.weight * half.wanted * half.told[:, -1]).sum()) for half in halves)
    size = sum(float((half.weight * half.told[:, -1] ** 2).sum()) for half in halves)
    alone = reached / size if size > 0 else 0.0
    gains = sum(
        half.weight * ((half.wanted - alone * half.told[:, -1]) ** 2 - (half.wanted - half.told @ weights) ** 2)
        for half in halves
    )
    error = float(np.std(gains)) * len(halves[0].weight) ** 0.5
    z = float(np.sum(gains)) / error if error > 0 else 0.0
    return 1 - 1 / z**2 if z > 1 else 0.0
