"""S. Siegel (1956), Nonparametric statistics for the behavioral sciences, chapter 9: three executives rank six applicants.

Kendall's coefficient of concordance is 0.16; the mean of Spearman's rho over pairs of executives follows as (3 W - 1) / 2 = -0.26.
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats.truth.order import Orders, ranking

PLACES = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]])


def test_w_is_the_published_one() -> None:
    orders = Orders.from_positions(np.repeat(range(3), 6), np.tile(list("abcdef"), 3), PLACES.ravel())
    found = ranking(orders, ["x", "y", "z"], method="borda")
    assert found.w.value == pytest.approx(0.16, abs=5e-3)
    assert found.w.value == pytest.approx(25.5 / 157.5)
    rho = np.corrcoef(PLACES)[np.triu_indices(3, 1)].mean()
    assert rho == pytest.approx((3 * found.w.value - 1) / 2)


def test_sums_of_ranks_are_those_of_the_book() -> None:
    orders = Orders.from_positions(np.repeat(range(3), 6), np.tile(list("abcdef"), 3), PLACES.ravel())
    found = ranking(orders, method="borda")
    assert 3 * (6 - 5 * found.strength) == pytest.approx([8, 14, 11, 11, 11, 8])
