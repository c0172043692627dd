"""Halves: how far a model of annotators predicts better than a plain mean, asked of the other half of the crowd.

In: `Numbers`. Out: the share of the model in the final estimate, 0 to 1. Never: chance; annotators are dealt out in turns
along orders that their votes give.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.truth import _random_effects as effects
from goldseam.stats.truth._random_effects import Array, Effects, Numbers

_LEAST_ANNOTATORS = 6
_LEAST_ITEMS = 20
_FEW_VOTES = 100_000
"""Up to here the crowd is halved in several ways, beyond in one: with many votes one tells enough."""
_ROUNDS = 50


def share_of_model(data: Numbers, *, robust: bool, tolerance: float) -> float:
    """Return the weight of the model beside a plain mean that predicts the other half's mean best; 1 where it is unknown.

    Both are found from one half of the annotators, and regressed (Breiman 1996, stacking) on the mean of the other half,
    which knows nothing of their errors.
    """
    orders = _orders(data)
    if len(data.value) > _FEW_VOTES:
        orders = orders[:1]
    gram, reached = np.zeros((2, 2)), np.zeros(2)
    for order in orders:
        sides = [_estimates(data, order, side, robust=robust, tolerance=tolerance) for side in (0, 1)]
        for (own, _), (_, other) in pairwise([*sides, sides[0]]):
            both = (own[2] > 0) & (other[2] > 0)
            if both.sum() < _LEAST_ITEMS:
                return 1.0
            weight = other[2][both]
            told = np.stack([own[0][both], own[1][both]], axis=1)
            told -= np.average(told, axis=0, weights=weight)
            wanted = other[1][both] - np.average(other[1][both], weights=weight)
            gram += (told * weight[:, None]).T @ told
            reached += (told * weight[:, None]).T @ wanted
    return _share(gram, reached) if orders else 1.0


def plain_mean(data: Numbers, found: Effects) -> tuple[Array, Array, Array]:
    """Return each item's mean over votes that are no gross errors, its variance by the model, and the votes it rests on."""
    a, x = data.annotator, found.offset[data.item]
    total = data.by_item(found.weight)
    voted = total > 0
    share = found.weight / np.where(voted, total, 1.0)[data.item]
    mean = np.where(voted, data.by_item(share * data.value), found.origin + found.mean)
    error = found.noise[a] + found.bias_spread + found.scale_spread * x**2
    return mean, np.where(voted, data.by_item(share**2 * error), found.spread), total


def _estimates(
    data: Numbers, order: NDArray[np.intp], side: int, *, robust: bool, tolerance: float
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """Return what one half of the annotators says, by model and by mean (twice: as predictor, and as what is predicted)."""
    kept = np.zeros(data.n_annotators, dtype=bool)
    kept[order[side::2]] = True
    half = data.of_annotators(kept)
    found = effects.fit(half, robust=robust, max_iterations=_ROUNDS, tolerance=tolerance)
    mean, _, total = plain_mean(half, found)
    both = (found.origin + found.offset, mean, total)
    return both, both


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


def _share(gram: Array, reached: Array) -> float:
    """Return the model's share of the two weights of least squares, neither negative."""
    determinant = gram[0, 0] * gram[1, 1] - gram[0, 1] ** 2
    if determinant <= 1e-9 * gram[0, 0] * gram[1, 1]:
        return 1.0  # both say the same
    model = gram[1, 1] * reached[0] - gram[0, 1] * reached[1]
    mean = gram[0, 0] * reached[1] - gram[0, 1] * reached[0]
    model, mean = max(float(model), 0.0), max(float(mean), 0.0)
    return model / (model + mean) if model + mean > 0 else 1.0
