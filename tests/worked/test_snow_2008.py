"""R. Snow, B. O'Connor, D. Jurafsky and A. Y. Ng (2008), Cheap and Fast - But is it Good? Evaluating non-expert annotations.

EMNLP 2008, 254-263: ten answers each to 800 pairs of sentences (does one follow from the other?) and to 462 pairs of events
(which came first?). Simple voting is right on 89.7 % and 94 % of them; with each annotator's bias measured on gold, in 20
folds, 92.7 % of the first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import truth
from tests.unit.stats.test_real_crowds import Crowd, crowd, right

FOLDS = 20


@pytest.fixture
def rte(data_dir: Path) -> Crowd:
    return crowd(data_dir / "crowd" / "rte")


@pytest.fixture
def temporal(data_dir: Path) -> Crowd:
    return crowd(data_dir / "crowd" / "snow_temp")


def simple_voting(one: Crowd) -> float:
    """The share of items that the majority has right; a tie is a coin toss, as in the paper."""
    posterior = truth.majority(one.votes).posterior
    best = posterior > posterior.max(axis=1, keepdims=True) - 1e-9
    return float((best / best.sum(axis=1, keepdims=True))[one.item, one.gold].mean())


def calibrated(one: Crowd) -> float:
    """The share of items that are right when the gold of the other nineteen folds is known."""
    names, hits = one.votes.items.tolist(), []
    for fold in range(FOLDS):
        held_out = np.arange(len(one.item)) % FOLDS == fold
        known = zip(one.item[~held_out], one.gold[~held_out], strict=True)
        gold = {names[item]: one.votes.labels[label] for item, label in known}
        found = truth.dawid_skene(one.votes, gold=gold, smoothing=1.0)
        hits += (found.label[one.item[held_out]] == one.gold[held_out]).tolist()
    return float(np.mean(hits))


def test_the_crowds_are_those_of_the_paper(rte: Crowd, temporal: Crowd) -> None:
    assert (rte.votes.n_items, rte.votes.n_votes) == (800, 8000)
    assert (temporal.votes.n_items, temporal.votes.n_votes) == (462, 4620)
    assert set(rte.votes.votes_per_item()) == set(temporal.votes.votes_per_item()) == {10}


def test_simple_voting_is_as_right_as_in_the_paper(rte: Crowd, temporal: Crowd) -> None:
    assert round(simple_voting(rte), 3) == 0.897
    assert round(simple_voting(temporal), 2) == 0.94


def test_annotators_biases_measured_on_gold_lift_it_as_in_the_paper(rte: Crowd) -> None:
    assert calibrated(rte) == pytest.approx(0.927, abs=0.0015)


@pytest.mark.parametrize("name", ["dawid_skene", "one_coin", "glad", "mace"])
def test_no_gold_is_needed_for_nearly_the_same(name: str, rte: Crowd, temporal: Crowd) -> None:
    assert right(rte, truth.METHODS[name](rte.votes)) > 0.92
    assert right(temporal, truth.METHODS[name](temporal.votes)) > 0.93
