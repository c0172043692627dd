"""A. R. Feinstein and D. V. Cicchetti (1990), High agreement but low kappa: I. The problems of two paradoxes.

Journal of Clinical Epidemiology 43, 543-549: tables of a hundred items with equal observed agreement and unequal kappa.
"""

from __future__ import annotations

import pytest

from goldseam.stats import agreement
from tests.worked.two_annotators import Table, labels_of, votes_of


@pytest.mark.parametrize(
    ("table", "observed", "kappa"),
    [
        ([[40, 9], [6, 45]], 0.85, 0.70),  # the first paradox: labels about equally frequent ...
        ([[80, 10], [5, 5]], 0.85, 0.32),  # ... or one of them dominant
        ([[45, 15], [25, 15]], 0.60, 0.13),  # the second: both annotators lean the same way ...
        ([[25, 35], [5, 35]], 0.60, 0.26),  # ... or opposite ways, which kappa rewards
    ],
)
def test_kappa_falls_and_rises_while_observed_agreement_stays(table: Table, observed: float, kappa: float) -> None:
    found = agreement.cohen_kappa(*labels_of(table))
    assert found.observed == pytest.approx(observed)
    assert found.value == pytest.approx(kappa, abs=5e-3)


def test_ac1_ranks_the_first_pair_the_other_way() -> None:
    equal, dominant = (agreement.gwet_ac1(votes_of(table)).value for table in ([[40, 9], [6, 45]], [[80, 10], [5, 5]]))
    assert equal is not None
    assert dominant is not None
    assert equal == pytest.approx(0.70, abs=5e-3)
    assert dominant > equal


def test_pi_is_never_above_kappa_and_does_not_reward_opposite_leanings() -> None:
    same_way, opposite = [[45, 15], [25, 15]], [[25, 35], [5, 35]]
    for table in (same_way, opposite):
        pi, kappa = agreement.scott_pi(votes_of(table)).value, agreement.cohen_kappa(*labels_of(table)).value
        assert pi is not None
        assert kappa is not None
        assert pi <= kappa
