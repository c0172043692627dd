"""Adaptive redundancy: stop as soon as the posterior is sure enough, not before."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.annotate.adaptive import enough, posterior, weighted_posterior
from goldseam.annotate.policy import Policy
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
