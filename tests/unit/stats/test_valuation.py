"""Values of labeled items: equal to Shapley's definition, and low where labels were made wrong.

In: small sets whose every subset can be tried; real digits with planted errors. Out: values. Never: a random order.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from sklearn.datasets import load_digits

from goldseam.stats import valuation
from goldseam.stats.votes import BadVotes, Votes


def accuracy_of(
    chosen: tuple[int, ...], rows: np.ndarray, labels: np.ndarray, judged: np.ndarray, truth: int, k: int
) -> float:
    """Return the share of the k nearest of the chosen items that have the label, out of k."""
    near = sorted(chosen, key=lambda i: (-float(rows[i] @ judged / np.linalg.norm(rows[i])), i))[:k]
    return sum(labels[i] == truth for i in near) / k


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_the_closed_form_is_the_mean_over_all_subsets_that_defines_the_value(k: int) -> None:
    rng = np.random.default_rng(k)
    n = 7
    rows, labels = rng.normal(size=(n, 3)), rng.integers(0, 2, n)
    judged, truth = rng.normal(size=(4, 3)), rng.integers(0, 2, 4)
    expected = np.zeros(n)
    for row, label in zip(judged, truth, strict=True):
        for i in range(n):
            others = [j for j in range(n) if j != i]
            for size in range(n):
                for some in combinations(others, size):
                    gain = accuracy_of((*some, i), rows, labels, row, label, k) - accuracy_of(
                        some, rows, labels, row, label, k
                    )
                    expected[i] += gain / (n * comb(n - 1, size)) / len(judged)
    found = valuation.shapley(rows, labels, judged, truth, k=k)
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert found.value.sum() == pytest.approx(found.accuracy)


def test_labels_made_wrong_are_worth_least_on_real_digits() -> None:
    digits = load_digits()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(digits.target))
    learn, judge = order[:1200], order[1200:]
    wrong = rng.choice(1200, 120, replace=False)
    labels = digits.target[learn].copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, 120)) % 10
    found = valuation.shapley(digits.data[learn], labels, digits.data[judge], digits.target[judge])
    hit = np.isin(found.worst(120), wrong).mean()
    assert hit > 0.9  # 0.1 by chance
    assert (found.value[wrong] < 0).mean() > 0.9


def test_far_neighbors_change_no_value_by_more_than_the_reach_says() -> None:
    digits = load_digits()
    rows, labels = digits.data[:900], digits.target[:900]
    judged, truth = digits.data[900:1000], digits.target[900:1000]
    whole = valuation.shapley(rows, labels, judged, truth)
    near = valuation.shapley(rows, labels, judged, truth, reach=100)
    assert np.abs(whole.value - near.value).max() <= 1 / 100
    assert near.accuracy == whole.accuracy


def test_soft_labels_count_by_their_share() -> None:
    rows, judged = np.eye(3), np.array([[1.0, 0.1, 0.0]])
    hard = valuation.shapley(rows, [0, 1, 1], judged, [0], k=1)
    soft = valuation.shapley(rows, np.eye(2)[[0, 1, 1]], judged, [0], k=1)
    half = valuation.shapley(rows, [[0.5, 0.5], [0, 1], [0, 1]], judged, [0], k=1)
    assert soft.value == pytest.approx(hard.value)
    assert half.value == pytest.approx(hard.value / 2)


def test_the_harm_of_a_label_falls_on_those_who_voted_for_it() -> None:
    votes = Votes.from_arrays([0, 0, 0, 1, 1], ["ann", "bob", "cai", "ann", "cai"], [1, 1, 0, 0, 0])
    worth = valuation.Worth(np.array([-0.4, 0.2]), 0.5, 1, 2)
    per = valuation.by_annotator(votes, worth, [1, 0])
    assert dict(zip(votes.annotators.tolist(), per.tolist(), strict=True)) == pytest.approx(
        {"ann": -0.1, "bob": -0.2, "cai": 0.1}
    )


def test_what_does_not_fit_is_refused() -> None:
    for wrong_way in (
        lambda: valuation.shapley(np.empty((0, 2)), [], [[1, 0]], [0]),
        lambda: valuation.shapley([[1, 0]], [0, 1], [[1, 0]], [0]),
        lambda: valuation.shapley([[1, 0]], [0], [[1, 0, 0]], [0]),
        lambda: valuation.shapley([[1, 0]], [0], [[1, 0]], [0.5]),
        lambda: valuation.shapley([[1, 0]], [0], [[1, 0]], [0], k=0),
        lambda: valuation.shapley(np.eye(4), [0] * 4, [[1, 0, 0, 0]], [0], k=3, reach=2),
    ):
        with pytest.raises(BadVotes):
            wrong_way()
