"""The gate: it closes for a reason, and says every one."""

from __future__ import annotations

import numpy as np

from goldseam.adjudicate.policy import Policy as AdjudicatePolicy
from goldseam.adjudicate.settle import settle
from goldseam.audit.gate import Gate, Reason, judge
from goldseam.audit.policy import Policy
from goldseam.audit.quality import measure
from goldseam.stats.votes import Votes

DEFAULT = Policy(draws=10)


def judged(rows: list[str], gold: dict[int, int], policy: Policy = DEFAULT, escalated_open: int = 0) -> Gate:
    said = [(p, who, v) for p, row in enumerate(rows) for who, v in enumerate(row)]
    item, annotator, label = zip(*said, strict=True) if said else ((), (), ())
    votes = Votes.from_arrays(item, annotator, label, labels=["a", "b"])
    settled = settle(votes, AdjudicatePolicy(method="majority"))
    return judge(measure(votes, settled, gold, policy, np.random.default_rng(0)), policy, escalated_open)


def codes(gate: Gate) -> dict[str, bool]:
    return {reason.code: reason.blocks for reason in gate.reasons}


GOOD = ["aaa", "bbb"] * 10
GOLD = {p: p % 2 for p in range(10)}


def test_good_labels_pass_without_a_reason():
    gate = judged(GOOD, GOLD)
    assert gate.passes
    assert gate.reasons == ()


def test_a_broken_schema_closes_the_gate_and_names_the_labels():
    gate = judged(["aab", "abb", "bab", "bba"] * 5, {})
    assert codes(gate) == {"alpha_broken": True, "gold_few": False}
    assert not gate.passes
    assert "a and b" in gate.reasons[0].text


def test_weak_agreement_only_warns():
    gate = judged(
        ["aaa", "bbb", "aaa", "bbb", "aab"] * 4,
        GOLD | dict.fromkeys(range(0), 0),
        Policy(draws=10, alpha_warn=0.9, min_gold=50),
    )
    assert codes(gate) == {"alpha_weak": False, "gold_few": False}
    assert gate.passes


def test_agreement_that_cannot_be_measured_is_said_and_does_not_block():
    gate = judged(["a", "b"] * 10, GOLD)
    assert codes(gate) == {"alpha_undefined": False}
    assert gate.passes


def test_low_accuracy_on_gold_closes_the_gate_with_figure_and_interval():
    gate = judged(GOOD, dict.fromkeys(range(10), 0), Policy(draws=10, gold_accuracy=0.9))
    assert codes(gate) == {"gold_low": True}
    assert "5 of 10" in gate.reasons[0].text
    assert "50%" in gate.reasons[0].text


def test_accuracy_that_may_be_low_by_chance_warns_and_does_not_block():
    gate = judged(GOOD, dict.fromkeys(range(10), 0), Policy(draws=10, gold_accuracy=0.7))
    assert codes(gate) == {"gold_low": False}
    assert gate.passes


def test_too_little_gold_warns_and_never_blocks_however_wrong():
    gate = judged(GOOD, {0: 1, 1: 0})
    assert codes(gate) == {"gold_few": False}


def test_open_escalations_block_or_stay_out_as_the_policy_says():
    assert codes(judged(GOOD, GOLD, escalated_open=2)) == {"escalated_open": True}
    leaving = judged(GOOD, GOLD, Policy(draws=10, escalated="leave_out"), escalated_open=1)
    assert codes(leaving) == {"escalated_open": False}
    assert "1 item waits" in leaving.reasons[0].text


def test_nothing_settled_closes_the_gate():
    assert codes(judged([], {}))["nothing_settled"]


def test_a_gate_passes_when_no_reason_blocks():
    assert Gate((Reason("x", "x", blocks=False),)).passes
    assert not Gate((Reason("x", "x", blocks=False), Reason("y", "y", blocks=True))).passes
