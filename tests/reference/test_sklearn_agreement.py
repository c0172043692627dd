"""scikit-learn: Cohen's kappa of two annotators, plain and weighted; and where it says NaN."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import agreement
from tests.reference.agreement_data import drawn, matrix_of, real, votes_of

metrics = pytest.importorskip("sklearn.metrics")

WEIGHTS = [None, "linear", "quadratic"]
NAMES = ["two annotators", "a few missing", "two labels", "many labels"]


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", NAMES)
def test_kappa_is_the_same_on_drawn_votes(name: str, weights: str | None) -> None:
    a, b = drawn(name)[:, 0], drawn(name)[:, 1]
    both = (a >= 0) & (b >= 0)
    labels = sorted({*a[both].tolist(), *b[both].tolist()})
    wanted = metrics.cohen_kappa_score(a[both], b[both], weights=weights, labels=labels)
    assert agreement.cohen_kappa(a[both], b[both], weights).value == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_kappa_is_the_same_where_labels_are_named_that_nobody_used(weights: str) -> None:
    a, b = ["low", "mid", "top", "mid"], ["mid", "mid", "top", "low"]
    labels = ["low", "between", "mid", "top", "never"]
    wanted = metrics.cohen_kappa_score(a, b, weights=weights, labels=labels)
    assert agreement.cohen_kappa(a, b, weights, labels=labels).value == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_kappa_is_the_same_for_two_who_agree_less_than_by_chance(weights: str | None) -> None:
    a, b = [0, 1, 2, 0, 1, 2], [2, 0, 1, 1, 2, 0]
    wanted = metrics.cohen_kappa_score(a, b, weights=weights)
    assert wanted < 0
    assert agreement.cohen_kappa(a, b, weights).value == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("name", ["bluebirds", pytest.param("cifar10n", marks=pytest.mark.slow)])
def test_pairwise_is_its_kappa_of_every_pair_of_a_real_crowd(name: str, data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / name)
    matrix, pairs = matrix_of(votes)[:, :6], agreement.pairwise(votes)
    n_compared = 0
    for first, second, n_items, kappa in zip(pairs.first, pairs.second, pairs.n_items, pairs.kappa, strict=True):
        if max(first, second) >= 6:
            continue
        both = (matrix[:, first] >= 0) & (matrix[:, second] >= 0)
        wanted = metrics.cohen_kappa_score(matrix[both, first], matrix[both, second])
        assert n_items == both.sum()
        assert kappa == pytest.approx(wanted, abs=1e-8)
        n_compared += 1
    assert n_compared == {"bluebirds": 15, "cifar10n": 3}[name]


def test_where_it_differs_two_who_only_ever_say_one_label_are_nan_there_and_have_a_reason_here() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(metrics.cohen_kappa_score(["a"] * 4, ["a"] * 4, labels=["a", "b"]))
    found = agreement.cohen_kappa(["a"] * 4, ["a"] * 4, labels=["a", "b"])
    assert found.value is None
    assert "'a'" in found.reason


def test_where_it_differs_a_missing_vote_is_refused_or_a_label_there_and_absent_here() -> None:
    a, b = ["x", "y", None, "x", "y"], ["x", "y", "y", "y", "y"]
    with pytest.raises((TypeError, ValueError)):
        metrics.cohen_kappa_score(a, b)
    spelled = metrics.cohen_kappa_score([str(label) for label in a], b)  # 'None' is then one label more
    kept = [(x, y) for x, y in zip(a, b, strict=True) if x is not None]
    wanted = metrics.cohen_kappa_score(*zip(*kept, strict=True))
    found = agreement.cohen_kappa(a, b)
    assert found.value == pytest.approx(wanted, abs=1e-8)
    assert found.value != pytest.approx(spelled, abs=0.01)
    assert found.n_items == 4


def test_kappa_of_votes_of_two_is_the_kappa_of_the_pair() -> None:
    matrix = drawn("two annotators")
    pairs = agreement.pairwise(votes_of(matrix))
    assert pairs.kappa.tolist() == [pytest.approx(metrics.cohen_kappa_score(matrix[:, 0], matrix[:, 1]), abs=1e-8)]
