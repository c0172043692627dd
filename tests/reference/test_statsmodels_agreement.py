"""statsmodels: Fleiss' and Randolph's kappa, Cohen's kappa by table; and where it cannot take missing votes."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.votes import Votes
from tests.reference.agreement_data import drawn, matrix_of, real, votes_of

rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not here")


def complete(seed: int, n_labels: int = 4) -> np.ndarray:
    """Draw a matrix without a missing vote."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_labels, size=(50, 1))
    return np.where(rng.random((50, 5)) < 0.6, truth, rng.integers(n_labels, size=(50, 5)))


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_kappa_is_the_same_where_every_item_has_as_many_votes(seed: int) -> None:
    matrix = complete(seed)
    table, _ = rater.aggregate_raters(matrix)
    assert agreement.fleiss_kappa(votes_of(matrix)).value == pytest.approx(rater.fleiss_kappa(table), abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_brennan_prediger_is_its_kappa_of_randolph(seed: int) -> None:
    matrix = complete(seed)
    table, _ = rater.aggregate_raters(matrix)
    wanted = rater.fleiss_kappa(table, method="randolph")
    assert agreement.brennan_prediger(votes_of(matrix)).value == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("name", ["bluebirds", "rte", "product", "cifar10n"])
def test_fleiss_kappa_is_the_same_on_real_crowds_of_equal_counts(name: str, data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / name)
    counts = votes.counts()
    assert len(set(counts.sum(axis=1).tolist())) == 1
    assert agreement.fleiss_kappa(votes).value == pytest.approx(rater.fleiss_kappa(counts), abs=1e-8)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@pytest.mark.parametrize("name", ["two annotators", "two labels", "many labels"])
def test_cohen_kappa_is_the_same_by_table(name: str, weights: str | None) -> None:
    a, b = drawn(name)[:, 0], drawn(name)[:, 1]
    both = (a >= 0) & (b >= 0)
    n_labels = int(drawn(name).max()) + 1
    table = np.zeros((n_labels, n_labels))
    np.add.at(table, (a[both], b[both]), 1)
    wt = {None: None, "linear": "linear", "quadratic": "quadratic"}[weights]
    wanted = rater.cohens_kappa(table, wt=wt, return_results=False)
    found = agreement.cohen_kappa(a[both], b[both], weights, labels=list(range(n_labels)))
    assert found.value == pytest.approx(float(wanted), abs=1e-8)


def test_the_bootstrap_of_kappa_comes_close_to_its_large_sample_formula() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(3, size=400)
    a, b = (np.where(rng.random(400) < 0.7, truth, rng.integers(3, size=400)) for _ in range(2))
    table = np.zeros((3, 3))
    np.add.at(table, (a, b), 1)
    formula = rater.cohens_kappa(table)
    votes = Votes.from_matrix(np.array([a, b]).T)
    # For two annotators with equal shares of labels kappa and pi are nearly one, and pi has draws all at once.
    found = agreement.interval(votes, "fleiss_kappa", rng=rng, draws=2000)
    assert found.low == pytest.approx(formula.kappa_low, abs=0.01)
    assert found.high == pytest.approx(formula.kappa_upp, abs=0.01)


def test_where_it_differs_unequal_counts_stop_its_fleiss_kappa_and_not_ours() -> None:
    matrix = drawn("a few missing")
    votes = votes_of(matrix)
    with pytest.raises(AssertionError):
        rater.fleiss_kappa(votes.counts())
    assert agreement.fleiss_kappa(votes).value is not None


def test_where_it_differs_its_table_takes_the_sign_of_a_missing_vote_for_a_label() -> None:
    matrix = drawn("a few missing")
    table, labels = rater.aggregate_raters(matrix)
    assert -1 in labels
    wrong = rater.fleiss_kappa(table)
    assert abs(wrong - agreement.fleiss_kappa(votes_of(matrix)).value) > 0.05


def test_where_it_differs_one_label_alone_is_nan_there_and_has_a_reason_here() -> None:
    matrix = np.zeros((4, 3), dtype=int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(rater.fleiss_kappa(rater.aggregate_raters(matrix, n_cat=2)[0]))
    assert agreement.fleiss_kappa(votes_of(matrix, labels=[0, 1])).value is None


def test_votes_of_a_real_crowd_make_its_table(data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / "bluebirds")
    table, _ = rater.aggregate_raters(matrix_of(votes))
    assert np.array_equal(votes.counts(), table)
