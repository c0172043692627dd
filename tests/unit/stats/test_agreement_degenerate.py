"""Agreement of votes that hardly are any: a value, or None with the right reason; never a NaN, never a wrong label in a sentence."""

from __future__ import annotations

import math
import warnings
from functools import partial

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import METHODS, Agreement, Statistic
from goldseam.stats.votes import BadVotes, Votes

EVERY: dict[str, Statistic] = dict(METHODS)
EVERY["alpha ordinal"] = partial(agreement.alpha, level="ordinal")
EVERY["alpha interval"] = partial(agreement.alpha, level="interval")
EVERY["alpha ratio"] = partial(agreement.alpha, level="ratio")
EVERY["ac2 linear"] = partial(agreement.gwet_ac2, weights="linear")

RNG = np.random.default_rng(11)
TRUTH = RNG.integers(2, size=(200, 1))
AT_RANDOM = RNG.integers(2, size=(200, 1))
GOOD = np.where(RNG.random((200, 3)) < 0.9, TRUTH, 1 - TRUTH)

DEGENERATE = {
    "no votes": Votes.from_arrays([], [], []),
    "no votes, but names": Votes.from_arrays([], [], [], items=[1, 2], annotators=["ann"], labels=["1", "2"]),
    "one vote": Votes.from_arrays([1], ["ann"], ["1"]),
    "one annotator": Votes.from_arrays([1, 2, 3], ["ann"] * 3, ["1", "2", "1"]),
    "one vote each": Votes.from_arrays([1, 2, 3], ["ann", "bob", "eve"], ["1", "2", "1"]),
    "one item": Votes.from_arrays([1, 1, 1], ["ann", "bob", "eve"], ["1", "2", "1"]),
    "one pair": Votes.from_arrays([1, 1], ["ann", "bob"], ["1", "2"]),
    "one label": Votes.from_matrix(np.ones((4, 3), dtype=int)),
    "one label where two votes are": Votes.from_arrays([1, 2, 2, 3, 3], ["a", "a", "b", "a", "b"], [1, 2, 2, 2, 2]),
    "items without votes": Votes.from_arrays([1, 1], ["a", "b"], [1, 2], items=[0, 1, 2], labels=[1, 2, 3]),
    "never alike": Votes.from_matrix(np.array([[0, 1], [1, 0], [0, 1]])),
    "3,000 labels": Votes.from_matrix(np.arange(3000).reshape(-1, 1) + np.array([[0, 0, 1]])),
    "every vote another label": Votes.from_matrix(np.arange(60).reshape(30, 2)),
}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("crowd", DEGENERATE)
def test_every_statistic_gives_a_number_or_a_reason(crowd: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = EVERY[name](DEGENERATE[crowd])
    if found.value is None:
        assert found.reason.endswith(".")
    else:
        assert found.reason == ""
        assert math.isfinite(found.value)
        assert found.value <= 1 + 1e-12
    for part in (found.observed, found.expected):
        assert part is None or 0 <= part <= 1 + 1e-12


@pytest.mark.parametrize("name", ["alpha", "percent", "fleiss_kappa", "gwet_ac1"])
@pytest.mark.parametrize("crowd", DEGENERATE)
def test_every_interval_is_in_order_or_has_a_reason(crowd: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = agreement.interval(DEGENERATE[crowd], name, rng=np.random.default_rng(1), draws=50)
    if found.low is None or found.high is None:
        assert found.reason.endswith(".")
        assert found.n_draws == 0
    else:
        assert found.low <= found.high
        assert 1 <= found.n_draws <= 50


def test_the_reason_names_the_label_of_votes_that_can_be_compared() -> None:
    votes = DEGENERATE["one label where two votes are"]
    assert votes.labels[int(votes.label[0])] == 1
    assert agreement.alpha(votes).reason.startswith("Every vote that can be compared is 2:")
    assert agreement.scott_pi(votes).reason.startswith("Every vote that can be compared is 2:")


def test_the_reason_tells_alike_labels_from_labels_without_a_distance() -> None:
    votes = Votes.from_matrix(np.array([[0, 1], [1, 1], [0, 0]]))
    for found in (
        agreement.alpha(votes, np.zeros((2, 2))),
        agreement.alpha(votes, "interval", values=[5, 5]),
        agreement.cohen_kappa([0, 1, 0], [1, 1, 0], np.ones((2, 2))),
    ):
        assert found.value is None
        assert found.reason.startswith("Between the labels that can be compared there is no distance")


@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_a_label_that_reads_as_no_finite_number_is_refused(level: str, wrong: str) -> None:
    votes = Votes.from_arrays([1, 1, 2, 2], ["a", "b"] * 2, [wrong, "1", "1", "1"])
    with pytest.raises(BadVotes, match="a finite number would be right"):
        agreement.alpha(votes, level)
    assert agreement.alpha(votes).value is not None


def test_ratio_alpha_of_values_below_0_is_a_number_all_the_same() -> None:
    """It means nothing, as the documentation says; other implementations give it, and so the same is given here."""
    votes = Votes.from_arrays([1, 1, 2, 2, 3, 3], ["a", "b"] * 3, [-1, 1, 2, 1, 2, 2])
    value = agreement.alpha(votes, "ratio").value
    assert value is not None
    assert math.isfinite(value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_distances_are_finite_and_not_negative(bad: float) -> None:
    votes = Votes.from_matrix(np.array([[0, 1], [1, 1]]))
    with pytest.raises(BadVotes, match="Distances need"):
        agreement.alpha(votes, [[0, bad], [bad, 0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.5, 2.0])
def test_weights_are_numbers_from_0_to_1(bad: float) -> None:
    votes = Votes.from_matrix(np.array([[0, 1], [1, 1]]))
    with pytest.raises(BadVotes, match="from 0 to 1"):
        agreement.gwet_ac2(votes, [[1, bad], [bad, 1]])


@pytest.mark.parametrize("values", [[1e-200, 3e-200, 4e-200], [1e200, 3e200, 4e200], [-4e307, 0, 4e307]])
def test_interval_alpha_is_blind_to_the_scale_however_large(values: list[float]) -> None:
    votes = Votes.from_matrix(np.array([[0, 1], [1, 1], [2, 2], [0, 0], [2, 1]]))
    small = np.array(values) / max(abs(value) for value in values)
    wanted = agreement.alpha(votes, "interval", values=small.tolist()).value
    assert agreement.alpha(votes, "interval", values=values).value == pytest.approx(wanted, abs=1e-12)


def test_two_who_never_say_the_same_are_below_chance() -> None:
    votes = DEGENERATE["never alike"]
    for name in ("alpha", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "scott_pi"):
        value = METHODS[name](votes).value
        assert value is not None
        assert value < 0
    assert agreement.percent(votes).value == 0.0


def test_an_annotator_at_random_or_inverted_lowers_agreement_and_pairwise_says_who() -> None:
    names = ["good 1", "good 2", "good 3", "other"]
    good = agreement.alpha(Votes.from_matrix(GOOD, annotators=names[:3])).value
    assert good is not None
    for other, bound in ((AT_RANDOM, 0.2), (1 - TRUTH, -0.6)):
        votes = Votes.from_matrix(np.hstack([GOOD, other]), annotators=names)
        value = agreement.alpha(votes).value
        assert value is not None
        assert value < good - 0.2
        pairs = agreement.pairwise(votes)
        with_other = pairs.kappa[(pairs.first == 3) | (pairs.second == 3)]
        among_good = pairs.kappa[(pairs.first != 3) & (pairs.second != 3)]
        assert with_other.max() < bound < among_good.min()


def test_labels_that_were_swapped_by_everyone_agree_as_before() -> None:
    def same(one: Agreement, two: Agreement) -> bool:
        return one.value == pytest.approx(two.value, abs=1e-12)

    votes, swapped = Votes.from_matrix(GOOD), Votes.from_matrix(1 - GOOD)
    assert all(same(statistic(votes), statistic(swapped)) for statistic in EVERY.values() if statistic(votes).value)


def test_gwet_counts_labels_that_are_offered_and_alpha_does_not() -> None:
    few, more = Votes.from_matrix(GOOD), Votes.from_matrix(GOOD, labels=[0, 1, 2, 3])
    assert agreement.alpha(few).value == pytest.approx(agreement.alpha(more).value, abs=1e-12)
    assert agreement.fleiss_kappa(few).value == pytest.approx(agreement.fleiss_kappa(more).value, abs=1e-12)
    assert agreement.gwet_ac1(few).value < agreement.gwet_ac1(more).value


def test_with_two_labels_offered_and_one_used_ac1_is_full_and_alpha_undefined() -> None:
    votes = Votes.from_matrix(np.zeros((5, 3), dtype=int), labels=[0, 1])
    assert agreement.gwet_ac1(votes).value == 1.0
    assert agreement.brennan_prediger(votes).value == 1.0
    assert agreement.alpha(votes).value is None
    assert agreement.fleiss_kappa(votes).value is None


@pytest.mark.slow
def test_by_label_and_pairwise_of_3000_labels_stay_quick_and_whole() -> None:
    votes = DEGENERATE["3,000 labels"]
    found = agreement.by_label(votes)
    assert len(found) == votes.n_labels == 3001
    assert all(one.value is not None for one in found.values())
    assert agreement.pairwise(votes).n_items.tolist() == [3000, 3000, 3000]
