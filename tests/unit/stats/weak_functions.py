"""Labeling functions drawn with known accuracies, and how right what is inferred from them is, for the tests of label models."""

from __future__ import annotations

import numpy as np

from goldseam.stats import truth


def functions(
    seed: int, accuracies: list[float], *, n: int = 2000, coverage: float = 0.6, labels: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Draw functions that give every label, independent of each other given the truth; return votes and truth."""
    rng = np.random.default_rng(seed)
    right = rng.integers(labels, size=n)
    votes = np.full((n, len(accuracies)), -1, dtype=np.int8 if labels < 128 else np.int16)
    for column, accuracy in enumerate(accuracies):
        speaks, hit = rng.random(n) < coverage, rng.random(n) < accuracy
        wrong = (right + rng.integers(1, labels, size=n)) % labels
        votes[speaks, column] = np.where(hit, right, wrong)[speaks]
    return votes, right


def f1(label: np.ndarray, right: np.ndarray) -> float:
    return float(2 * ((label == 1) & (right == 1)).sum() / ((label == 1).sum() + (right == 1).sum()))


def accuracy(found: truth.Truth, right: np.ndarray) -> float:
    return float((found.label == right).mean())
