"""Laws of agreement: names and orders do not matter, absent annotators do not matter, and nothing exceeds 1."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
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
NOMINAL = sorted(METHODS.keys() - {"gwet_ac2"})


def of(matrix: np.ndarray) -> Votes:
    return Votes.from_matrix(matrix, labels=LABELS)


def same(one: agreement.Agreement, two: agreement.Agreement) -> None:
    assert (one.value is None) == (two.value is None)
    assert (one.n_items, one.n_votes) == (two.n_items, two.n_votes)
    if one.value is not None:
        assert one.value == pytest.approx(two.value, abs=1e-9)


@pytest.mark.parametrize("name", NOMINAL)
@given(matrix=matrices, order=st.permutations(LABELS))
def test_renaming_the_labels_changes_nothing(name: str, matrix: np.ndarray, order: list[int]) -> None:
    renamed = np.where(matrix < 0, -1, np.array(order)[matrix])
    same(METHODS[name](of(matrix)), METHODS[name](of(renamed)))


@pytest.mark.parametrize("name", ANY)
@given(matrix=matrices, data=st.data())
def test_the_order_of_items_annotators_and_votes_changes_nothing(
    name: str, matrix: np.ndarray, data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(range(matrix.shape[0])))
    columns = data.draw(st.permutations(range(matrix.shape[1])))
    same(ANY[name](of(matrix)), ANY[name](of(matrix[rows][:, columns])))


@pytest.mark.parametrize("name", ANY)
@given(matrix=matrices)
def test_an_annotator_who_never_votes_and_an_item_nobody_votes_on_change_nothing(name: str, matrix: np.ndarray) -> None:
    wider = np.pad(matrix, ((0, 1), (0, 1)), constant_values=-1)
    same(ANY[name](of(matrix)), ANY[name](of(wider)))


@pytest.mark.parametrize("name", ANY)
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
@given(
    row=st.lists(st.integers(0, 3), min_size=2, max_size=6).filter(lambda row: len(set(row)) > 1),
    times=st.integers(2, 4),
)
def test_full_agreement_is_1(name: str, row: list[int], times: int) -> None:
    assert ANY[name](of(np.array([row] * times).T)).value == pytest.approx(1.0, abs=1e-9)


@given(matrix=matrices)
def test_ordinal_and_interval_are_the_same_for_two_labels(matrix: np.ndarray) -> None:
    two = np.where(matrix < 0, -1, matrix % 2)
    votes = Votes.from_matrix(two, labels=[0, 1])
    same(agreement.alpha(votes), agreement.alpha(votes, "ordinal"))
    same(agreement.alpha(votes), agreement.alpha(votes, "interval"))


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


@given(matrix=hnp.arrays(np.int64, st.tuples(st.integers(1, 10), st.just(2)), elements=st.integers(-1, 3)))
def test_cohen_kappa_does_not_care_who_is_first(matrix: np.ndarray) -> None:
    a, b = ([None if value < 0 else int(value) for value in column] for column in matrix.T)
    for weights in (None, "linear", "quadratic"):
        same(agreement.cohen_kappa(a, b, weights, labels=LABELS), agreement.cohen_kappa(b, a, weights, labels=LABELS))
