"""The adjudicate stage: votes settle, doubt escalates, a person's ruling supersedes."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.adjudicate.policy import Policy
from goldseam.adjudicate.settle import ESCALATION_TEXT, Escalation, How, accept, disagreement, settle, together
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadPolicy, BadValue

MAJORITY = Policy(method="majority")


def votes(table: dict[int, str], labels: str = "ab") -> Votes:
    """Votes of a table: position -> one letter per annotator; a dot is no vote."""
    said = [(p, who, v) for p, row in table.items() for who, v in enumerate(row) if v != "."]
    return Votes.from_arrays(
        [p for p, _, _ in said],
        [w for _, w, _ in said],
        [v for _, _, v in said],
        items=list(table),
        labels=list(labels),
    )


@pytest.mark.parametrize("method", ["majority", "weighted", "dawid_skene", "one_coin", "infer"])
def test_every_method_settles_what_nobody_disputes(method):
    table = {3: "aaa", 7: "bbb", 1: "aaa", 9: "bbb", 12: "aab", 15: "bba"}
    found = settle(votes(table), Policy(method=method))
    assert found.position.tolist() == [1, 3, 7, 9, 12, 15]
    assert [found.labels[label] for label in found.label] == ["a", "a", "b", "b", "a", "b"]
    assert found.n_votes.tolist() == [3] * 6
    assert (found.how == How.VOTES).all()
    assert found.method == method
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(6))


def test_an_item_without_votes_is_not_settled():
    assert settle(votes({1: "aa", 2: "..", 3: "bb"}), MAJORITY).position.tolist() == [1, 3]


def test_doubt_escalates_with_its_reason():
    found = settle(
        votes({1: "aab", 2: "ab.", 3: "aaa", 4: "a.."}), Policy(method="majority", escalate_below=0.7, min_votes=2)
    )
    assert [Escalation(code) for code in found.reason] == [
        Escalation.LOW_CONFIDENCE,
        Escalation.TIE,
        Escalation.NONE,
        Escalation.FEW_VOTES,
    ]
    assert found.escalated.tolist() == [True, True, False, True]
    assert all(ESCALATION_TEXT[Escalation(code)] for code in found.reason if code)


def test_a_tie_above_the_threshold_escalates_all_the_same():
    found = settle(votes({1: "ab", 2: "aa"}), Policy(method="majority", escalate_below=0.3))
    assert found.escalated.tolist() == [True, False]


def test_a_threshold_of_0_escalates_nothing():
    assert not settle(votes({1: "ab", 2: "aa"}), Policy(method="majority", escalate_below=0.0)).escalated.any()


def test_a_ruling_supersedes_votes_and_gold_and_ends_the_escalation():
    found = settle(votes({1: "ab", 2: "aaa", 3: "bb"}), MAJORITY, gold={2: 0, 3: 0}, rulings={1: 1, 2: 1})
    assert found.label.tolist() == [1, 1, 0]
    assert [How(code) for code in found.how] == [How.RULING, How.RULING, How.GOLD]
    assert found.confidence.tolist() == [1.0] * 3
    assert not found.escalated.any()


def test_gold_settles_its_items_but_the_label_by_the_votes_stays_on_record():
    found = settle(votes({1: "aa", 2: "bb"}), MAJORITY, gold={1: 1, 5: 1})
    assert found.position.tolist() == [1, 2, 5]
    assert found.label.tolist() == [1, 1, 1]
    assert found.voted.tolist() == [0, 1, 1]
    assert found.n_votes.tolist() == [2, 2, 0]


def test_gold_teaches_the_method_nothing():
    table = dict.fromkeys(range(20), "aab") | dict.fromkeys(range(20, 40), "bba")
    plain = settle(votes(table), Policy())
    with_gold = settle(votes(table), Policy(), gold=dict.fromkeys(range(10), 1))
    assert plain.posterior[10:] == pytest.approx(with_gold.posterior[10:])
    assert plain.voted.tolist() == with_gold.voted.tolist()


def test_a_ruling_without_votes_settles_too():
    found = settle(votes({1: "aa"}), MAJORITY, rulings={8: 1})
    assert found.position.tolist() == [1, 8]
    assert found.posterior[1].tolist() == [0.0, 1.0]


def test_no_votes_at_all_settle_nothing():
    found = settle(votes({}), Policy())
    assert len(found.position) == 0
    assert found.posterior.shape == (0, 2)
    assert disagreement(found).tolist() == []


@pytest.mark.parametrize("wrong", [2, -1])
def test_a_label_that_is_not_there_is_refused(wrong):
    with pytest.raises(BadValue, match="0 to 1"):
        settle(votes({1: "aa"}), MAJORITY, rulings={1: wrong})


def test_the_most_disputed_come_first_and_equals_by_position():
    found = settle(
        votes({9: "aab", 4: "ab.", 2: "aaaa", 6: "ab", 3: "aabb", 8: "aaab"}),
        Policy(method="majority", escalate_below=0.9),
    )
    assert disagreement(found).tolist() == [3, 4, 6, 9, 8]


def test_accepted_suggestions_are_settled_automatically_and_votes_count_before_them():
    automatic = accept(np.array([5, 2]), np.array([[0.1, 0.9], [0.97, 0.03]], dtype=np.float32), ("a", "b"))
    assert automatic.position.tolist() == [2, 5]
    assert automatic.label.tolist() == [0, 1]
    assert (automatic.how == How.AUTO).all()
    both = together(settle(votes({2: "bbb", 4: "aaa"}), MAJORITY), automatic)
    assert both.position.tolist() == [2, 4, 5]
    assert both.label.tolist() == [1, 0, 1]
    assert [How(code) for code in both.how] == [How.VOTES, How.VOTES, How.AUTO]


def test_settlements_of_different_labels_are_not_put_together():
    one = accept(np.array([1]), np.array([[1.0, 0.0]]), ("a", "b"))
    with pytest.raises(BadValue):
        together(one, accept(np.array([2]), np.array([[1.0, 0.0]]), ("b", "a")))
    with pytest.raises(BadValue):
        accept(np.array([1]), np.ones((1, 3)), ("a", "b"))


@pytest.mark.parametrize("wrong", [{"escalate_below": 1.2}, {"min_votes": 0}])
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"adjudicate\."):
        Policy(**wrong)


def test_one_answer_each_is_taken_at_its_word_by_any_method():
    votes = Votes.from_arrays(np.arange(6), ["ann"] * 6, ["a", "a", "a", "a", "a", "b"], labels=["a", "b"])
    found = settle(votes, Policy(method="dawid_skene", escalate_below=0.9))
    assert found.method == "majority"
    assert found.confidence.tolist() == [1.0] * 6
    assert not found.escalated.any()
