"""J. Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 37-46.

And J. Cohen (1968), Weighted kappa, Psychological Bulletin 70, 213-220, which weights the same 200 diagnoses.
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import agreement

TABLE = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
DISAGREEMENT_1968 = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])


def judges() -> tuple[list[str], list[str]]:
    names = ["personality disorder", "neurosis", "psychosis"]
    pairs = [(names[i], names[j]) for i in range(3) for j in range(3) for _ in range(TABLE[i, j])]
    return [first for first, _ in pairs], [second for _, second in pairs]


LABELS = ["personality disorder", "neurosis", "psychosis"]


def test_kappa_of_the_200_diagnoses_is_0_492() -> None:
    found = agreement.cohen_kappa(*judges())
    assert found.observed == pytest.approx(0.70)
    assert found.expected == pytest.approx(0.41)
    assert found.value == pytest.approx(0.492, abs=5e-4)
    assert found.n_items == 200


def test_weighted_kappa_of_1968_is_0_348() -> None:
    weights = 1 - DISAGREEMENT_1968 / DISAGREEMENT_1968.max()
    found = agreement.cohen_kappa(*judges(), weights, labels=LABELS)
    assert found.value == pytest.approx(0.348, abs=5e-4)
