"""Laws of truth inference: names and orders do not matter, and a known truth is found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from goldseam.stats import truth
from goldseam.stats.truth import METHODS
from goldseam.stats.votes import Votes

matrices = hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.integers(-1, 2))
LABELS = [0, 1, 2]


def of(matrix: np.ndarray) -> Votes:
    return Votes.from_matrix(matrix, labels=LABELS)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40)
@given(matrix=matrices, order=st.permutations(LABELS))
def test_renaming_the_labels_renames_the_posterior(name: str, matrix: np.ndarray, order: list[int]) -> None:
    renamed = np.where(matrix < 0, -1, np.array(order)[matrix])
    one, two = METHODS[name](of(matrix)), METHODS[name](of(renamed))
    assert two.posterior[:, order] == pytest.approx(one.posterior, abs=1e-6)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40)
@given(matrix=matrices, data=st.data())
def test_the_order_of_items_and_annotators_changes_nothing(name: str, matrix: np.ndarray, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(range(matrix.shape[0])))
    columns = data.draw(st.permutations(range(matrix.shape[1])))
    one, two = METHODS[name](of(matrix)), METHODS[name](of(matrix[rows][:, columns]))
    assert two.posterior == pytest.approx(one.posterior[rows], abs=1e-6)
    assert two.reliability == pytest.approx(one.reliability[columns], abs=1e-6)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40)
@given(matrix=matrices)
def test_an_annotator_who_never_votes_changes_nothing(name: str, matrix: np.ndarray) -> None:
    wider = np.pad(matrix, ((0, 0), (0, 1)), constant_values=-1)
    one, two = METHODS[name](of(matrix)), METHODS[name](of(wider))
    assert two.posterior == pytest.approx(one.posterior, abs=1e-9)
    assert np.isfinite(two.reliability).all()


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40)
@given(matrix=matrices, gold=st.dictionaries(st.integers(0, 7), st.integers(0, 2), max_size=4))
def test_the_posterior_is_a_distribution_and_gold_is_certain(
    name: str, matrix: np.ndarray, gold: dict[int, int]
) -> None:
    gold = {item: label for item, label in gold.items() if item < len(matrix)}
    found = METHODS[name](of(matrix), gold=gold)
    assert np.isfinite(found.posterior).all()
    assert (found.posterior >= 0).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(len(matrix)), abs=1e-9)
    for item, label in gold.items():
        assert found.posterior[item, label] == 1.0


@pytest.mark.parametrize("name", ["dawid_skene", "infer"])
@pytest.mark.parametrize("seed", range(3))
def test_a_known_crowd_is_found_again_with_its_lopsided_confusions(name: str, seed: int) -> None:
    """The confusions are far from symmetric, so that a transposed matrix cannot pass."""
    rng = np.random.default_rng(seed)
    confusion = np.array([[0.90, 0.05, 0.05], [0.45, 0.50, 0.05], [0.30, 0.05, 0.65]])
    shares = np.array([0.2, 0.5, 0.3])
    right = rng.choice(3, size=1500, p=shares)
    said = (rng.random((1500, 8, 1)) > np.cumsum(confusion, axis=1)[right][:, None, :]).sum(axis=2)
    votes = Votes.from_matrix(said, labels=LABELS)
    found = METHODS[name](votes)
    assert found.confusion is not None
    assert found.confusion.mean(axis=0) == pytest.approx(confusion, abs=0.04)
    assert (found.label == right).mean() > (truth.majority(votes).label == right).mean() + 0.2
    assert found.reliability == pytest.approx(np.full(8, float(shares @ np.diag(confusion))), abs=0.05)
    if name == "dawid_skene":  # the default also asks models that do not know these confusions
        assert found.posterior.mean(axis=0) == pytest.approx(shares, abs=0.04)


def test_the_best_possible_posterior_is_reached_when_the_crowd_is_as_the_model_says() -> None:
    rng = np.random.default_rng(7)
    confusion = np.array([[0.9, 0.1], [0.4, 0.6]])
    right = rng.choice(2, size=4000, p=[0.7, 0.3])
    said = (rng.random((4000, 5, 1)) > np.cumsum(confusion, axis=1)[right][:, None, :]).sum(axis=2)
    likelihood = np.log(confusion)[:, said].sum(axis=2).T + np.log([0.7, 0.3])
    best = (likelihood.argmax(axis=1) == right).mean()
    assert (truth.dawid_skene(Votes.from_matrix(said)).label == right).mean() > best - 0.01


@pytest.mark.parametrize("name", ["one_coin", "dawid_skene", "infer"])
def test_one_coin_accuracies_are_found_again(name: str) -> None:
    rng = np.random.default_rng(3)
    skill = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.5])
    right = rng.integers(4, size=1500)
    hit = rng.random((1500, 6)) < skill
    said = np.where(hit, right[:, None], (right[:, None] + rng.integers(1, 4, size=(1500, 6))) % 4)
    found = METHODS[name](Votes.from_matrix(said))
    assert found.reliability == pytest.approx(skill, abs=0.04)


def test_an_annotator_who_guesses_and_one_who_inverts_are_seen_through() -> None:
    rng = np.random.default_rng(4)
    right = rng.integers(2, size=800)
    good = np.where(rng.random((800, 4)) < 0.85, right[:, None], 1 - right[:, None])
    said = np.column_stack([good, rng.integers(2, size=800), 1 - right])
    found = truth.dawid_skene(Votes.from_matrix(said))
    assert found.reliability[4] == pytest.approx(0.5, abs=0.06)
    assert found.reliability[5] < 0.1
    assert (found.label == right).mean() > 0.97
