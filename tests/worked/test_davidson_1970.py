"""R. R. Davidson (1970), On extending the Bradley-Terry model to accommodate ties, JASA 65, example 2: chocolate pudding.

Six brands in 15 pairs: how often the first was preferred, the second, and neither. The estimates are those of the paper's iterations, to
more digits in the documentation of the R package PlackettLuce (Turner, van Etten, Firth and Kosmidis 2020).
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.truth.order import PreferenceTruth, preferences

PAIRS = [
    (1, 2, 19, 22, 16), (1, 3, 16, 19, 12), (2, 3, 19, 19, 10), (1, 4, 18, 23, 13), (2, 4, 23, 19, 9),
    (3, 4, 19, 20, 15), (1, 5, 13, 19, 18), (2, 5, 16, 20, 12), (3, 5, 16, 15, 17), (4, 5, 17, 14, 16),
    (1, 6, 18, 21, 12), (2, 6, 22, 20, 12), (3, 6, 13, 18, 10), (4, 6, 14, 19, 18), (5, 6, 11, 21, 12),
]  # fmt: skip


@pytest.fixture(scope="module")
def found() -> PreferenceTruth:
    said = [
        (first, second, winner)
        for first, second, *times in PAIRS
        for winner, many in zip((first, second, "tie"), times, strict=True)
        for _ in range(many)
    ]
    return preferences(*zip(*said, strict=True), spread=None, tolerance=1e-10)


def test_worth_and_tie_are_the_published_ones(found: PreferenceTruth) -> None:
    worth = np.exp(found.strength) / np.exp(found.strength).sum()
    assert worth == pytest.approx([0.1388, 0.1730, 0.1617, 0.1654, 0.1587, 0.2024], abs=1e-4)
    assert found.tie == pytest.approx(0.7468, abs=1e-4)


def test_standard_errors_against_the_first_brand_are_the_published_ones(found: PreferenceTruth) -> None:
    table = found.covariance
    assert table is not None
    error = np.sqrt(np.diag(table) + table[0, 0] - 2 * table[0])[1:]
    assert error == pytest.approx([0.1872, 0.1935, 0.1882, 0.1927, 0.1924], abs=2e-4)
    assert (found.strength - found.strength[0])[1:] == pytest.approx([0.2202, 0.1530, 0.1753, 0.1339, 0.3771], abs=2e-4)


def test_standard_errors_against_the_mean_are_the_published_ones(found: PreferenceTruth) -> None:
    assert found.strength == pytest.approx([-0.1766, 0.0437, -0.0236, -0.0013, -0.0427, 0.2006], abs=2e-4)
    assert found.error == pytest.approx([0.1219, 0.1218, 0.1268, 0.1220, 0.1271, 0.1266], abs=2e-4)


def test_the_chance_of_a_tie_between_equals_is_what_the_parameter_says(found: PreferenceTruth) -> None:
    assert found.tie is not None
    assert found.chance(1, 1).tie == pytest.approx(found.tie / (2 + found.tie))
