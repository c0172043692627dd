"""K. L. Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement, BJMSP 61, 29-48.

The paradox of kappa: two raters agree on 118 of 125, nearly always on one label, and kappa and pi fall below 0.
"""

from __future__ import annotations

import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes

FIRST = ["+"] * 118 + ["+"] * 5 + ["-"] * 2
SECOND = ["+"] * 118 + ["-"] * 5 + ["+"] * 2


@pytest.fixture
def votes() -> Votes:
    places = list(range(125))
    return Votes.from_arrays(places + places, [1] * 125 + [2] * 125, FIRST + SECOND)


def test_ac1_stays_high_where_kappa_and_pi_collapse(votes: Votes) -> None:
    assert agreement.percent(votes).value == pytest.approx(0.944)
    assert agreement.gwet_ac1(votes).value == pytest.approx(0.9408, abs=5e-5)
    assert agreement.cohen_kappa(FIRST, SECOND).value == pytest.approx(-0.0234, abs=5e-5)
    assert agreement.scott_pi(votes).value == pytest.approx(-0.0288, abs=5e-5)


def test_ac2_without_partial_credit_is_ac1(votes: Votes) -> None:
    plain = [[1.0, 0.0], [0.0, 1.0]]
    assert agreement.gwet_ac2(votes, plain).value == pytest.approx(agreement.gwet_ac1(votes).value, abs=1e-12)
