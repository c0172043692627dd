"""C. G. Northcutt, L. Jiang, I. L. Chuang (2021), Confident learning, JAIR 70, figure 1: dogs, foxes and cows."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import noise

NAMES = ("dog", "fox", "cow")
COUNTS = [[100, 40, 20], [56, 60, 0], [32, 12, 80]]
"""The confident joint: label given by true label."""
JOINT = [[0.25, 0.1, 0.05], [0.14, 0.15, 0.0], [0.08, 0.03, 0.2]]
"""The estimated joint distribution."""


def animals() -> tuple[np.ndarray, np.ndarray]:
    """Items of which the model is sure: 0.8 for the label of the column, else 0.1."""
    given, true = (np.repeat(side.ravel(), np.ravel(COUNTS)) for side in np.indices((3, 3)))
    return given, np.where(np.eye(3, dtype=bool)[true], 0.8, 0.1)


def test_the_counts_are_those_of_the_figure() -> None:
    assert noise.joint(*animals(), names=NAMES).counts.tolist() == COUNTS


def test_the_joint_distribution_is_that_of_the_figure() -> None:
    found = noise.joint(*animals(), names=NAMES)
    assert found.calibrated == pytest.approx(np.array(JOINT), abs=0.005)
    assert found.n_expected == pytest.approx(40 + 20 + 56 + 32 + 12)


def test_items_off_the_diagonal_are_the_issues() -> None:
    found = noise.label_issues(*animals(), names=NAMES, choose="confident")
    assert found.n_issues == 160
    mistakes = {(row["given"], row["suggested"]) for row in found.rows()}
    assert ("dog", "fox") in mistakes
    assert ("fox", "cow") not in mistakes
