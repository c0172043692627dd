"""Snorkel's analysis of labeling functions, equal to ours; its label model, where ours does what it cannot.

The frozen values were made with Snorkel 0.10.0 by

    L, y = drawn()
    LFAnalysis(L).lf_summary(Y=y)
    LabelModel(cardinality=2).fit(rare(seed)[0], seed=0)
"""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import weak

POLARITY = ((0, 1, 2), (0, 1, 2), (1,), (0, 1, 2), ())
COVERAGE = [0.95, 0.45, 0.075, 0.35, 0.0]
OVERLAPS = [0.6, 0.425, 0.075, 0.35, 0.0]
CONFLICTS = [0.25, 0.175, 0.05, 0.25, 0.0]
CORRECT = [32, 13, 3, 7, 0]
INCORRECT = [6, 5, 0, 7, 0]
ACCURACY = [0.8421052631578947, 0.7222222222222222, 1.0, 0.5, 0.0]
F1_OF_RARE = [0.5797950219619327, 0.5754583921015515, 0.6003430531732419]
"""F1 of Snorkel's label model on `rare(0)`, `rare(1)`, `rare(2)`; the majority of the votes has 0.654, 0.808, 0.711."""


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Draw 40 rows and five functions: one that gives a single label, and one that never votes."""
    rng = np.random.default_rng(7)
    right = rng.integers(0, 3, 40)
    votes = np.full((40, 5), -1)
    for column, (coverage, accuracy) in enumerate([(0.9, 0.8), (0.5, 0.6), (0.3, 0.9), (0.2, 0.5), (0.0, 0.5)]):
        speaks, hit = rng.random(40) < coverage, rng.random(40) < accuracy
        votes[speaks, column] = np.where(hit, right, rng.integers(0, 3, 40))[speaks]
    votes[votes[:, 2] != 1, 2] = -1
    return votes, right


def rare(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw ten functions on items of which 5 in 100 are positive."""
    rng = np.random.default_rng(seed)
    right = (rng.random(4000) < 0.05).astype(int)
    votes = np.full((4000, 10), -1)
    for column in range(10):
        speaks, hit = rng.random(4000) < 0.5, rng.random(4000) < rng.uniform(0.7, 0.95)
        votes[speaks, column] = np.where(hit, right, 1 - right)[speaks]
    return votes, right


def f1(label: np.ndarray, right: np.ndarray) -> float:
    return float(2 * ((label == 1) & (right == 1)).sum() / ((label == 1).sum() + (right == 1).sum()))


def test_the_analysis_equals_the_frozen_values() -> None:
    found = weak.analysis(*drawn())
    assert found.polarity == POLARITY
    assert found.coverage == pytest.approx(COVERAGE, abs=1e-12)
    assert found.overlaps == pytest.approx(OVERLAPS, abs=1e-12)
    assert found.conflicts == pytest.approx(CONFLICTS, abs=1e-12)
    assert found.correct is not None
    assert found.incorrect is not None
    assert found.accuracy is not None
    assert (found.correct.tolist(), found.incorrect.tolist()) == (CORRECT, INCORRECT)
    assert found.accuracy[:4] == pytest.approx(ACCURACY[:4], abs=1e-12)


def test_a_function_without_votes_has_no_accuracy_where_the_peer_says_zero() -> None:
    found = weak.analysis(*drawn())
    assert found.accuracy is not None
    assert found.accuracy[4] is None
    assert ACCURACY[4] == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_rare_positives_are_found_where_the_peer_drowns_them(seed: int) -> None:
    votes, right = rare(seed)
    assert f1(weak.label_model(votes).label, right) > F1_OF_RARE[seed] + 0.15


@pytest.mark.parametrize("seed", range(3))
def test_the_analysis_equals_snorkels_here_and_now(seed: int) -> None:
    peer = pytest.importorskip("snorkel.labeling")
    rng = np.random.default_rng(seed)
    votes = rng.integers(-1, 4, size=(500, 8))
    votes[rng.random(votes.shape) < 0.5] = -1
    right = rng.integers(0, 4, 500)
    table = peer.LFAnalysis(votes).lf_summary(Y=right)
    found = weak.analysis(votes, right)
    assert [list(labels) for labels in found.polarity] == [[int(x) for x in row] for row in table["Polarity"]]
    for ours, theirs in (("coverage", "Coverage"), ("overlaps", "Overlaps"), ("conflicts", "Conflicts")):
        assert getattr(found, ours) == pytest.approx(table[theirs].to_numpy(), abs=1e-8)
    for ours, theirs in (("correct", "Correct"), ("incorrect", "Incorrect"), ("accuracy", "Emp. Acc.")):
        assert list(getattr(found, ours)) == pytest.approx(table[theirs].to_numpy(), abs=1e-8)


def test_the_frozen_values_are_snorkels_here_and_now() -> None:
    peer = pytest.importorskip("snorkel.labeling")
    table = peer.LFAnalysis(drawn()[0]).lf_summary(Y=drawn()[1])
    assert table["Conflicts"].tolist() == pytest.approx(CONFLICTS)
    assert table["Emp. Acc."].tolist() == pytest.approx(ACCURACY)
    votes, right = rare(0)
    models = pytest.importorskip("snorkel.labeling.model")
    model = models.LabelModel(cardinality=2, verbose=False)
    model.fit(votes, seed=0, progress_bar=False)
    assert f1(model.predict_proba(votes).argmax(axis=1), right) == pytest.approx(F1_OF_RARE[0], abs=0.02)


def test_fewer_than_three_functions_are_answered_where_the_peer_refuses() -> None:
    peer = pytest.importorskip("snorkel.labeling.model")
    votes = rare(0)[0][:200, :2]
    with pytest.raises(ValueError, match="at least 3"):
        peer.LabelModel(cardinality=2, verbose=False).fit(votes, progress_bar=False)
    assert np.isfinite(weak.label_model(votes).posterior).all()
