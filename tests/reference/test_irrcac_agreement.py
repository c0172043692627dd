"""Gwet's own package irrCAC: AC1, AC2, Fleiss, Brennan-Prediger, alpha; and what it rounds or calls by number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import Agreement
from goldseam.stats.votes import Votes
from tests.reference.agreement_data import SHAPES, drawn, matrix_of, real, votes_of

irrcac = pytest.importorskip("irrCAC.raw", reason="irrCAC is not here: pip install --no-deps irrCAC")
pd = pytest.importorskip("pandas")

PAIRS = {
    "gwet": agreement.gwet_ac1,
    "fleiss": agreement.fleiss_kappa,
    "bp": agreement.brennan_prediger,
    "krippendorff": agreement.alpha,
}


def frame_of(matrix: np.ndarray) -> object:
    """The votes as irrCAC wants them."""
    return pd.DataFrame(np.where(matrix < 0, np.nan, matrix.astype(float)))


def theirs(matrix: np.ndarray, method: str, weights: object = "identity", digits: int = 13) -> dict[str, float]:
    """The estimate of a method on a matrix of items by annotators, -1 where there is no vote."""
    labels = sorted(set(matrix[matrix >= 0].astype(float).tolist()))  # must be named: see the fault below
    found = getattr(irrcac.CAC(frame_of(matrix), weights=weights, categories=labels, digits=digits), method)()
    return dict(found["est"])


@pytest.mark.parametrize("method", PAIRS)
@pytest.mark.parametrize("name", SHAPES)
def test_every_coefficient_is_the_same_on_drawn_votes_with_its_parts(name: str, method: str) -> None:
    matrix = drawn(name)
    wanted, found = theirs(matrix, method), PAIRS[method](votes_of(matrix))
    assert found.value == pytest.approx(wanted["coefficient_value"], abs=1e-8)
    if method != "krippendorff":  # for alpha Gwet writes other parts, with the same quotient
        assert found.observed == pytest.approx(wanted["pa"], abs=1e-8)
        assert found.expected == pytest.approx(wanted["pe"], abs=1e-8)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
@pytest.mark.parametrize("name", SHAPES)
def test_ac2_is_the_same_with_named_weights(name: str, weights: str) -> None:
    matrix = drawn(name)
    wanted = theirs(matrix, "gwet", weights)["coefficient_value"]
    assert agreement.gwet_ac2(votes_of(matrix), weights=weights).value == pytest.approx(wanted, abs=1e-8)


def test_ac2_is_the_same_with_weights_of_ones_own() -> None:
    matrix = drawn("a few missing")
    weights = np.array([[1, 0.6, 0.1, 0], [0.6, 1, 0.5, 0.2], [0.1, 0.5, 1, 0.7], [0, 0.2, 0.7, 1]])
    wanted = theirs(matrix, "gwet", weights)["coefficient_value"]
    assert agreement.gwet_ac2(votes_of(matrix), weights=weights).value == pytest.approx(wanted, abs=1e-8)


def test_interval_alpha_is_its_alpha_with_quadratic_weights() -> None:
    matrix = drawn("many labels")
    wanted = theirs(matrix, "krippendorff", "quadratic")["coefficient_value"]
    assert agreement.alpha(votes_of(matrix), "interval").value == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("name", ["bluebirds", "weather_cf", "labelme"])
@pytest.mark.parametrize("method", PAIRS)
def test_every_coefficient_is_the_same_on_real_crowds(name: str, method: str, data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / name)
    wanted = theirs(matrix_of(votes), method)["coefficient_value"]
    assert PAIRS[method](votes).value == pytest.approx(wanted, abs=1e-8)


def test_where_it_differs_it_rounds_to_five_digits_unless_told() -> None:
    matrix = drawn("a few missing")
    rounded, exact = theirs(matrix, "gwet", digits=5), theirs(matrix, "gwet")
    assert rounded["coefficient_value"] == round(exact["coefficient_value"], 5) != exact["coefficient_value"]
    found = agreement.gwet_ac1(votes_of(matrix)).value
    assert found != pytest.approx(rounded["coefficient_value"], abs=1e-8)


def test_where_it_differs_its_weights_are_by_the_numbers_and_ours_by_the_order_of_the_labels() -> None:
    matrix = np.array([[1, 2], [2, 2], [9, 2], [1, 1], [9, 9], [2, 1]])
    by_number = theirs(matrix, "gwet", "linear")["coefficient_value"]
    votes = Votes.from_matrix(matrix)
    values = np.array([1.0, 2.0, 9.0])
    apart = np.abs(values[:, None] - values[None, :]) / 8
    assert agreement.gwet_ac2(votes, weights="linear").value != pytest.approx(by_number, abs=0.01)
    assert agreement.gwet_ac2(votes, weights=1 - apart).value == pytest.approx(by_number, abs=1e-8)


def test_where_it_is_wrong_a_missing_vote_becomes_a_label_unless_the_labels_are_named() -> None:
    """Since pandas 3 its own published example (Gwet 2014, table 2.8) gives 0.786 for 0.775."""
    matrix = np.array([[1, 1, -1, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
                       [2, 2, 2, 2], [-1, 5, 5, 5], [-1, -1, 1, 1], [-1, -1, 3, -1]])  # fmt: skip
    loose = irrcac.CAC(frame_of(matrix))
    if not np.isnan(np.array(loose.categories, dtype=float)).any():
        pytest.skip("with this version of pandas irrCAC leaves missing votes out")
    assert loose.gwet()["est"]["coefficient_value"] == pytest.approx(0.78553)
    assert agreement.gwet_ac1(votes_of(matrix)).value == pytest.approx(0.77544, abs=5e-6)
    assert theirs(matrix, "gwet")["coefficient_value"] == pytest.approx(0.77544, abs=5e-6)


@pytest.mark.parametrize("method", PAIRS)
@pytest.mark.filterwarnings("ignore")
def test_where_it_differs_one_label_alone_is_full_agreement_there_and_undefined_here(method: str) -> None:
    matrix = np.ones((6, 3), dtype=int)
    assert theirs(matrix, method)["coefficient_value"] == pytest.approx(1.0)
    found: Agreement = PAIRS[method](votes_of(matrix))
    assert found.value is None
    assert "without variation" in found.reason


@pytest.mark.filterwarnings("ignore")
def test_where_it_differs_no_item_with_two_votes_is_nan_or_a_crash_there_and_a_reason_here() -> None:
    matrix = np.array([[0, -1], [-1, 1], [1, -1]])
    assert np.isnan(theirs(matrix, "gwet")["coefficient_value"])
    with pytest.raises(ZeroDivisionError):
        theirs(matrix, "krippendorff")
    for statistic in PAIRS.values():
        assert statistic(votes_of(matrix)).reason.startswith("No item has votes by two annotators")
