"""Laws of settling and measuring: order does not matter, and a known truth is found again."""

from __future__ import annotations

import doctest
import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.adjudicate.policy import Policy as AdjudicatePolicy
from goldseam.adjudicate.settle import settle
from goldseam.annotate.adaptive import enough, posterior, weighted_posterior
from goldseam.annotate.policy import Policy as AnnotatePolicy
from goldseam.audit.gate import judge
from goldseam.audit.policy import Policy as AuditPolicy
from goldseam.audit.quality import measure
from goldseam.stats.crowd import confused, one_coin
from goldseam.stats.votes import Votes

ACCURACY = {"ann": 0.95, "bob": 0.9, "cat": 0.8, "dan": 0.7, "eve": 0.6}


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30), st.randoms()
)
def test_the_order_of_votes_changes_no_settlement(said, shuffle):
    def settled(rows):
        item, annotator, label = zip(*rows, strict=True)
        votes = Votes.from_arrays(item, annotator, label, items=list(range(6)), labels=[0, 1, 2])
        return settle(votes, AdjudicatePolicy())

    once = list({(item, annotator): (item, annotator, label) for item, annotator, label in said}.values())
    mixed = list(once)
    shuffle.shuffle(mixed)
    one, other = settled(once), settled(mixed)
    assert one.position.tolist() == other.position.tolist()
    assert one.posterior == pytest.approx(other.posterior, abs=1e-6)
    assert one.n_votes.tolist() == other.n_votes.tolist()


@given(st.lists(st.integers(0, 6), min_size=2, max_size=5), st.floats(0.51, 0.99))
def test_a_posterior_sums_to_1_and_the_most_votes_win(counts, accuracy):
    found = posterior(np.array(counts), accuracy)
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == int(np.argmax(counts)) or found.max() == pytest.approx(found[int(np.argmax(counts))])


@given(st.lists(st.integers(0, 2), min_size=1, max_size=9), st.floats(0.4, 0.95))
def test_equal_annotators_one_by_one_or_counted_give_the_same_posterior(labels, accuracy):
    label = np.array(labels)
    one_by_one = weighted_posterior(np.zeros(len(label), dtype=int), label, np.full(len(label), accuracy), 1, 3)[0]
    assert one_by_one == pytest.approx(posterior(np.bincount(label, minlength=3), accuracy))


def test_stopping_at_a_posterior_is_right_as_often_as_it_says_with_fewer_votes():
    rng = np.random.default_rng(0)
    policy = AnnotatePolicy(stop_at=0.95, min_votes=2)
    truth = rng.integers(2, size=3000)
    votes = one_coin("ab", dict.fromkeys(range(7), 0.8)).votes(truth, 7, rng).label.reshape(-1, 7)
    used, label = np.full(len(truth), 7), np.zeros(len(truth), dtype=int)
    open_ = np.ones(len(truth), dtype=bool)
    for n in range(1, 8):
        counts = np.stack([(votes[:, :n] == k).sum(axis=1) for k in range(2)], axis=1)
        found = posterior(counts, 0.8)
        label[open_] = found.argmax(axis=1)[open_]
        stopped = open_ & enough(found, n, policy)
        used[stopped] = n
        open_ &= ~stopped
    assert (label == truth)[~open_].mean() > 0.95
    assert used.mean() < 5


def test_settling_finds_the_truth_of_a_known_crowd_better_than_its_best_but_one():
    rng = np.random.default_rng(1)
    truth = rng.integers(3, size=400)
    votes = one_coin("abc", ACCURACY).votes(truth, 3, rng)
    accuracy = {
        method: (settle(votes, AdjudicatePolicy(method=method)).label == truth).mean()
        for method in ("majority", "dawid_skene")
    }
    assert accuracy["dawid_skene"] > 0.9
    assert accuracy["dawid_skene"] >= accuracy["majority"] - 0.01


def test_the_audit_finds_again_who_is_how_accurate_and_which_labels_are_confused():
    rng = np.random.default_rng(2)
    truth = rng.integers(4, size=600)
    crowd = confused("abcd", ACCURACY, {"a": "c", "c": "a"}, share=0.9)
    votes = crowd.votes(truth, 4, rng)
    report = measure(
        votes, settle(votes, AdjudicatePolicy()), dict(enumerate(truth.tolist())), AuditPolicy(draws=50), rng
    )
    assert {row.annotator: row.gold.value for row in report.annotators} == pytest.approx(ACCURACY, abs=0.06)
    assert [row.annotator for row in report.annotators] == ["eve", "dan", "cat", "bob", "ann"]
    assert all(row.gold.low < ACCURACY[row.annotator] < row.gold.high for row in report.annotators)
    assert [row.annotator for row in report.annotators if row.needs_coaching] == ["eve"] or report.annotators[
        1
    ].gold.value < 0.7
    assert {report.pairs[0].first, report.pairs[0].second} == {"a", "c"}
    assert report.agreement.low < report.agreement.value < report.agreement.high


@pytest.mark.parametrize(("accuracy", "band", "passes"), [(0.5, "broken", False), (0.97, "workable", True)])
def test_a_crowd_that_guesses_breaks_the_schema_and_a_careful_one_passes(accuracy, band, passes):
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=200)
    votes = one_coin("ab", dict.fromkeys("vwxyz", accuracy)).votes(truth, 3, rng)
    policy = AuditPolicy(draws=50)
    report = measure(
        votes, settle(votes, AdjudicatePolicy(method="majority")), dict(enumerate(truth.tolist())), policy, rng
    )
    assert report.band == band
    assert judge(report, policy, 0).passes is passes


@pytest.mark.parametrize("name", ["annotate.adaptive", "retrain.promote"])
def test_the_examples_run(name):
    found = doctest.testmod(importlib.import_module(f"goldseam.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
