"""The route stage: confidence decides the tier, the tier decides the redundancy."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.route.policy import Policy
from goldseam.route.tiers import Tier, assign
from goldseam.vocab.errors import BadPolicy, BadValue

POLICY = Policy(auto_at=0.95, single_at=0.8, expert_below=0.4, redundancy=3, spot_check=0.0)


def route(confidence, policy=POLICY, seed=0):
    confidence = None if confidence is None else np.asarray(confidence, dtype=np.float32)
    n = 4 if confidence is None else len(confidence)
    return assign(np.arange(n) + 10, confidence, policy, np.random.default_rng(seed))


def test_each_confidence_takes_its_tier():
    found = route([0.3, 0.4, 0.79, 0.8, 0.94, 0.96, 1.0])
    assert [Tier(code).text for code in found.tier] == [
        "expert",
        "consensus",
        "consensus",
        "single",
        "single",
        "auto",
        "auto",
    ]
    assert found.wanted.tolist() == [3, 3, 3, 1, 1, 0, 0]
    assert found.position.tolist() == list(range(10, 17))


def test_without_confidence_everything_goes_to_consensus():
    found = route(None)
    assert set(found.tier.tolist()) == {Tier.CONSENSUS}
    assert found.wanted.tolist() == [3] * 4


def test_without_thresholds_everything_goes_to_consensus():
    assert set(route([0.0, 0.5, 1.0], Policy()).tier.tolist()) == {Tier.CONSENSUS}


def test_spot_checks_want_one_answer_and_fall_on_accepted_items_only():
    found = route([0.99] * 2000 + [0.85] * 2000, Policy(auto_at=0.95, single_at=0.8, spot_check=0.1))
    checked = np.flatnonzero(found.spot_check)
    assert (checked < 2000).all()
    assert 140 < len(checked) < 260
    assert set(found.wanted[checked].tolist()) == {1}
    assert set(found.wanted[:2000][~found.spot_check[:2000]].tolist()) == {0}


def test_the_same_seed_checks_the_same_items():
    assert route([0.99] * 50, seed=3).spot_check.tolist() == route([0.99] * 50, seed=3).spot_check.tolist()


def test_a_confidence_is_needed_for_every_item():
    with pytest.raises(BadValue, match="one confidence per item"):
        assign(np.arange(3), np.ones(2), POLICY, np.random.default_rng(0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"auto_at": 1.1},
        {"auto_at": 0.5, "single_at": 0.6},
        {"single_at": 0.3, "expert_below": 0.4},
        {"auto_at": 0.3, "expert_below": 0.4},
        {"redundancy": 0},
        {"spot_check": -0.1},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"route\."):
        Policy(**wrong)
