"""Designs: the chances stated are the chances had, and estimates built on them are right on average."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from goldseam.stats import designs
from goldseam.stats.designs import Chosen
from goldseam.stats.votes import BadVotes

STRATA = np.repeat(["a", "b", "c"], [60, 30, 3])
SCORES = np.linspace(0, 1, 93)

DESIGNS: dict[str, Callable[[np.random.Generator], Chosen]] = {
    "random": lambda rng: designs.random(93, 20, rng),
    "stratified": lambda rng: designs.stratified(STRATA, 20, rng),
    "by score": lambda rng: designs.by_score(SCORES, 30, 0.6, rng),
    "all random": lambda rng: designs.by_score(SCORES, 20, 1.0, rng),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_the_chances_stated_are_the_chances_had(name: str) -> None:
    rng = np.random.default_rng(1)
    drawn, stated = np.zeros(93), np.zeros(93)
    for _ in range(2000):
        chosen = DESIGNS[name](rng)
        assert len(chosen.index) == len(set(chosen.index.tolist())) == (30 if name == "by score" else 20)
        drawn[chosen.index] += 1
        stated[chosen.index] = chosen.chance
    assert drawn / 2000 == pytest.approx(stated, abs=0.05)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("method", ["hajek", "horvitz_thompson"])
def test_estimates_are_right_on_average_and_their_intervals_cover(name: str, method: str) -> None:
    rng = np.random.default_rng(2)
    values = (SCORES + 0.2 * rng.random(93) > 0.7).astype(float)
    found = []
    for _ in range(400):
        chosen = DESIGNS[name](rng)
        found.append(designs.estimate(values[chosen.index], chosen.chance, 93, method=method))
    assert np.mean([one.value for one in found]) == pytest.approx(values.mean(), abs=0.02)
    assert np.mean([one.low <= values.mean() <= one.high for one in found]) > 0.88


def test_a_naive_mean_over_uncertain_items_would_mislead_where_the_estimate_does_not() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random(2000)
    wrong = rng.random(2000) < scores  # what the model is unsure of is more often wrong
    chosen = designs.by_score(scores, 400, 0.5, rng)
    assert wrong[chosen.index].mean() > wrong.mean() + 0.1
    assert designs.estimate(wrong[chosen.index], chosen.chance, 2000).value == pytest.approx(wrong.mean(), abs=0.06)


def test_by_score_takes_the_top_for_certain() -> None:
    chosen = designs.by_score(SCORES, 10, 0.2, np.random.default_rng(0))
    assert chosen.index[:8].tolist() == list(range(92, 84, -1))
    assert chosen.chance[:8].tolist() == [1.0] * 8
    assert chosen.chance[8:].tolist() == pytest.approx([2 / 85] * 2)


def test_without_a_random_share_all_are_certain() -> None:
    assert designs.by_score(SCORES, 5, 0.0, np.random.default_rng(0)).chance.tolist() == [1.0] * 5


def test_stratified_shares_out_by_size_and_leaves_no_stratum_empty() -> None:
    chosen = designs.stratified(STRATA, 9, np.random.default_rng(0))
    names, many = np.unique(STRATA[chosen.index], return_counts=True)
    assert dict(zip(names.tolist(), many.tolist(), strict=True)) == {"a": 5, "b": 3, "c": 1}


def test_fewer_than_the_strata_go_to_the_largest() -> None:
    assert set(STRATA[designs.stratified(STRATA, 2, np.random.default_rng(0)).index].tolist()) == {"a", "b"}


@pytest.mark.parametrize("n", [0, 93, 500])
def test_nothing_or_everything_can_be_chosen(n: int) -> None:
    rng = np.random.default_rng(0)
    for chosen in (
        designs.random(93, n, rng),
        designs.stratified(STRATA, n, rng),
        designs.by_score(SCORES, n, 0.1, rng),
    ):
        assert len(chosen.index) == min(n, 93)
        assert (chosen.chance == 1.0).all()
    assert len(designs.random(0, 5, rng).index) == 0


def test_an_estimate_says_what_it_does_not_know() -> None:
    empty = designs.estimate([], [], 10)
    assert empty.value is None
    assert empty.reason
    single = designs.estimate([1.0], [0.1], 10)
    assert single.value == 1.0
    assert single.low is None
    assert "Only one" in single.reason
    everything = designs.estimate([1.0, 0.0], [1.0, 1.0], 2)
    assert (everything.low, everything.value, everything.high) == (0.5, 0.5, 0.5)


def test_wrong_options_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BadVotes, match="negative"):
        designs.random(5, -1, rng)
    with pytest.raises(BadVotes, match="between 0 and 1"):
        designs.by_score(SCORES, 5, 1.5, rng)
    with pytest.raises(BadVotes, match="one entry per pool item"):
        designs.by_score([[1.0]], 5, 0.5, rng)
    with pytest.raises(BadVotes, match="one entry per pool item"):
        designs.stratified([["a"]], 5, rng)
    with pytest.raises(BadVotes, match="above 0 and at most 1"):
        designs.estimate([1.0], [0.0], 5)
    with pytest.raises(BadVotes, match="equally long"):
        designs.estimate([1.0], [0.5, 0.5], 5)


def test_beside_leaves_every_other_item_the_same_known_chance() -> None:
    rng = np.random.default_rng(4)
    drawn = np.zeros(20)
    for _ in range(2000):
        chosen = designs.beside([5, 2], 20, 6, rng)
        assert chosen.index[:2].tolist() == [5, 2]
        drawn[chosen.index] += 1
    assert chosen.chance.tolist() == [1.0] * 2 + [6 / 18] * 6
    assert np.delete(drawn, [2, 5]) / 2000 == pytest.approx(np.full(18, 6 / 18), abs=0.05)
    with pytest.raises(BadVotes, match="names one twice"):
        designs.beside([1, 1], 5, 1, rng)


def test_a_certain_number_is_paid_for_whichever_items_they_turn_out_to_be() -> None:
    assert designs.certain_number([1.0, 5.0, 2.0], 7.0, 3) == 2
    assert designs.certain_number([1.0, 5.0, 2.0], 100.0, 2) == 2
    assert designs.certain_number([1.0, 5.0, 2.0], 4.9, 3) == 0


def a_draw(values: list[float], chance: list[float], n_pool: int) -> designs.Drawn:
    return designs.Drawn(np.array(values), np.array(chance), n_pool)


def test_several_draws_count_what_was_seen_before_and_weigh_what_was_left_to_chance() -> None:
    first = a_draw([1.0, 1.0, 0.0], [1.0, 0.2, 0.2], 11)
    second = a_draw([1.0, 1.0, 1.0, 0.0, 0.0], [0.5, 0.5, 0.5, 0.5, 1.0], 9)
    found = designs.over_draws([first, second])
    left = [(1 + 5) / 11, 6 / 9]  # by each draw alone: of all 11, and of the 9 that were not looked at
    assert found.n == 8
    assert second.covers
    assert not a_draw([1.0], [1.0], 9).covers
    whole = 3 + 9
    assert found.value == pytest.approx((2 + 9 * left[1]) / whole)  # the first was of a whole of 11, not of 12
    same = designs.over_draws([first, a_draw([1.0, 1.0], [0.25, 0.25], 8)])
    assert same.value == pytest.approx(0.5 * left[0] + 0.5 * (2 + 8 * 1.0) / 11)


def test_draws_that_leave_nothing_to_chance_say_nothing_of_the_rest_until_there_is_none() -> None:
    certain = a_draw([1.0, 0.0], [1.0, 1.0], 10)
    assert designs.over_draws([certain]).value is None
    assert "left two items or more to chance" in designs.over_draws([]).reason
    all_of_it = designs.over_draws([certain, a_draw([1.0] * 8, [1.0] * 8, 8)])
    assert (all_of_it.low, all_of_it.value, all_of_it.high) == pytest.approx((0.9, 0.9, 0.9))


def test_five_of_five_right_is_no_proof_that_all_are() -> None:
    found = designs.estimate([1.0] * 5, [0.05] * 5, 100)
    assert found.value == 1.0
    assert found.low == pytest.approx(1.0 - 1.96 * np.sqrt(7 / 9 * 2 / 9 / 9 * 0.95), abs=1e-3)
    partly = designs.estimate([0.0, *[1.0] * 5], [1.0, *[0.05] * 5], 101)
    assert partly.standard_error == pytest.approx(found.standard_error * 100 / 101)
    assert designs.estimate([1.0] * 5, [1.0] * 5, 5).standard_error == 0.0
    assert (
        designs.estimate([3.5] * 5, [0.05] * 5, 100).standard_error == 0.0
    )  # no share: nothing bounds what was not seen
