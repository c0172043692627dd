"""Segments and lines: which rule selects an item, by which policy it is then routed, and in which order lines serve."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.route.lines import Line, lacking, serving
from goldseam.route.policy import Policy
from goldseam.route.segments import NONE, Condition, Segment, named, which
from goldseam.route.tiers import Tier, assign
from goldseam.vocab.errors import BadPolicy, BadValue

COLUMNS = {
    "domain": np.array(["med", "law", "med", "", "bio"], object),
    "year": np.array(["2001", "1999", "none", "2020", "2010.5"], object),
}


def test_the_first_rule_that_matches_is_an_items_segment() -> None:
    rules = (
        Segment("old", {"year": Condition(max=2000)}),
        Segment("medical", {"domain": Condition(("med", "bio")), "year": Condition(min=2000)}),
        Segment("med", {"domain": Condition(("med",))}),
        Segment("law", {"domain": Condition(("law",))}),
    )
    assert which(rules, COLUMNS, 5).tolist() == [1, 0, 2, NONE, 1]
    assert named(rules) == ("year", "domain")
    assert which((), {}, 3).tolist() == [NONE] * 3
    assert which((Segment("all"),), {}, 3).tolist() == [0] * 3


def test_what_a_segment_leaves_out_is_as_in_route() -> None:
    route = Policy(redundancy=3, auto_at=0.9, skills=("de",), priority=1)
    own = Segment("s", redundancy=5, skills=("medical", "de"), expert_below=0.2).of(route)
    assert own == Policy(redundancy=5, auto_at=0.9, expert_below=0.2, skills=("de", "medical"), priority=1)
    with pytest.raises(BadPolicy, match="expert_below may not lie above"):
        Segment("s", expert_below=0.95).of(route)


def test_each_segment_is_routed_by_its_own_policy_and_chance_is_the_same_for_all() -> None:
    position, confidence = np.arange(6), np.array([0.1, 0.95, 0.95, 0.1, 0.95, 0.5])
    route = Policy(auto_at=0.9, redundancy=3, spot_check=0.0)
    segment = np.array([NONE, NONE, 0, 0, 1, 1])
    policies = {0: (Policy(redundancy=2, single_at=0.9), None), 1: (Policy(redundancy=7), Tier.EXPERT)}
    found = assign(position, confidence, route, np.random.default_rng(1), segment, policies)
    expected = [Tier.CONSENSUS, Tier.AUTO, Tier.SINGLE, Tier.CONSENSUS, Tier.EXPERT, Tier.EXPERT]
    assert found.tier.tolist() == expected
    assert found.wanted.tolist() == [3, 0, 1, 2, 7, 7]
    every = np.full(200, 0.99)
    for policy in (route, Policy(auto_at=0.5, redundancy=3, spot_check=0.3)):
        checked = assign(np.arange(200), every, policy, np.random.default_rng(4)).spot_check
        halves = np.repeat([0, 1], 100)
        both = {0: (policy, None), 1: (policy, None)}
        again = assign(np.arange(200), every, policy, np.random.default_rng(4), halves, both).spot_check
        assert checked.tolist() == again.tolist()


def test_lines_serve_ones_own_batches_first_then_by_priority_then_by_tier() -> None:
    lines = {
        0: Line(Tier.AUTO),
        2: Line(Tier.CONSENSUS),
        3: Line(Tier.EXPERT, 9),
        4: Line(Tier.SINGLE, 2),
        5: Line(Tier.CONSENSUS, 2, ("medical:2",)),
        6: Line(Tier.EXPERT, -9, batch="mine"),
        7: Line(Tier.CONSENSUS, 1, ("law",)),
    }
    tiers = (Tier.CONSENSUS, Tier.SINGLE, Tier.AUTO)
    assert serving(lines, tiers, {"medical": 2}, ["mine"]) == [6, 5, 4, 2, 0]
    assert serving(lines, tiers, {"medical": 1}, ["mine"]) == [6, 4, 2, 0]
    assert serving(lines, (Tier.EXPERT, *tiers), {"law": 1}, ["mine"]) == [6, 3, 4, 7, 2, 0]
    assert lacking(("a", "b:3"), {"a": 1, "b": 2}) == ("b:3",)


@pytest.mark.parametrize("text", ["", "Medical", "a:0", "a:100", "a:x", "a:", "a b", "a:²"])
def test_a_skill_that_is_not_written_right_is_refused(text: str) -> None:
    with pytest.raises(BadPolicy, match="name:2"):
        Policy(skills=(text,))


@pytest.mark.parametrize("priority", [-10, 10, 100])
def test_a_priority_out_of_range_is_refused(priority: int) -> None:
    with pytest.raises(BadValue, match="-9 to 9"):
        Line(0, priority)
    with pytest.raises(BadPolicy, match="-9 to 9"):
        Policy(priority=priority)
    with pytest.raises(BadPolicy, match="-9 to 9"):
        Segment("s", priority=priority)


@pytest.mark.parametrize("wrong", [{}, {"values": ("a",), "min": 1.0}, {"min": 2.0, "max": 1.0}])
def test_a_condition_that_says_nothing_or_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadPolicy):
        Condition(**wrong)  # type: ignore[arg-type]  # wrong on purpose
