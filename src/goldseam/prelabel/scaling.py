"""Scaling: which calibration of a model's probabilities loses least on labels that it has not seen.

In: logits of held-out items and their labels. Out: a `Scaling`. Never: a calibration judged on what it was fitted on; a label
changed by it, as only how sure the model is moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.stats import calibrate, risk
from goldseam.stats.calibrate import Curve

TEMPERATURE = "temperature"
ENOUGH = 100
"""With fewer held-out labels than this a curve has too little to go by: the temperature, one number, is taken."""
FOLDS = 5
KEPT = 1e-3
"""This share of the confidence before stays, so that a flat stretch of a curve keeps its order."""

HOTTEST = 20.0
Proba = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """How probabilities (after the temperature) become calibrated ones; without a curve they are so already.

    `cap` is how sure the number of held-out labels allows one to be; `losses` are nats per label of each method, on labels held
    out from it too.
    """

    method: str = TEMPERATURE
    curve: Curve | None = None
    cap: float = 1.0
    losses: tuple[tuple[str, float], ...] = ()

    def __call__(self, proba: Proba) -> Proba:
        """Return calibrated probabilities: the likeliest label's by the curve, the others share the rest as before."""
        return proba if self.curve is None or not len(proba) else _moved(proba, self.curve, self.cap)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return it as named arrays."""
        arrays: dict[str, NDArray[np.generic]] = {
            "scaling": np.asarray([self.method]),
            "scaling_losses": np.asarray([loss for _, loss in self.losses], np.float64),
            "scaling_methods": np.asarray([name for name, _ in self.losses], dtype=np.str_),
        }
        if self.curve is not None:
            arrays |= {"curve_knots": self.curve.knots, "curve_low": self.curve.low, "curve_high": self.curve.high}
            arrays["curve_shape"] = np.asarray([float(self.curve.steps), self.cap])
        return arrays


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Scaling:
    """Return the scaling that `to_arrays` wrote; an older model has its temperature alone."""
    if "scaling" not in arrays:
        return Scaling()
    numbers = np.asarray(arrays["scaling_losses"], np.float64).tolist()
    losses = tuple(zip((str(one) for one in arrays["scaling_methods"]), numbers, strict=True))
    method = str(arrays["scaling"][0])
    if "curve_knots" not in arrays:
        return Scaling(method, losses=losses)
    steps, cap = np.asarray(arrays["curve_shape"], np.float64).tolist()
    knots, low, high = (np.asarray(arrays[f"curve_{name}"], np.float64) for name in ("knots", "low", "high"))
    return Scaling(method, Curve(knots, low, high, bool(steps)), cap, losses)


def choose(logits: Proba, right: NDArray[np.integer], temperature: float, rng: np.random.Generator) -> Scaling:
    """Return the scaling with the least loss by cross-fitting on held-out labels, fitted on all of them.

    `temperature` is the one that the model divides by. Where two methods lose the same, the simpler is taken.
    """
    n = len(right)
    if n < ENOUGH:
        return Scaling()
    lost = {name: np.zeros(n) for name in (TEMPERATURE, *calibrate.METHODS)}
    for fold in np.array_split(rng.permutation(n), FOLDS):
        rest = np.setdiff1d(np.arange(n), fold)
        heat = risk.temperature(logits[rest], right[rest])
        learned, tested = softmax(logits[rest] / heat, axis=1), softmax(logits[fold] / heat, axis=1)
        lost[TEMPERATURE][fold] = _lost(tested, right[fold])
        for name in calibrate.METHODS:
            lost[name][fold] = _lost(_fitted(name, learned, right[rest])(tested), right[fold])
    losses = tuple((name, float(found.mean())) for name, found in lost.items())
    best = min(losses, key=lambda one: one[1])[0]
    if best == TEMPERATURE:
        return Scaling(losses=losses)
    found = _fitted(best, softmax(logits / temperature, axis=1), right)
    return Scaling(best, found.curve, found.cap, losses)


def no_surer_than_shown(logits: Proba, right: NDArray[np.integer]) -> float:
    """Return the best temperature, raised until the mean confidence is at most (hits + 1) / (n + 2).

    When every held-out label was right, likelihood alone would ask for boundless confidence; the rule of succession
    says how sure so many hits allow one to be.
    """
    found = risk.temperature(logits, right)
    allowed = (np.count_nonzero(logits.argmax(axis=1) == right) + 1) / (len(right) + 2)

    def confidence(temperature: float) -> float:
        return float(softmax(logits / temperature, axis=1).max(axis=1).mean())

    if confidence(found) <= allowed:
        return found
    low, high = found, HOTTEST
    for _ in range(40):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if confidence(middle) > allowed else (low, middle)
    return high


def _fitted(method: str, proba: Proba, right: NDArray[np.integer]) -> Scaling:
    hit = proba.argmax(axis=1) == right
    return Scaling(method, calibrate.METHODS[method](proba.max(axis=1), hit), (len(right) + 1) / (len(right) + 2))


def _lost(proba: Proba, right: NDArray[np.integer]) -> Proba:
    return np.asarray(-np.log(np.maximum(proba[np.arange(len(right)), right], 1e-12)))


def _moved(proba: Proba, curve: Curve, cap: float) -> Proba:
    rows = np.arange(len(proba))
    top = proba.argmax(axis=1)
    before = proba[rows, top]
    sure = np.clip((1 - KEPT) * curve(before) + KEPT * before, 1 - cap, cap)
    rest = proba.copy()
    rest[rows, top] = 0.0
    left = rest.sum(axis=1)
    share = np.divide(
        rest, left[:, None], out=np.full_like(rest, 1 / max(proba.shape[1] - 1, 1)), where=left[:, None] > 0
    )
    share[rows, top] = 0.0
    # The label stays the likeliest: its chance is not let fall below that of the second.
    second = share.max(axis=1)
    sure = np.maximum(sure, second / (1 + second) * (1 + 1e-6))
    found = share * (1 - sure)[:, None]
    found[rows, top] = sure
    return np.asarray(found)
