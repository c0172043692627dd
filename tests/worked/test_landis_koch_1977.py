"""J. R. Landis and G. G. Koch (1977), The measurement of observer agreement for categorical data, Biometrics 33, 159-174.

Table 1: two neurologists, of Winnipeg and of New Orleans, grade how certain multiple sclerosis is in 149 and in 69 patients.
"""

from __future__ import annotations

import pytest

from goldseam.stats import agreement
from tests.worked.two_annotators import Table, labels_of

WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]


@pytest.mark.parametrize(("table", "patients", "published"), [(WINNIPEG, 149, 0.208), (NEW_ORLEANS, 69, 0.297)])
def test_kappa_of_the_neurologists_is_as_published(table: Table, patients: int, published: float) -> None:
    found = agreement.cohen_kappa(*labels_of(table))
    assert found.n_items == patients
    assert found.value == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize("table", [WINNIPEG, NEW_ORLEANS])
def test_most_of_their_disagreement_is_between_neighbors(table: Table) -> None:
    plain, linear, quadratic = (
        agreement.cohen_kappa(*labels_of(table), weights).value for weights in (None, "linear", "quadratic")
    )
    assert plain is not None
    assert linear is not None
    assert quadratic is not None
    assert plain + 0.1 < linear
    assert linear + 0.1 < quadratic
