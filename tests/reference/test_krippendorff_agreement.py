"""The package krippendorff: alpha at every level, by table and by counts; and where its answer is none or another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes
from tests.reference.agreement_data import SHAPES, drawn, matrix_of, real, votes_of

krippendorff = pytest.importorskip("krippendorff")

LEVELS = ["nominal", "ordinal", "interval", "ratio"]


def theirs(matrix: np.ndarray, level: str) -> float:
    """Alpha of a matrix of items by annotators, -1 where there is no vote."""
    table = np.where(matrix < 0, np.nan, matrix.astype(float)).T
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SHAPES)
def test_alpha_is_the_same_on_drawn_votes(name: str, level: str) -> None:
    matrix = drawn(name)
    assert agreement.alpha(votes_of(matrix), level).value == pytest.approx(theirs(matrix, level), abs=1e-8)


@pytest.mark.parametrize("name", ["bluebirds", "weather_cf", "labelme", "snow_temp", "dog"])
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_is_the_same_on_real_crowds(name: str, level: str, data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / name)
    ours = agreement.alpha(votes, level, values=list(range(votes.n_labels)))
    counts = votes.counts()
    wanted = krippendorff.alpha(value_counts=counts, level_of_measurement=level)
    assert ours.value == pytest.approx(float(wanted), abs=1e-8)


def test_a_distance_of_ones_own_is_the_same() -> None:
    matrix = drawn("a few missing")
    distances = np.array([[0, 1, 4, 4], [1, 0, 2, 4], [4, 2, 0, 1], [4, 4, 1, 0]], dtype=float)
    table = np.where(matrix < 0, np.nan, matrix.astype(float)).T
    wanted = krippendorff.alpha(
        reliability_data=table,
        level_of_measurement=lambda v1, v2, i1, i2, n_v, dtype=np.float64: distances[i1, i2].astype(dtype),
    )
    assert agreement.alpha(votes_of(matrix), distances).value == pytest.approx(float(wanted), abs=1e-8)


def test_ranks_follow_the_order_of_labels_not_the_alphabet() -> None:
    said = [["low", "low", "mid", "high"], ["low", "mid", "mid", "high"], ["mid", "low", "high", "high"]]
    order = ["low", "mid", "high"]
    places = [(item, who, label) for who, row in enumerate(said) for item, label in enumerate(row)]
    votes = Votes.from_arrays(*zip(*places, strict=True), labels=order)
    wanted = krippendorff.alpha(reliability_data=said, value_domain=order, level_of_measurement="ordinal")
    assert agreement.alpha(votes, "ordinal").value == pytest.approx(float(wanted), abs=1e-8)


def test_a_label_without_votes_changes_nothing_on_either_side() -> None:
    matrix = drawn("a few missing")
    wide = votes_of(matrix, labels=[0, 1, 2, 3, 4, 5])
    for level in LEVELS:
        assert agreement.alpha(wide, level).value == pytest.approx(theirs(matrix, level), abs=1e-8)


def test_where_it_differs_one_label_alone_raises_there_and_has_a_reason_here() -> None:
    matrix = np.zeros((5, 3), dtype=int)
    with pytest.raises(ValueError, match="more than one value"):
        theirs(matrix, "nominal")
    found = agreement.alpha(votes_of(matrix))
    assert found.value is None
    assert "without variation" in found.reason


def test_where_it_differs_no_item_with_two_votes_raises_there_and_has_a_reason_here() -> None:
    matrix = np.array([[0, -1], [-1, 1], [1, -1]])
    with pytest.raises(ValueError, match="at least two coders"):
        theirs(matrix, "nominal")
    found = agreement.alpha(votes_of(matrix))
    assert found.value is None
    assert found.reason == "No item has votes by two annotators, so there is nothing to compare."


def test_where_it_differs_an_annotator_who_answers_twice_counts_once_here() -> None:
    votes = Votes.from_arrays([1, 1, 1, 2, 2], ["ann", "ann", "bob", "ann", "bob"], ["b", "a", "b", "b", "b"])
    matrix = matrix_of(votes)
    assert votes.n_votes == 4
    assert agreement.alpha(votes).value == pytest.approx(theirs(matrix, "nominal"), abs=1e-8)
