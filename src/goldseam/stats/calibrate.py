"""Calibration of one score: what share of suggestions that state it is right; three methods, and the choice among them.

In: scores with whether each suggestion was right. Out: a `Curve` from score to chance. Never: a curve that falls as scores rise.

Isotonic regression is the best rising curve by least squares. Venn-Abers asks it twice of every score, once with a point that
is right there and once with one that is wrong; the two answers enclose a chance that is calibrated whatever the scores are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from goldseam.stats.votes import BadVotes

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Chances by score: `low` and `high` at each of the rising `knots`; for isotonic regression they are the same.

    `steps` says how it runs between knots: as steps (Venn-Abers), or straight from knot to knot.
    """

    knots: Array
    low: Array
    high: Array
    steps: bool

    def bounds(self, score: ArrayLike) -> tuple[Array, Array]:
        """Return the two chances of each score; beyond the knots Venn-Abers knows one of them only."""
        at = np.asarray(score, np.float64)
        if not self.steps:
            found = np.interp(at, self.knots, self.low)
            return found, found
        below = np.searchsorted(self.knots, at, side="right") - 1
        above = np.searchsorted(self.knots, at, side="left")
        low = np.where(below >= 0, self.low[np.maximum(below, 0)], 0.0)
        high = np.where(above < len(self.knots), self.high[np.minimum(above, len(self.knots) - 1)], 1.0)
        return low, high

    def __call__(self, score: ArrayLike) -> Array:
        """Return the chance of each score: high / (1 - low + high), which of the two loses least."""
        low, high = self.bounds(score)
        return np.asarray(high / (1.0 - low + high)) if self.steps else low


def isotonic(score: ArrayLike, right: ArrayLike) -> Curve:
    """Return the rising curve with the least squared error, straight between knots and flat beyond them.

    References
    ----------
    Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates.
    """
    knots, weight, hits = _pooled(score, right)
    found = np.asarray(isotonic_regression(hits / weight, weights=weight, increasing=True).x)
    return Curve(knots, found, found, steps=False)


def venn_abers(score: ArrayLike, right: ArrayLike) -> Curve:
    """Return the inductive Venn-Abers predictor of these scores: exact for every score, in time that is linear in them.

    References
    ----------
    Vovk, Petej and Fedorova (2015), Large-scale probabilistic predictors with and without guarantees of validity.
    """
    knots, weight, hits = _pooled(score, right)
    high = _with_one_right(weight, hits)
    low = 1.0 - _with_one_right(weight[::-1], (weight - hits)[::-1])[::-1]
    return Curve(knots, low, high, steps=True)


METHODS: Mapping[str, Callable[[ArrayLike, ArrayLike], Curve]] = {"isotonic": isotonic, "venn_abers": venn_abers}
"""Curves by name; a temperature is not one, as it works on all labels of an item at once."""


def _pooled(score: ArrayLike, right: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the distinct scores, ascending, how many suggestions have each, and how many of these are right."""
    given, hit = np.asarray(score, np.float64), np.asarray(right, np.float64)
    if given.ndim != 1 or given.shape != hit.shape or not len(given):
        raise BadVotes(
            f"Calibration takes one score and one hit or miss each; got the shapes {given.shape}, {hit.shape}."
        )
    if not np.isfinite(given).all() or not np.isin(hit, (0, 1)).all():
        raise BadVotes("Calibration takes finite scores, and 0 or 1 for whether each was right.")
    knots, place, counts = np.unique(given, return_inverse=True, return_counts=True)
    hits = np.bincount(place.ravel(), weights=hit, minlength=len(knots)).astype(np.float64)
    return knots, counts.astype(np.float64), hits


def _with_one_right(weight: Array, hits: Array) -> Array:
    """Return the isotonic value at each score, if one more suggestion there were right.

    A cumulative sum diagram with one step of slope 1 before it; the step is carried from score to score, and the corners of the
    greatest convex minorant to its right are mended as it goes. Points are (suggestions so far, hits so far).
    """
    x = np.concatenate([[-1.0, 0.0], np.cumsum(weight)]).tolist()
    y = np.concatenate([[-1.0, 0.0], np.cumsum(hits)]).tolist()
    corners: list[tuple[float, float]] = []
    for point in zip(x, y, strict=True):
        while len(corners) > 1 and not _turns_left(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    corners.reverse()
    found = np.empty(len(weight))
    before = (x[0], y[0])
    for at in range(len(weight)):
        (x0, y0), (x1, y1) = corners[-1], corners[-2]
        found[at] = (y1 - y0) / (x1 - x0)
        # The score's own suggestions now come before the added one.
        before = (before[0] + x[at + 2] - x[at + 1], before[1] + y[at + 2] - y[at + 1])
        if _above(before, corners[-1], corners[-2]):
            continue
        corners.pop()
        while len(corners) > 1 and not _turns_left(before, corners[-1], corners[-2]):
            corners.pop()
        corners.append(before)
    return found


def _turns_left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) > 0


def _above(point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Return whether a point lies on or above the line through two others, the first to the left of the second."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= 0
