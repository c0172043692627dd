"""K. L. Gwet (2014), Handbook of inter-rater reliability, 4th edition, Advanced Analytics: data and results as in his R package irrCAC 1.0.

Two abstractors sort 100 pregnancies into three kinds; six psychiatrists (of Fleiss 1971) diagnose fifteen patients; four annotators of table 2.8.
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import Statistic
from goldseam.stats.votes import Votes
from tests.worked.two_annotators import labels_of, votes_of

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
PSYCHIATRISTS = "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031"


def diagnoses() -> Votes:
    counts = [[int(digit) for digit in row] for row in PSYCHIATRISTS.split()]
    return Votes.from_matrix(np.array([np.repeat(np.arange(5), row) for row in counts]), labels=list(range(5)))


@pytest.mark.parametrize(
    ("statistic", "published"),
    [
        (agreement.scott_pi, 0.7962397),
        (agreement.gwet_ac1, 0.8493305),
        (agreement.brennan_prediger, 0.835),
        (agreement.alpha, 0.7972585),
        (agreement.percent, 0.89),
    ],
)
def test_the_two_abstractors_agree_as_published(statistic: Statistic, published: float) -> None:
    assert statistic(votes_of(ABSTRACTORS)).value == pytest.approx(published, abs=5e-8)


def test_kappa_of_the_two_abstractors_is_as_published() -> None:
    assert agreement.cohen_kappa(*labels_of(ABSTRACTORS)).value == pytest.approx(0.7964094, abs=5e-8)


@pytest.mark.parametrize(
    ("statistic", "published", "expected"),
    [
        (agreement.gwet_ac1, 0.4448007, 0.1914815),
        (agreement.fleiss_kappa, 0.4139265, 0.2340741),
        (agreement.brennan_prediger, 0.4388889, 0.2),
    ],
)
def test_the_six_psychiatrists_agree_as_published(statistic: Statistic, published: float, expected: float) -> None:
    found = statistic(diagnoses())
    assert found.value == pytest.approx(published, abs=5e-8)
    assert found.observed == pytest.approx(0.5511111, abs=5e-8)
    assert found.expected == pytest.approx(expected, abs=5e-8)


def test_alpha_of_the_six_psychiatrists_is_as_published() -> None:
    assert agreement.alpha(diagnoses()).value == pytest.approx(0.4204384, abs=5e-8)


def test_ac1_of_the_abstractors_has_the_standard_error_of_the_formula_in_its_bootstrap() -> None:
    found = agreement.interval(votes_of(ABSTRACTORS), "gwet_ac1", rng=np.random.default_rng(0), draws=4000)
    assert found.low == pytest.approx(0.764, abs=0.012)  # published: (0.764, 0.935)
    assert found.high == pytest.approx(0.935, abs=0.012)
