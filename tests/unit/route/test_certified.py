"""Certified tiers: labels of an audit go where they prove most, each group by itself, and the promise holds."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.route.certified import Guide, accepts, beside, curve, kept, plan, prove, reach, shares
from goldseam.route.policy import Policy
from goldseam.route.tiers import Tier, assign
from goldseam.vocab.errors import BadPolicy

POLICY = Policy(error=0.1, delta=0.1, audit=200, certify_by="label")


def pool(rng: np.random.Generator, n: int, group: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    confidence = rng.beta(6 if group == 0 else 1, 1, n)
    return np.full(n, group), confidence, rng.random(n) < confidence


def both(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = [pool(rng, n, group) for group in (0, 1)]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]  # as many as went in


def test_labels_are_shared_evenly_and_no_group_gets_more_than_it_has():
    assert shares([3, 50, 50], 43) == (3, 20, 20)
    assert shares([5, 5], 100) == (5, 5)
    assert sum(shares([40, 41, 7], 50)) == 50


def test_each_group_is_audited_at_its_part_of_the_chance_within_its_own_items():
    rng = np.random.default_rng(1)
    group, confidence, _ = both(rng, 1500)
    known = both(rng, 300)
    planned = plan(group, confidence, Guide(known[1], known[0], known[2]), POLICY, 200)
    assert [one.group for one in planned] == [0, 1]
    for one in planned:
        assert one.audit.delta == POLICY.delta / 2
        place, rank = one.draw(np.random.default_rng(2))
        assert set(group[place]) <= {one.group}
        assert len(place) == (100 if one.top else 0)
        assert (np.diff(rank) > 0).all()
        assert (confidence[place] >= one.audit.confidence[max(one.top - 1, 0)]).all()


def test_what_was_written_down_of_an_audit_proves_what_the_audit_itself_proves_and_keeps_its_promise():
    broken = opened = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        group, confidence, right = pool(rng, 2000, 0)
        known = pool(rng, 300, 0)
        (one,) = plan(group, confidence, Guide(known[1], known[0], known[2]), POLICY, 200)
        place, rank = one.draw(rng)
        sizes = one.audit.sizes
        zones = kept(
            len(group), sizes.tolist(), one.audit.confidence[sizes - 1].tolist(), one.audit.n, 0.1, one.audit.delta
        )
        found = prove(zones, rank, right[place])
        if found.threshold is None:
            continue
        opened += 1
        accepted = accepts(group, confidence, {0: found.threshold})
        assert accepted.sum() == found.size
        broken += (~right[accepted]).mean() > 0.1
    assert opened > 40
    assert broken <= 10  # 60 draws at 10 %: more than 10 has a chance of 4 % if the promise just holds


def test_an_audit_that_would_look_at_all_that_it_could_accept_is_not_made():
    rng = np.random.default_rng(3)
    group, confidence, _ = pool(rng, 150, 0)
    known = pool(rng, 300, 0)
    (one,) = plan(group, confidence, Guide(known[1], known[0], known[2]), POLICY, 200)
    assert one.top == 0
    assert one.draw(rng)[0].tolist() == []


def test_a_fixed_threshold_is_shown_with_its_errors_on_the_audit_and_opens_nothing_where_a_certificate_is_asked_for():
    found = beside(0.9, np.array([0.95, 0.92, 0.5]), np.array([True, False, False]))
    assert (found.n, found.wrong) == (2, 1)
    assert found.bounds.low < 0.5 < found.bounds.high
    policy = Policy(auto_at=0.9, error=0.05, spot_check=0.0)
    sure = np.array([0.99, 0.99, 0.5])
    routes = assign(np.arange(3), sure, policy, np.random.default_rng(0), certified=np.array([False, True, False]))
    assert routes.tier.tolist() == [Tier.CONSENSUS, Tier.AUTO, Tier.CONSENSUS]


@pytest.mark.parametrize("wrong", [{"error": 0.0}, {"delta": 1.0}, {"audit": 0}, {"audit_answers": 0}])
def test_a_promise_outside_its_bounds_is_refused(wrong):
    with pytest.raises(BadPolicy, match=f"route.{next(iter(wrong))}"):
        Policy(**wrong)


def test_the_curve_counts_what_was_looked_at_in_each_zone_and_says_how_far_a_threshold_reaches() -> None:
    sizes, thresholds = [10, 20, 40], [0.9, 0.8, 0.6]
    audit = kept(100, sizes, thresholds, 8, 0.1, 0.1)
    rank = np.array([1, 5, 12, 18, 25, 39])
    right = np.array([True, True, False, True, False, True])
    points = curve(audit, rank, right)
    assert [(one.threshold, one.coverage, one.n, one.wrong) for one in points] == [
        (0.9, 0.1, 2, 0), (0.8, 0.2, 4, 1), (0.6, 0.4, 6, 2),
    ]  # fmt: skip
    assert all(one.bounds.low <= one.wrong / one.n <= one.bounds.high for one in points)
    assert [reach(audit, at) for at in (0.95, 0.9, 0.85, 0.6, 0.1)] == [0.0, 0.1, 0.1, 0.4, 0.4]
    assert len(curve(kept(500, list(range(1, 401)), np.linspace(1, 0.5, 400).tolist(), 8, 0.1, 0.1), rank, right)) == 40
