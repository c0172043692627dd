"""The training set: what may be learned from, and with which weight."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.adjudicate.settle import How
from goldseam.retrain.policy import Policy
from goldseam.retrain.training import training_set
from goldseam.vocab.errors import BadPolicy, BadValue

DEFAULT = Policy()


def made(posterior, how=None, escalated=(), held_out=(), policy=DEFAULT):
    n = len(posterior)
    rows = np.arange(n)
    how = np.full(n, How.VOTES) if how is None else np.asarray(how)
    return training_set(
        np.asarray(posterior, dtype=float), how, np.isin(rows, escalated), np.isin(rows, held_out), policy
    )


def test_a_certain_label_counts_1_and_a_coin_toss_nothing():
    found = made([[1.0, 0.0], [0.5, 0.5], [0.75, 0.25]])
    assert found.index.tolist() == [0, 2]
    assert found.weight == pytest.approx([1.0, 0.5])
    assert found.soft.tolist() == [[1.0, 0.0], [0.75, 0.25]]


def test_with_three_labels_a_third_counts_nothing():
    assert made([[0.4, 0.3, 0.3], [1.0, 0.0, 0.0]]).weight == pytest.approx([0.1, 1.0])


def test_gold_that_judges_models_and_escalated_items_are_left_out():
    assert made([[1.0, 0.0]] * 4, escalated=[1], held_out=[2]).index.tolist() == [0, 3]


def test_a_model_does_not_learn_its_own_opinion_unless_told_to():
    rows, how = [[0.99, 0.01], [0.0, 1.0]], [How.AUTO, How.RULING]
    assert made(rows, how).index.tolist() == [1]
    assert made(rows, how, policy=Policy(auto_weight=0.5)).weight == pytest.approx([0.49, 1.0])


def test_the_labels_seen_are_those_likeliest_somewhere():
    assert made([[0.9, 0.1], [0.8, 0.2]]).n_labels_seen == 1
    assert made([[0.9, 0.1], [0.1, 0.9]]).n_labels_seen == 2
    assert made(np.zeros((0, 2))).n_labels_seen == 0


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(BadValue):
        training_set(np.ones((2, 2)), np.zeros(3), np.zeros(2, bool), np.zeros(2, bool), Policy())


@pytest.mark.parametrize("wrong", [{"min_gold": 0}, {"auto_weight": 2.0}])
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"retrain\."):
        Policy(**wrong)
