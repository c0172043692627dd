"""The audit stage: agreement and accuracy, measured apart."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest

from goldseam.adjudicate.policy import Policy as AdjudicatePolicy
from goldseam.adjudicate.settle import settle
from goldseam.audit.policy import Policy
from goldseam.audit.quality import QualityReport, band, from_plain, measure, to_plain
from goldseam.stats.votes import Votes
from goldseam.vocab.errors import BadPolicy

POLICY = Policy(draws=200)
MAJORITY = AdjudicatePolicy(method="majority")


def votes(rows: list[str], labels: str = "ab", names: str = "XYZW") -> Votes:
    said = [(p, names[who], v) for p, row in enumerate(rows) for who, v in enumerate(row) if v != "."]
    item, annotator, label = zip(*said, strict=True) if said else ((), (), ())
    return Votes.from_arrays(item, annotator, label, items=list(range(len(rows))), labels=list(labels))


def report(
    rows: list[str], gold: dict[int, int], policy: Policy = POLICY, settled_by_gold: bool = False, **options
) -> QualityReport:
    given = votes(rows, **options)
    settled = settle(given, MAJORITY, gold=gold if settled_by_gold else None)
    return measure(given, settled, gold, policy, np.random.default_rng(0))


def test_the_bands_are_those_of_the_policy():
    assert [band(alpha, Policy()) for alpha in (-0.2, 0.39, 0.4, 0.59, 0.6, 1.0, None)] == [
        "broken",
        "broken",
        "weak",
        "weak",
        "workable",
        "workable",
        "undefined",
    ]


def test_agreement_and_accuracy_are_apart_people_can_agree_and_be_wrong():
    found = report(["aaa", "bbb"] * 10, {p: (p + 1) % 2 for p in range(10)})
    assert found.agreement.value == 1.0
    assert found.band == "workable"
    assert (found.accuracy.k, found.accuracy.n, found.accuracy.value) == (0, 10, 0.0)
    assert any("not with gold" in warning for warning in found.warnings)


def test_accuracy_is_that_of_the_labels_by_votes_even_where_gold_settled():
    rows, gold = ["aab", "bba", "bbb", "aaa"], {0: 1, 1: 1, 2: 1}
    for settled_by_gold in (False, True):
        found = report(rows, gold, settled_by_gold=settled_by_gold)
        assert (found.accuracy.k, found.accuracy.n) == (2, 3)


def test_gold_without_votes_proves_nothing():
    found = report(["aa", "..", "bb"], {1: 1, 2: 1}, settled_by_gold=True)
    assert (found.accuracy.k, found.accuracy.n) == (1, 1)


def test_each_annotator_is_measured_on_gold_the_least_accurate_first():
    rows = ["aab", "bba", "aab", "bba", "aaa", "bb."]
    found = report(rows, {p: p % 2 for p in range(5)}, Policy(draws=10, min_gold=5))
    assert [row.annotator for row in found.annotators] == ["Z", "X", "Y"]
    worst = found.annotators[0]
    assert (worst.n_votes, worst.gold.k, worst.gold.n, worst.needs_coaching) == (5, 1, 5, True)
    assert [row.needs_coaching for row in found.annotators[1:]] == [False, False]
    assert any("coached: Z." in warning for warning in found.warnings)
    assert (found.vote_accuracy.k, found.vote_accuracy.n) == (11, 15)


def test_nobody_is_to_be_coached_on_the_ground_of_a_few_gold_items():
    found = report(["bbb"] * 4, dict.fromkeys(range(4), 0), Policy(draws=10, min_gold=5))
    assert [row.gold.value for row in found.annotators] == [0.0] * 3
    assert not any(row.needs_coaching for row in found.annotators)


def test_the_interval_of_a_share_is_wilsons():
    # Wilson (1927) for 9 of 10 at 95 %: 0.596 to 0.982.
    found = report(["aa"] * 9 + ["bb"], dict.fromkeys(range(10), 0))
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


def test_the_labels_that_people_confuse_are_named_the_worst_pair_first():
    found = report(["ab", "ba", "ab", "cc", "cc", "cb", "aa"], {}, labels="abc")
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "b"), ("b", "c")]
    assert [pair.share for pair in found.pairs] == pytest.approx([0.75, 0.25])


def test_the_worst_pair_is_warned_of_where_there_is_a_choice_of_pairs():
    rows = ["ab", "ba", "ab", "cc", "cb", "aa"]
    assert any("'a' and 'b'" in warning for warning in report(rows, {}, labels="abc").warnings)
    assert not any("disagreement" in warning for warning in report(["ab", "ba", "aa"], {}).warnings)


def test_an_item_with_many_votes_weighs_in_disagreement_as_it_does_in_alpha():
    # 2 against 2 of four votes: 4 unlike pairs, each of weight 1/3.
    found = report(["aabb", "ab"], {})
    assert found.pairs[0].n_pairs == pytest.approx(4 / 3 + 1)


def test_one_vote_an_item_leaves_agreement_undefined_with_a_reason_and_no_number():
    found = report(["a", "b", "a"], {})
    assert found.agreement.value is None
    assert found.agreement.low is None
    assert found.agreement.reason
    assert found.band == "undefined"
    assert found.accuracy.value is None
    assert found.accuracy.reason
    assert found.pairs == ()


def test_nothing_at_all_is_measured_without_failing():
    found = report([], {})
    assert (found.n_items, found.n_votes, found.n_settled, found.votes_per_item) == (0, 0, 0, 0.0)
    assert found.band == "undefined"


def test_each_label_has_its_votes_settled_items_and_recall_on_gold():
    found = report(["aa", "ab", "bb", "bb"], {0: 0, 2: 1, 3: 0}, labels="abc")
    a, b, c = found.labels
    assert [(row.n_votes, row.n_settled) for row in (a, b, c)] == [(3, 1), (5, 2), (0, 0)]
    assert [(row.gold.k, row.gold.n) for row in (a, b, c)] == [(1, 2), (1, 1), (0, 0)]
    assert c.alpha is None
    assert any("'c'" in warning for warning in found.warnings)
    assert found.n_escalated == 1


def test_a_report_is_plain_values_and_comes_back_equal():
    found = report(["aab", "bba", "aba", "bbb"], {0: 0, 1: 1})
    plain = json.loads(json.dumps(to_plain(found), allow_nan=False))
    assert set(plain) == {field.name for field in fields(QualityReport)}
    assert from_plain(plain) == found


def test_the_same_seed_gives_the_same_interval():
    assert report(["aab", "bba", "aba"] * 9, {}) == report(["aab", "bba", "aba"] * 9, {})


@pytest.mark.parametrize(
    "wrong",
    [{"alpha_stop": 0.7}, {"gold_accuracy": 1.1}, {"min_gold": 0}, {"draws": 0}, {"level": 1.0}, {"alpha_warn": 2.0}],
)
def test_a_policy_out_of_range_is_refused(wrong):
    with pytest.raises(BadPolicy, match=r"audit\."):
        Policy(**wrong)
