"""The guard against rubber-stamping: chance decides who sees what, and the pull of a wrong suggestion is recovered."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from goldseam.annotate.guard import Answered, Policy, Way, hurting, plants, pull, showing
from goldseam.stats.anchoring import effect
from goldseam.stats.votes import BadVotes
from goldseam.vocab.errors import BadPolicy, BadValue
from goldseam.vocab.people import AnnotatorId

SEED = b"a secret seed of a project"
ANN, BEN = AnnotatorId("ann"), AnnotatorId("ben")


def test_newcombes_example_has_his_interval() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table II, contrast (a), method 10: 56/70 against 48/80."""
    found = effect(56, 70, 48, 80)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    other = effect(9, 10, 3, 10)
    assert (round(other.low, 4), round(other.high, 4)) == (0.1705, 0.8090)
    assert effect(0, 0, 1, 2).value is None
    with pytest.raises(BadVotes, match="no more can"):
        effect(3, 2, 0, 1)


def test_shares_are_kept_and_nothing_else_decides() -> None:
    found = [showing(ANN, position, position % 3, range(3), 0.2, 0.1, SEED) for position in range(20_000)]
    ways = Counter(one.way for one in found)
    assert ways[Way.BLIND] / 20_000 == pytest.approx(0.2, abs=0.01)
    assert ways[Way.PLANTED] / 20_000 == pytest.approx(0.8 * 0.1, abs=0.01)
    for way in (Way.BLIND, Way.PLANTED):
        wrong = Counter((position % 3, one.wrong) for position, one in enumerate(found) if one.way is way)
        assert all(suggested != label for suggested, label in wrong)
        share = ways[way] / 6
        assert all(abs(n - share) < 5 * share**0.5 for n in wrong.values()), "each wrong label as often, in both arms"


def test_it_is_the_same_again_other_for_others_and_cannot_be_foretold_without_the_seed() -> None:
    def ways(who: AnnotatorId, seed: bytes) -> list[Way]:
        return [showing(who, position, 0, [0, 1], 0.3, 0.3, seed).way for position in range(300)]

    first = ways(ANN, SEED)
    assert ways(ANN, SEED) == first
    assert ways(BEN, SEED) != first != ways(ANN, SEED + b".")
    with pytest.raises(BadValue, match="at least 16 bytes"):
        showing(ANN, 1, 0, [0, 1], 0.1, 0.1, b"short")


def test_where_one_label_may_be_suggested_no_wrong_one_can_be() -> None:
    found = {showing(ANN, position, 0, [0], 0.3, 0.5, SEED) for position in range(100)}
    assert {one.wrong for one in found} == {None}
    assert {one.way for one in found} == {Way.SHOWN, Way.BLIND}
    assert plants([3, 2], takes_one=False)
    assert not plants([3, 1], takes_one=False)
    assert not plants([3], takes_one=True)


def answers(
    anchored: float, n: int, rng: np.random.Generator, n_labels: int = 3, who: AnnotatorId = ANN
) -> list[Answered]:
    """Answers of somebody who is right 8 times of 10, and instead takes what is shown in a share `anchored` of the cases."""
    found = []
    for _ in range(n):
        truth = int(rng.integers(n_labels))
        suggested = truth if rng.random() < 0.8 else int(rng.integers(n_labels))
        seen = showing(who, int(rng.integers(2**40)), suggested, range(n_labels), 0.3, 0.3, SEED)
        said = truth if rng.random() < 0.8 else int(rng.integers(n_labels))
        label = seen.label(suggested)
        if label is not None and rng.random() < anchored:
            said = label
        found.append(Answered(who, seen.way, suggested, seen.wrong, said))
    return found


@pytest.mark.parametrize("anchored", [0.0, 0.3])
def test_a_known_pull_is_recovered_and_its_interval_holds(anchored: float) -> None:
    rng = np.random.default_rng(5)
    many = answers(anchored, 20_000, rng)
    unasked = np.mean([one.said == one.wrong for one in many if one.way is Way.BLIND])
    true = anchored * (1 - unasked)
    assert pull(many, 3).overall.value == pytest.approx(true, abs=0.03)
    held = [one.low <= true <= one.high for _ in range(150) for one in [pull(answers(anchored, 300, rng), 3).overall]]
    assert np.mean(held) >= 0.9


def test_people_and_labels_are_measured_apart_and_only_proven_harm_switches_a_label_off() -> None:
    rng = np.random.default_rng(9)
    sways = answers(0.9, 1_500, rng, who=ANN)
    firm = answers(0.0, 1_500, rng, who=BEN)
    found = pull([*sways, *firm], 3)
    assert found.annotators[ANN].low > 0.6
    assert found.annotators[BEN].high < 0.2
    assert set(hurting(found, Policy(off_above=0.2))) == {0, 1, 2}
    assert hurting(found, Policy(off_above=None)) == {}
    assert hurting(pull(firm, 3), Policy(off_above=0.05)) == {}
    few = [one for one in sways if one.way is not Way.SHOWN][:15]
    assert hurting(pull(few, 3), Policy(off_above=0.0)) == {}, "too few of each kind"
    alone = pull(sways, 3).labels[0]
    assert alone.high - alone.low > (only := pull(sways, 1).labels[0]).high - only.low, "all labels hold together"


@pytest.mark.parametrize("wrong", [{"planted_share": 0.6}, {"off_above": 1.0}, {"at_least": 0}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadPolicy, match=rf"guard\.{next(iter(wrong))}"):
        Policy(**wrong)  # type: ignore[arg-type]  # wrong on purpose
