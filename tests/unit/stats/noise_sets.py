"""Labels with known errors, for the tests of label issues."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Noisy(NamedTuple):
    """Labels given, a model's probabilities, and the true labels."""

    label: np.ndarray
    proba: np.ndarray
    true: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Which labels given are wrong."""
        return self.label != self.true


def noisy(n: int, noise: np.ndarray, *, seed: int = 0, margin: float = 3.0, share: np.ndarray | None = None) -> Noisy:
    """Draw items whose label is given by `noise[given, true]`, and a model that was fitted to the truth, mostly right."""
    rng = np.random.default_rng(seed)
    k = len(noise)
    true = rng.choice(k, size=n, p=share)
    label = (rng.random(n)[:, None] > noise.T[true].cumsum(axis=1)).sum(axis=1)
    logits = rng.normal(0, 1, (n, k))
    logits[np.arange(n), true] += margin
    proba = np.exp(logits)
    return Noisy(np.minimum(label, k - 1), proba / proba.sum(axis=1, keepdims=True), true)


def one_sided(k: int = 4, rate: float = 0.2) -> np.ndarray:
    """Confusions that are far from symmetric: a true label t is given as t + 1 at `rate`, and the last one never wrongly."""
    noise = np.eye(k)
    for true in range(k - 1):
        noise[true, true] = 1 - rate
        noise[true + 1, true] = rate
    return noise


def average_precision(wrong: np.ndarray, order: np.ndarray) -> float:
    """The area under precision over recall of an order of all items, the first most likely wrong."""
    hits = wrong[order]
    return float((np.cumsum(hits) / np.arange(1, len(order) + 1))[hits].mean())
