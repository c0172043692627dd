"""Laws of agreement: names and orders do not matter, absent annotators do not matter, and nothing exceeds 1."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from goldseam.stats import agreement
from goldseam.stats.agreement import METHODS, Statistic
from goldseam.stats.votes import Votes

matrices = hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.integers(-1, 3))
LABELS = [0, 1, 2, 3]
ANY: dict[str, Statistic] = dict(METHODS)
ANY["alpha ordinal"] = partial(agreement.alpha, level="ordinal")
ANY["alpha interval"] = partial(agreement.alpha, level="interval")
FEWER = settings(max_examples=40)
"""A law is asked of each statistic: 40 small tables for each find what 100 find."""
NOMINAL = sorted(METHODS.keys() - {"gwet_ac2"})


def of(matrix: np.ndarray) -> Votes:
    return Votes.from_matrix(matrix, labels=LABELS)


def same(one: agreement.Agreement, two: agreement.Agreement) -> None:
    assert (one.value is None) == (two.value is None)
    assert (one.n_items, one.n_votes) == (two.n_items, two.n_votes)
    if one.value is not None:
        assert one.value == pytest.approx(two.value, abs=1e-9)


@pytest.mark.parametrize("name", NOMINAL)
@FEWER
@given(matrix=matrices, order=st.permutations(LABELS))
def test_renaming_the_labels_changes_nothing(name: str, matrix: np.ndarray, order: list[int]) -> None:
    renamed = np.where(matrix < 0, -1, np.array(order)[matrix])
    same(METHODS[name](of(matrix)), METHODS[name](of(renamed)))


@pytest.mark.parametrize("name", ANY)
@FEWER
@given(matrix=matrices, data=st.data())
def test_the_order_of_items_annotators_and_votes_changes_nothing(
    name: str, matrix: np.ndarray, data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(range(matrix.shape[0])))
    columns = data.draw(st.permutations(range(matrix.shape[1])))
    same(ANY[name](of(matrix)), ANY[name](of(matrix[rows][:, columns])))


@pytest.mark.parametrize("name", ANY)
@FEWER
@given(matrix=matrices)
def test_an_annotator_who_never_votes_and_an_item_nobody_votes_on_change_nothing(name: str, matrix: np.ndarray) -> None:
    wider = np.pad(matrix, ((0, 1), (0, 1)), constant_values=-1)
    same(ANY[name](of(matrix)), ANY[name](of(wider)))


@pytest.mark.parametrize("name", ANY)
@FEWER
@given(matrix=matrices)
def test_a_value_is_a_number_of_at_most_1_or_has_a_reason(name: str, matrix: np.ndarray) -> None:
    found = ANY[name](of(matrix))
    if found.value is None:
        assert found.reason
    else:
        assert not found.reason
        assert np.isfinite(found.value)
        assert found.value <= 1 + 1e-9


@pytest.mark.parametrize("name", sorted(ANY.keys() - {"scott_pi"}))
@FEWER
@given(
    row=st.lists(st.integers(0, 3), min_size=2, max_size=6).filter(lambda row: len(set(row)) > 1),
    times=st.integers(2, 4),
)
def test_full_agreement_is_1(name: str, row: list[int], times: int) -> None:
    assert ANY[name](of(np.array([row] * times).T)).value == pytest.approx(1.0, abs=1e-9)


@FEWER
@given(matrix=matrices)
def test_ordinal_and_interval_are_the_same_for_two_labels(matrix: np.ndarray) -> None:
    two = np.where(matrix < 0, -1, matrix % 2)
    votes = Votes.from_matrix(two, labels=[0, 1])
    same(agreement.alpha(votes), agreement.alpha(votes, "ordinal"))
    same(agreement.alpha(votes), agreement.alpha(votes, "interval"))


@FEWER
@given(matrix=matrices)
def test_alpha_is_what_its_definition_says_pair_by_pair(matrix: np.ndarray) -> None:
    observed, values = [], []
    for row in matrix:
        said = row[row >= 0]
        if len(said) > 1:
            values.extend(said)
            observed.extend(
                (a != b) / (len(said) - 1) for i, a in enumerate(said) for j, b in enumerate(said) if i != j
            )
    n = len(values)
    found = agreement.alpha(of(matrix))
    expected = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    if expected == 0:
        assert found.value is None
    else:
        assert found.value == pytest.approx(1 - (n - 1) * sum(observed) / expected, abs=1e-9)


@FEWER
@given(matrix=matrices, seed=st.integers(0, 100))
def test_an_interval_is_in_order_and_within_the_draws(matrix: np.ndarray, seed: int) -> None:
    found = agreement.interval(of(matrix), rng=np.random.default_rng(seed), draws=30)
    if found.n_draws == 0:
        assert found.low is None
        assert found.reason
    else:
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.high <= 1 + 1e-9
        assert found.n_draws <= 30


@FEWER
@given(matrix=hnp.arrays(np.int64, st.tuples(st.integers(1, 10), st.just(2)), elements=st.integers(-1, 3)))
def test_cohen_kappa_does_not_care_who_is_first(matrix: np.ndarray) -> None:
    a, b = ([None if value < 0 else int(value) for value in column] for column in matrix.T)
    for weights in (None, "linear", "quadratic"):
        same(agreement.cohen_kappa(a, b, weights, labels=LABELS), agreement.cohen_kappa(b, a, weights, labels=LABELS))


complete = hnp.arrays(np.int64, st.tuples(st.integers(2, 8), st.integers(2, 5)), elements=st.integers(0, 3))


@FEWER
@given(matrix=complete)
def test_alpha_is_fleiss_kappa_made_larger_for_the_votes_being_finite(matrix: np.ndarray) -> None:
    kappa, alpha = agreement.fleiss_kappa(of(matrix)), agreement.alpha(of(matrix))
    assert (kappa.value is None) == (alpha.value is None)
    if kappa.value is not None:
        assert alpha.value == pytest.approx(1 - (1 - kappa.value) * (matrix.size - 1) / matrix.size, abs=1e-9)


@FEWER
@given(matrix=matrices)
def test_ac2_with_credit_for_equal_labels_only_is_ac1(matrix: np.ndarray) -> None:
    same(agreement.gwet_ac2(of(matrix), weights=np.eye(4)), agreement.gwet_ac1(of(matrix)))


@FEWER
@given(matrix=matrices)
def test_ac1_is_ac2_for_two_labels_by_any_named_weights(matrix: np.ndarray) -> None:
    votes = Votes.from_matrix(np.where(matrix < 0, -1, matrix % 2), labels=[0, 1])
    for weights in ("linear", "quadratic"):
        same(agreement.gwet_ac2(votes, weights=weights), agreement.gwet_ac1(votes))


@pytest.mark.parametrize("name", sorted(ANY))
@FEWER
@given(matrix=matrices, times=st.integers(2, 3))
def test_a_vote_that_is_repeated_counts_once(name: str, matrix: np.ndarray, times: int) -> None:
    votes = of(matrix)
    columns = [votes.items[votes.item], votes.annotators[votes.annotator], np.array(votes.labels)[votes.label]]
    again = Votes.from_arrays(
        *(np.tile(column, times) for column in columns), items=votes.items, annotators=votes.annotators, labels=LABELS
    )
    same(ANY[name](votes), ANY[name](again))


@pytest.mark.parametrize("name", ["percent", "fleiss_kappa", "gwet_ac1", "gwet_ac2", "brennan_prediger"])
@FEWER
@given(matrix=matrices)
def test_every_item_twice_changes_nothing_but_alpha(name: str, matrix: np.ndarray) -> None:
    one, two = METHODS[name](of(matrix)), METHODS[name](of(np.vstack([matrix, matrix])))
    assert (one.value is None) == (two.value is None)
    if one.value is not None:
        assert one.value == pytest.approx(two.value, abs=1e-9)


@FEWER
@given(matrix=matrices)
def test_every_item_twice_moves_alpha_down_but_never_past_the_observed(matrix: np.ndarray) -> None:
    one, two = agreement.alpha(of(matrix)), agreement.alpha(of(np.vstack([matrix, matrix])))
    if one.value is not None and two.value is not None:
        assert two.value <= one.value + 1e-9
        assert one.value <= (one.observed or 0.0) + 1e-9


@pytest.mark.parametrize("name", ["alpha", "fleiss_kappa", "scott_pi", "gwet_ac1", "brennan_prediger", "percent"])
@FEWER
@given(matrix=complete)
def test_no_crowd_is_farther_below_chance_than_its_size_allows(name: str, matrix: np.ndarray) -> None:
    """Of m annotators not all pairs can differ from chance by shares; by q labels chance is 1/q at most."""
    found = METHODS[name](of(matrix))
    by_annotators, by_labels = -1 / (matrix.shape[1] - 1), -1 / (len(LABELS) - 1)
    least = {"gwet_ac1": by_labels, "brennan_prediger": by_labels, "percent": 0.0}.get(name, by_annotators)
    if found.value is not None:
        assert found.value >= least - 1e-9


@pytest.mark.parametrize("level", ["interval", "ratio"])
@FEWER
@given(matrix=matrices, factor=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_interval_alpha_is_blind_to_scale_and_shift_and_ratio_alpha_to_scale(
    level: str, matrix: np.ndarray, factor: float, shift: float
) -> None:
    values = np.array([1.0, 2.0, 4.0, 9.0])
    moved = factor * values + (shift if level == "interval" else 0.0)
    plain = agreement.alpha(of(matrix), level, values=values.tolist())
    same(plain, agreement.alpha(of(matrix), level, values=moved.tolist()))


@FEWER
@given(matrix=matrices, factor=st.floats(0.01, 100))
def test_alpha_by_a_matrix_is_blind_to_its_scale_and_equals_the_named_levels(matrix: np.ndarray, factor: float) -> None:
    places = np.array(LABELS, dtype=float)
    squares = (places[:, None] - places[None, :]) ** 2
    same(agreement.alpha(of(matrix), factor * squares), agreement.alpha(of(matrix), "interval"))
    same(agreement.alpha(of(matrix), factor * (1 - np.eye(4))), agreement.alpha(of(matrix), "nominal"))


@FEWER
@given(matrix=hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(2, 4)), elements=st.integers(-1, 1)))
def test_of_two_labels_each_has_the_alpha_of_both(matrix: np.ndarray) -> None:
    votes = Votes.from_matrix(matrix, labels=[0, 1])
    whole, each = agreement.alpha(votes), agreement.by_label(votes)
    if whole.value is not None:
        assert [found.value for found in each.values()] == pytest.approx([whole.value] * 2, abs=1e-9)


@FEWER
@given(matrix=matrices)
def test_every_pair_has_the_kappa_of_its_two_columns(matrix: np.ndarray) -> None:
    pairs = agreement.pairwise(of(matrix))
    for at in range(len(pairs.first)):
        a, b = (
            [None if value < 0 else int(value) for value in matrix[:, who]]
            for who in (pairs.first[at], pairs.second[at])
        )
        alone = agreement.cohen_kappa(a, b, labels=LABELS)
        assert alone.n_items == pairs.n_items[at]
        assert (alone.value is not None) == pairs.defined[at]
        if alone.value is not None:
            assert pairs.kappa[at] == pytest.approx(alone.value, abs=1e-9)
            assert pairs.observed[at] == pytest.approx(alone.observed, abs=1e-9)


@FEWER
@given(matrix=hnp.arrays(np.int64, st.tuples(st.integers(2, 10), st.just(2)), elements=st.integers(0, 3)))
def test_kappa_is_never_below_pi_and_both_meet_where_the_two_say_each_label_as_often(matrix: np.ndarray) -> None:
    kappa, pi = agreement.cohen_kappa(matrix[:, 0], matrix[:, 1]), agreement.scott_pi(of(matrix))
    if kappa.value is not None and pi.value is not None:
        assert pi.value <= kappa.value + 1e-9
        if np.array_equal(np.sort(matrix[:, 0]), np.sort(matrix[:, 1])):
            assert pi.value == pytest.approx(kappa.value, abs=1e-9)
