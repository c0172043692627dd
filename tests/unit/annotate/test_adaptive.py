"""Adaptive redundancy: stop as soon as the posterior is sure enough, not before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.adaptive import coin, enough, informed_posterior, posterior, wants_more, weighted_posterior
from goldseam.annotate.policy import Adaptive, Policy
from goldseam.vocab.errors import BadPolicy, BadValue


def test_two_votes_of_accuracy_0_8_give_16_to_1():
    assert posterior(np.array([2, 0]), 0.8) == pytest.approx([16 / 17, 1 / 17])


def test_with_three_labels_the_wrong_ones_share_the_error():
    # Bayes by hand: 0.7 against 0.15 and 0.15 for each vote; votes 1, 1, 0.
    weight = np.array([0.7 * 0.15, 0.15 * 0.7, 0.15 * 0.15])
    assert posterior(np.array([1, 1, 0]), 0.7) == pytest.approx(weight / weight.sum())


def test_votes_count_by_the_accuracy_of_whoever_cast_them():
    found = weighted_posterior(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.9, 0.6, 0.8]), 3, 2)
    assert found[0] == pytest.approx(np.array([0.9 * 0.4, 0.1 * 0.6]) / (0.36 + 0.06))
    assert found[1] == pytest.approx([0.2, 0.8])
    assert found[2] == pytest.approx([0.5, 0.5])


def test_an_item_stops_at_the_posterior_and_not_before_the_least_number_of_votes():
    policy = Policy(stop_at=0.9, min_votes=2)
    shares = np.array([[0.95, 0.05], [0.95, 0.05], [0.85, 0.15], [0.1, 0.9]])
    assert enough(shares, np.array([1, 2, 5, 2]), policy).tolist() == [False, True, False, True]


def test_without_a_stop_the_full_redundancy_is_asked_for():
    assert not enough(np.array([1.0, 0.0]), 50, Policy()).any()


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_nobody_is_always_right_or_always_wrong(accuracy):
    with pytest.raises(BadValue):
        posterior(np.array([1, 0]), accuracy)


@pytest.mark.parametrize(
    "wrong",
    [{"lease_minutes": 0}, {"prefetch": 0}, {"gold_rate": 2.0}, {"stop_at": 0.5}, {"min_votes": 0}, {"accuracy": 1.0}],
)
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"annotate\."):
        Policy(**wrong)


def test_a_lease_is_a_span_of_time():
    assert Policy(lease_minutes=1.5).lease.total_seconds() == 90


def worth_by_hand(posterior: np.ndarray, crowd: np.ndarray, left: int, cost: float) -> float:
    """The least expected cost, said plainly: stop now, or pay one answer and go on from what it may say."""
    stop = (1 - posterior.max()) * cost
    if left == 0:
        return stop
    goes_on = 1.0
    for said in range(crowd.shape[1]):
        joint = posterior * crowd[:, said]
        goes_on += joint.sum() * worth_by_hand(joint / joint.sum(), crowd, left - 1, cost)
    return min(stop, goes_on)


@given(
    st.lists(st.floats(0.01, 1), min_size=2, max_size=4),
    st.floats(0.4, 0.95),
    st.integers(2, 5),
    st.sampled_from([2.0, 8.0, 40.0]),
)
def test_one_more_answer_is_asked_for_exactly_when_it_is_expected_to_save_more_than_it_costs(chances, skill, n, cost):
    posterior = np.array(chances) / sum(chances)
    crowd = coin(skill, len(chances))
    left = min(5 - n, max(int(np.log(500) / np.log(len(chances))), 1))
    best = worth_by_hand(posterior, crowd, left, cost)
    asked = wants_more(posterior, n, 5, crowd, Adaptive(error_cost=cost))
    assert (
        asked == (best < (1 - posterior.max()) * cost - 1e-9 and n < 5)
        or abs(best - (1 - posterior.max()) * cost) < 1e-6
    )


def test_two_answers_together_may_turn_what_one_alone_cannot():
    # 16 to 1 after two votes of accuracy 0.8: one vote against still leaves 4 to 1, two leave it even, three turn it.
    shares = np.array([16 / 17, 1 / 17])
    rule = Adaptive(error_cost=400)
    assert not wants_more(shares, 2, 3, coin(0.8, 2), rule)
    assert wants_more(shares, 2, 7, coin(0.8, 2), rule)


def test_a_vote_speaks_by_the_confusion_of_whoever_cast_it():
    # The first never says 1 where the truth is 0; the second says 1 always.
    sure, blind = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    found = informed_posterior([1, 1], [sure, blind], np.array([0.9, 0.1]))
    assert found == pytest.approx([0.0, 1.0], abs=1e-6)
    assert informed_posterior([1], [blind], np.array([0.9, 0.1])) == pytest.approx([0.9, 0.1])
    assert informed_posterior([], [], np.array([0.9, 0.1])) == pytest.approx([0.9, 0.1])


def test_the_bounds_hold_whatever_the_posterior():
    sure = np.array([1.0, 0.0])
    assert wants_more(sure, 1, 5, coin(0.8, 2), Adaptive(error_cost=10))
    assert not wants_more(np.array([0.5, 0.5]), 5, 5, coin(0.8, 2), Adaptive(stop_at=0.99))
    assert not wants_more(sure, 1, 1, coin(0.8, 2), Adaptive(stop_at=0.99))


def test_with_a_thousand_labels_it_looks_ahead_for_the_likeliest_alone():
    shares = np.full(1000, 0.0005)
    shares[:2] = (1 - 0.0005 * 998) / 2
    assert wants_more(shares, 2, 9, coin(0.9, 1000), Adaptive(error_cost=50))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"stop_at": 0.9, "error_cost": 5.0}, {"stop_at": 0.4}, {"error_cost": 1.0}, {"stop_at": 0.9, "max_votes": 1}],
)
def test_a_rule_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"annotate\.adaptive"):
        Adaptive(**wrong)


def test_stop_at_is_said_in_one_place():
    assert Policy(stop_at=0.9, min_votes=3).stops == Adaptive(stop_at=0.9, min_votes=3)
    assert Policy().stops is None
    with pytest.raises(BadPolicy, match="leave stop_at out"):
        Policy(stop_at=0.9, adaptive=Adaptive(stop_at=0.9))
