"""R. Artstein and M. Poesio (2008), Inter-coder agreement for computational linguistics, Computational Linguistics 34, 555-596.

Tables 2 and 3: two annotators call 100 utterances a statement or a request; S (Bennett, Alpert and Goldstein 1954; for two annotators the
same as Brennan and Prediger 1981), pi (Scott 1955) and kappa (Cohen 1960) take off different chances.
"""

from __future__ import annotations

import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import Agreement
from tests.worked.two_annotators import labels_of, votes_of

TABLE = [[20, 20], [10, 50]]

FOUND = {
    "S": agreement.brennan_prediger(votes_of(TABLE)),
    "pi": agreement.scott_pi(votes_of(TABLE)),
    "kappa": agreement.cohen_kappa(*labels_of(TABLE)),
}


@pytest.mark.parametrize(("name", "expected", "value"), [("S", 0.5, 0.4), ("pi", 0.545, 0.341), ("kappa", 0.54, 0.348)])
def test_the_three_coefficients_and_their_chances_are_as_published(name: str, expected: float, value: float) -> None:
    found: Agreement = FOUND[name]
    assert found.observed == pytest.approx(0.7)
    assert found.expected == pytest.approx(expected, abs=1e-9)
    assert found.value == pytest.approx(value, abs=5e-4)


def test_alpha_of_two_is_pi_for_few_items_made_a_little_larger() -> None:
    alpha, pi = agreement.alpha(votes_of(TABLE)).value, FOUND["pi"].value
    assert pi is not None
    assert alpha == pytest.approx(1 - (1 - pi) * (2 * 100 - 1) / (2 * 100), abs=1e-12)
