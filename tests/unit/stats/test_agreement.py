"""Agreement: what is undefined has a reason, and the bootstrap is honest."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from goldseam.stats import agreement
from goldseam.stats.agreement import METHODS, Agreement
from goldseam.stats.votes import BadVotes, Votes

NO_VOTES = Votes.from_arrays([], [], [])
NO_OVERLAP = Votes.from_arrays([1, 2], ["ann", "bob"], ["a", "b"])
ONE_ANNOTATOR = Votes.from_arrays([1, 2, 3], ["ann"] * 3, ["a", "b", "a"])
ONE_LABEL = Votes.from_matrix([["a", "a"], ["a", "a"]], abstain="")
RANDOM = np.random.default_rng(5).integers(3, size=(60, 4))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "votes", [NO_VOTES, NO_OVERLAP, ONE_ANNOTATOR], ids=["no votes", "no overlap", "one annotator"]
)
def test_without_anything_to_compare_a_statistic_is_undefined_with_a_reason(name: str, votes: Votes) -> None:
    found = METHODS[name](votes)
    assert found.value is None
    assert found.reason.endswith(".")
    assert (found.n_items, found.n_votes) == (0, 0)
    interval = agreement.interval(votes, name, rng=np.random.default_rng(0), draws=20)
    assert (interval.low, interval.high, interval.n_draws) == (None, None, 0)
    assert interval.reason


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"percent"}))
def test_a_single_label_leaves_agreement_beyond_chance_undefined(name: str) -> None:
    found = METHODS[name](ONE_LABEL)
    assert found.value is None
    assert "'a'" in found.reason
    assert found.observed == 1.0


def test_a_single_label_is_full_percent_agreement() -> None:
    assert agreement.percent(ONE_LABEL) == Agreement(1.0, "", 2, 4, 1.0, None)


def test_scott_pi_sends_more_than_two_annotators_to_fleiss() -> None:
    found = agreement.scott_pi(Votes.from_matrix(RANDOM))
    assert found.value is None
    assert "fleiss_kappa" in found.reason


def test_scott_pi_of_two_annotators_is_fleiss_kappa() -> None:
    votes = Votes.from_matrix(RANDOM[:, :2])
    assert agreement.scott_pi(votes).value == pytest.approx(agreement.fleiss_kappa(votes).value, abs=1e-12)


def test_the_parts_make_the_value() -> None:
    found = agreement.alpha(Votes.from_matrix(RANDOM))
    assert found.observed is not None
    assert found.expected is not None
    assert found.value == pytest.approx((found.observed - found.expected) / (1 - found.expected))


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_labels_that_are_not_numbers_need_values(level: str) -> None:
    votes = Votes.from_matrix([["low", "high"], ["low", "low"], ["high", "high"]], abstain="")
    with pytest.raises(BadVotes, match="'high' is not a number"):
        agreement.alpha(votes, level)
    assert agreement.alpha(votes, level, values=[3.0, 1.0]).value == pytest.approx(agreement.alpha(votes).value)


def test_wrong_options_say_what_would_be_right() -> None:
    votes = Votes.from_matrix(RANDOM)
    with pytest.raises(BadVotes, match="nominal, ordinal"):
        agreement.alpha(votes, "cardinal")
    with pytest.raises(BadVotes, match="0 on its diagonal"):
        agreement.alpha(votes, np.ones((3, 3)))
    with pytest.raises(BadVotes, match="3 labels, but 2 values"):
        agreement.alpha(votes, "interval", values=[1, 2])
    with pytest.raises(BadVotes, match="'linear', 'quadratic'"):
        agreement.gwet_ac2(votes, "cubic")
    with pytest.raises(BadVotes, match="1 on its diagonal"):
        agreement.gwet_ac2(votes, np.zeros((3, 3)))
    with pytest.raises(BadVotes, match="no statistic 'beta'"):
        agreement.interval(votes, "beta", rng=np.random.default_rng(0))
    with pytest.raises(BadVotes, match="item by item"):
        agreement.cohen_kappa([1, 2], [1])


def test_cohen_kappa_leaves_out_what_only_one_annotator_answered() -> None:
    assert agreement.cohen_kappa(["a", "b", None, "a"], ["a", "b", "a", None]).n_items == 2
    assert agreement.cohen_kappa(["a", None], [None, "a"]).value is None
    assert agreement.cohen_kappa([], []).reason == "There are no votes."


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_kappa_of_two_who_always_agree_is_1(weights: str | None) -> None:
    assert agreement.cohen_kappa([1, 2, 3, 3], [1, 2, 3, 3], weights).value == pytest.approx(1.0)


def test_weights_give_credit_for_near_misses() -> None:
    a, b = [1, 2, 3, 1, 2, 3], [1, 2, 3, 2, 3, 2]
    plain, linear, quadratic = (agreement.cohen_kappa(a, b, weights).value for weights in (None, "linear", "quadratic"))
    assert plain is not None
    assert linear is not None
    assert quadratic is not None
    assert plain < linear < quadratic


def test_by_label_is_alpha_of_each_label_against_the_rest() -> None:
    votes = Votes.from_matrix(RANDOM, labels=[0, 1, 2, 3])
    found = agreement.by_label(votes)
    for label in (0, 1, 2):
        alone = agreement.alpha(Votes.from_matrix(np.where(label == RANDOM, 1, 0)))
        assert found[label].value == pytest.approx(alone.value, abs=1e-12)
    assert found[3].value is None
    assert found[3].reason == "Nobody chose 3."
    assert agreement.by_label(NO_OVERLAP)["a"].value is None


def test_pairwise_is_cohen_kappa_of_each_pair_that_shares_items() -> None:
    matrix = RANDOM.copy()
    matrix[:30, 0], matrix[30:, 1], matrix[::2, 2] = -1, -1, -1  # annotators 0 and 1 share nothing
    pairs = agreement.pairwise(Votes.from_matrix(matrix))
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 3),
    ]
    for first, second, n_items, kappa in zip(pairs.first, pairs.second, pairs.n_items, pairs.kappa, strict=True):
        both = (matrix[:, first] >= 0) & (matrix[:, second] >= 0)
        alone = agreement.cohen_kappa(matrix[both, first], matrix[both, second])
        assert n_items == both.sum()
        assert kappa == pytest.approx(alone.value, abs=1e-12)
    assert pairs.defined.all()


def test_pairwise_says_where_a_kappa_is_undefined() -> None:
    pairs = agreement.pairwise(ONE_LABEL)
    assert not pairs.defined.any()
    assert pairs.observed.tolist() == [1.0]
    assert len(agreement.pairwise(NO_OVERLAP).first) == 0


@pytest.mark.parametrize(
    "statistic",
    [
        agreement.alpha,
        partial(agreement.alpha, level="ordinal"),
        partial(agreement.alpha, level="interval"),
        agreement.gwet_ac1,
        agreement.gwet_ac2,
        partial(agreement.gwet_ac2, weights="linear"),
        agreement.fleiss_kappa,
        agreement.percent,
    ],
)
def test_drawing_patterns_gives_the_same_interval_as_drawing_items_one_by_one(statistic: agreement.Statistic) -> None:
    votes = Votes.from_matrix(np.where(np.random.default_rng(2).random((60, 4)) < 0.6, RANDOM[:, :1], RANDOM))
    fast = agreement.interval(votes, statistic, rng=np.random.default_rng(3), draws=4000)
    slow = agreement.interval(votes, lambda drawn: statistic(drawn), rng=np.random.default_rng(4), draws=250)  # noqa: PLW0108 - a function it does not know
    assert (fast.n_draws, slow.n_draws) == (4000, 250)
    assert fast.low == pytest.approx(slow.low, abs=0.04)
    assert fast.high == pytest.approx(slow.high, abs=0.04)


def test_an_interval_holds_the_value_and_repeats_with_its_seed() -> None:
    votes = Votes.from_matrix(RANDOM)
    one = agreement.interval(votes, "alpha", rng=np.random.default_rng(1))
    two = agreement.interval(votes, "alpha", rng=np.random.default_rng(1))
    value = agreement.alpha(votes).value
    assert one == two
    assert one.low is not None
    assert one.high is not None
    assert value is not None
    assert one.low < value < one.high
    narrower = agreement.interval(votes, "alpha", rng=np.random.default_rng(1), level=0.5)
    assert narrower.low is not None
    assert one.low < narrower.low


def test_draws_in_which_the_statistic_is_undefined_do_not_count() -> None:
    votes = Votes.from_matrix([["a", "a"]] * 3 + [["b", "b"]], abstain="")
    found = agreement.interval(votes, "alpha", rng=np.random.default_rng(1), draws=500)
    assert 250 < found.n_draws < 450  # (3/4)**4, about a third of the draws, miss the only b


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    share = 0.7  # two annotators repeat a fair coin with this chance, and else flip their own: alpha is share**2
    hits = 0
    for _ in range(100):
        coin = rng.integers(2, size=(200, 1))
        said = np.where(rng.random((200, 2)) < share, coin, rng.integers(2, size=(200, 2)))
        found = agreement.interval(Votes.from_matrix(said), rng=rng, draws=300, level=0.9)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= share**2 <= found.high
    assert 80 <= hits <= 98
