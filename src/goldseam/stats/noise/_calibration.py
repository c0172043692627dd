"""Calibration: a power and a shift per label that make a model's probabilities fit labels.

In: logarithms of probabilities (n, k), and labels or a posterior (n, k). Out: the power and the shifts.
Never: a step that fits worse than the one before.
"""

from __future__ import annotations

import numpy as np

from goldseam.stats.noise._given import Array

_ROUNDS = 12
_HALVINGS = 6
_POWERS = (0.2, 5.0)
_SETTLED = 1e-4
"""A round that gains less than this share of the log loss is the last."""


def softmax(logs: Array) -> Array:
    """Return probabilities from logarithms, row by row."""
    held: Array = logs - logs.max(axis=1, keepdims=True)
    np.exp(held, out=held)
    held /= held.sum(axis=1, keepdims=True)
    return held


def recalibrated(logs: Array, target: Array) -> tuple[float, Array]:
    r"""Return the power a and the shifts b (k,) for which :math:`\mathrm{softmax}(a \log p + b)` fits the target best.

    A row of the target sums to the weight of its item. The log loss has a ridge on b, of one item. Its Hessian in b is a
    Laplacian, so half a step of Newton's method on the diagonal never goes too far. A label without any weight in the
    target keeps 0.

    References
    ----------
    Guo et al. (2017), On calibration of modern neural networks, ICML, for the scaling.
    """
    n_labels = logs.shape[1]
    power, shift = 1.0, np.zeros(n_labels)
    if not logs.size:
        return power, shift
    many, weight = target.sum(axis=0), target.sum(axis=1)
    told = float((target * logs).sum())
    loss, proba = _loss(logs, target, weight, power, shift)
    for _ in range(_ROUNDS):
        mean = np.einsum("ij,ij->i", proba, logs)
        square = np.einsum("ij,ij,ij->i", proba, logs, logs)
        slope = told - float(weight @ mean)
        curve = float(weight @ (square - mean**2)) + 1.0
        slopes = np.where(many > 0, many - weight @ proba - shift, 0.0)
        curves = weight @ (proba - proba**2) + 1.0
        better = False
        for half in range(1, _HALVINGS):
            step = 0.5**half
            tried = (float(np.clip(power + step * slope / curve, *_POWERS)), shift + step * slopes / curves)
            new, held = _loss(logs, target, weight, *tried)
            if new < loss:
                better = loss - new > _SETTLED * abs(loss)
                (power, shift), loss, proba = tried, new, held
                break
        if not better:
            break
    return power, shift


def _loss(logs: Array, target: Array, weight: Array, power: float, shift: Array) -> tuple[float, Array]:
    held = power * logs + shift
    held -= held.max(axis=1, keepdims=True)
    fit = float(np.einsum("ij,ij->", target, held))
    np.exp(held, out=held)
    total = held.sum(axis=1, keepdims=True)
    held /= total
    return float(weight @ np.log(total[:, 0])) - fit + 0.5 * float(shift @ shift), held
