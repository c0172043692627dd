"""K. Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania.

Section C: four observers, twelve units, values missing. Section A: two observers, binary. Section B: two observers, nominal.
The same data in Gwet (2014), Handbook of inter-rater reliability, table 2.8 (there the coefficients of AC1 and Fleiss).
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes

_ = None
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]


@pytest.fixture
def votes() -> Votes:
    said = [(unit, who, value) for who, row in enumerate(OBSERVERS) for unit, value in enumerate(row)]
    return Votes.from_arrays(*zip(*said, strict=True))


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_equals_the_paper_at_every_level(votes: Votes, level: str, published: float) -> None:
    found = agreement.alpha(votes, level)
    assert found.value == pytest.approx(published, abs=5e-4)
    assert (found.n_items, found.n_votes) == (11, 40)


def test_a_matrix_of_distances_does_what_the_named_level_does(votes: Votes) -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    distances = (values[:, None] - values[None, :]) ** 2
    assert agreement.alpha(votes, distances).value == pytest.approx(agreement.alpha(votes, "interval").value, abs=1e-12)


def test_alpha_of_two_observers_and_two_values_is_0_095() -> None:
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert agreement.alpha(Votes.from_matrix(np.array([first, second]).T)).value == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_two_observers_and_five_values_is_0_692() -> None:
    first, second = "aabbdcccedda", "babbbccceddd"
    votes = Votes.from_matrix(np.array([list(first), list(second)]).T, abstain="")
    assert agreement.alpha(votes).value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(
    ("statistic", "published"),
    [(agreement.gwet_ac1, 0.77544), (agreement.fleiss_kappa, 0.76117), (agreement.percent, 0.81818)],
)
def test_the_kappas_equal_gwets_handbook_on_the_same_data(
    votes: Votes, statistic: agreement.Statistic, published: float
) -> None:
    assert statistic(votes).value == pytest.approx(published, abs=5e-6)
