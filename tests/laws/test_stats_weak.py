"""Laws of the label model and the analysis: names, orders and copies do not matter, and a known truth is found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from goldseam.stats import weak

LABELS = [0, 1, 2]
matrices = hnp.arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=st.integers(-1, 2))


def model(matrix: np.ndarray, **options: object) -> weak.LabelModel:
    return weak.label_model(matrix, labels=LABELS, **options)  # type: ignore[arg-type]  # options by name


@settings(max_examples=40)
@given(matrix=matrices)
def test_the_posterior_is_a_distribution_and_silence_carries_the_prior(matrix: np.ndarray) -> None:
    found = model(matrix)
    assert np.isfinite(found.posterior).all()
    assert (found.posterior >= 0).all()
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(len(matrix)), abs=1e-9)
    silent = (matrix < 0).all(axis=1)
    assert found.posterior[silent] == pytest.approx(np.tile(found.balance, (int(silent.sum()), 1)), abs=1e-9)
    assert found.n_votes.tolist() == (matrix >= 0).sum(axis=1).tolist()


@settings(max_examples=30)
@given(matrix=matrices, order=st.permutations(LABELS))
def test_renaming_the_labels_renames_the_posterior(matrix: np.ndarray, order: list[int]) -> None:
    renamed = np.where(matrix < 0, -1, np.array(order)[matrix]).astype(np.int8)
    assert model(renamed).posterior[:, order] == pytest.approx(model(matrix).posterior, abs=1e-6)


@settings(max_examples=30)
@given(matrix=matrices, data=st.data())
def test_the_order_of_rows_and_functions_changes_nothing(matrix: np.ndarray, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(range(matrix.shape[0])))
    columns = data.draw(st.permutations(range(matrix.shape[1])))
    one, two = model(matrix), model(matrix[rows][:, columns])
    assert two.posterior == pytest.approx(one.posterior[rows], abs=1e-6)
    assert two.reliability == pytest.approx(one.reliability[columns], abs=1e-6)
    assert two.strength == pytest.approx(one.strength[columns], abs=1e-6)


@settings(max_examples=30)
@given(matrix=matrices)
def test_a_function_that_never_votes_changes_nothing(matrix: np.ndarray) -> None:
    wider = np.pad(matrix, ((0, 0), (0, 1)), constant_values=-1)
    assert model(wider).posterior == pytest.approx(model(matrix).posterior, abs=1e-9)


@settings(max_examples=40)
@given(matrix=matrices, column=st.integers(0, 4), n_copies=st.integers(1, 9))
def test_copies_of_a_function_change_next_to_nothing(matrix: np.ndarray, column: int, n_copies: int) -> None:
    """Copies share one voice; where the fit stops may differ by a hair on tables of a few rows."""
    column %= matrix.shape[1]
    copied = np.column_stack([matrix] + [matrix[:, column]] * n_copies)
    assert model(copied).posterior == pytest.approx(model(matrix).posterior, abs=0.01)


@settings(max_examples=30)
@given(matrix=matrices, new=matrices)
def test_each_new_row_is_judged_for_itself(matrix: np.ndarray, new: np.ndarray) -> None:
    fitted = model(matrix)
    width = matrix.shape[1]
    new = np.pad(new, ((0, 0), (0, width)), constant_values=-1)[:, :width]
    together = fitted.predict(new).posterior
    apart = np.concatenate([fitted.predict(new[row : row + 1]).posterior for row in range(len(new))])
    assert apart == pytest.approx(together, abs=1e-12)
    assert fitted.predict(matrix).posterior == pytest.approx(fitted.posterior, abs=1e-12)


@settings(max_examples=30)
@given(matrix=matrices, gold=st.dictionaries(st.integers(0, 11), st.integers(0, 2), max_size=4))
def test_gold_is_certain(matrix: np.ndarray, gold: dict[int, int]) -> None:
    gold = {row: label for row, label in gold.items() if row < len(matrix)}
    found = model(matrix, gold=gold)
    assert np.isfinite(found.posterior).all()
    for row, label in gold.items():
        assert found.posterior[row, label] == 1.0


@settings(max_examples=60)
@given(matrix=matrices, gold=hnp.arrays(np.int8, 12, elements=st.integers(-1, 2)))
def test_the_analysis_is_what_its_words_say(matrix: np.ndarray, gold: np.ndarray) -> None:
    gold = gold[: len(matrix)]
    found = weak.analysis(matrix, gold, labels=LABELS)
    voted = matrix >= 0
    for column in range(matrix.shape[1]):
        others = np.delete(matrix, column, axis=1)
        mine = matrix[:, [column]]
        overlaps = voted[:, column] & (others >= 0).any(axis=1)
        conflicts = voted[:, column] & ((others >= 0) & (others != mine)).any(axis=1)
        judged = voted[:, column] & (gold >= 0)
        right = int((judged & (matrix[:, column] == gold)).sum())
        assert found.polarity[column] == tuple(sorted(set(matrix[voted[:, column], column].tolist())))
        assert found.coverage[column] == pytest.approx(voted[:, column].mean())
        assert found.overlaps[column] == pytest.approx(overlaps.mean())
        assert found.conflicts[column] == pytest.approx(conflicts.mean())
        assert found.correct is not None
        assert found.incorrect is not None
        assert (found.correct[column], found.incorrect[column]) == (right, int(judged.sum()) - right)


@pytest.mark.parametrize("seed", range(3))
def test_a_known_truth_is_found_again_with_lopsided_functions(seed: int) -> None:
    """The confusions are far from symmetric, so that a transposed table cannot pass."""
    rng = np.random.default_rng(seed)
    confusion = np.array([[0.90, 0.05, 0.05], [0.35, 0.60, 0.05], [0.20, 0.05, 0.75]])
    shares = np.array([0.25, 0.45, 0.30])
    right = rng.choice(3, size=6000, p=shares)
    said = (rng.random((6000, 8, 1)) > np.cumsum(confusion, axis=1)[right][:, None, :]).sum(axis=2)
    said[rng.random(said.shape) < 0.3] = -1
    found = model(said)
    assert found.confusion is not None
    assert found.confusion.mean(axis=0) == pytest.approx(confusion, abs=0.06)
    assert found.balance == pytest.approx(shares, abs=0.06)
    weight = np.log(confusion)
    score = np.stack([np.where(said >= 0, weight[label][said], 0.0).sum(axis=1) for label in LABELS], axis=1)
    best = (score + np.log(shares)).argmax(axis=1)
    assert (found.label == right).mean() > (best == right).mean() - 0.01
