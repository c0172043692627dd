"""Order from comparisons of two: strengths and their intervals, sides, ties and annotators, and what happens where little can be known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from goldseam.stats.truth import _curvature as curvature
from goldseam.stats.truth.order import preferences
from goldseam.stats.votes import BadVotes


def drawn(seed: int, n: int = 30, n_pairs: int = 900, spread: float = 1.0, *, tie: float = 0.0, side: float = 0.0):
    """Comparisons drawn from the model: names, outcomes as words, and the strengths behind them."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, spread, n)
    left = rng.integers(0, n, n_pairs)
    right = (left + rng.integers(1, n, n_pairs)) % n
    half = (strength[left] - strength[right] + side) / 2
    weight = np.stack([np.exp(half), np.full(n_pairs, tie), np.exp(-half)], axis=1)
    chance = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    outcome = (rng.random(n_pairs)[:, None] > chance).sum(axis=1)
    return left, right, np.array(["left", "tie", "right"])[outcome], strength


def test_strengths_are_found_again_and_their_intervals_hold() -> None:
    inside = []
    for seed in range(6):
        left, right, winner, strength = drawn(seed)
        found = preferences(left, right, winner)
        strength = strength - strength.mean()
        assert np.corrcoef(found.strength, strength)[0, 1] > 0.9
        assert found.low is not None
        assert found.high is not None
        inside.append(((found.low <= strength) & (strength <= found.high)).mean())
    assert 0.88 < np.mean(inside) <= 1


def test_the_spread_of_the_strengths_is_learned() -> None:
    for spread in (0.4, 1.5):
        left, right, winner, _ = drawn(1, n=120, n_pairs=1800, spread=spread)
        assert preferences(left, right, winner).spread == pytest.approx(spread, rel=0.2)


def test_a_side_that_wins_more_is_learned_and_otherwise_warned_of() -> None:
    left, right, winner, strength = drawn(2, side=1.0)
    found = preferences(left, right, winner, side="learned")
    assert found.side == pytest.approx(1.0, abs=0.25)
    assert found.side_error is not None
    assert 0.03 < found.side_error < 0.2
    assert np.corrcoef(found.strength, strength)[0, 1] > 0.93
    blind = preferences(left, right, winner)
    assert blind.side is None
    assert any("side='learned'" in warning for warning in blind.warnings)


def test_ties_are_learned_and_chances_of_all_outcomes_add_up() -> None:
    left, right, winner, strength = drawn(3, n_pairs=3000, tie=0.8)
    found = preferences(left, right, winner)
    assert found.tie == pytest.approx(0.8, abs=0.1)
    assert np.corrcoef(found.strength, strength)[0, 1] > 0.97
    one, other = found.chance(0, 1), found.chance(1, 0)
    assert one.value is not None
    assert other.value is not None
    assert one.tie is not None
    assert one.value + one.tie + other.value == pytest.approx(1)
    assert one.low < one.value < one.high
    half, none = preferences(left, right, winner, ties="half"), preferences(left, right, winner, ties="none")
    assert half.tie is None
    assert none.tie is None
    assert np.corrcoef(half.strength, found.strength)[0, 1] > 0.99
    assert none.n_votes.sum() == 2 * (winner != "tie").sum()


def test_annotators_who_guess_or_invert_are_found_and_do_not_spoil_the_order() -> None:
    rng = np.random.default_rng(4)
    left, right, winner, strength = drawn(4, n=40, n_pairs=4000, spread=1.5)
    who = rng.integers(0, 20, 4000)
    guess, inverted = who < 6, (who >= 6) & (who < 9)
    said = winner.copy()
    said[guess] = rng.choice(["left", "right"], guess.sum())
    said[inverted] = np.where(winner[inverted] == "left", "right", "left")
    plain, weighed = preferences(left, right, said), preferences(left, right, said, who)
    assert weighed.reliability is not None
    assert np.abs(weighed.reliability[:6] - 0.5).max() < 0.25
    assert weighed.reliability[6:9].max() < 0.3
    assert weighed.reliability[9:].min() > 0.8
    assert np.corrcoef(weighed.strength, strength)[0, 1] > np.corrcoef(plain.strength, strength)[0, 1] + 0.01


def test_an_undefeated_item_stays_finite_and_maximum_likelihood_refuses() -> None:
    left, right, winner = "aaabbc", "bccccb", "aaabbc"
    found = preferences(left, right, winner)
    assert found.names()[0] == "a"
    assert np.isfinite(found.strength).all()
    assert np.abs(found.strength).max() < 5
    with pytest.raises(BadVotes, match="infinitely"):
        preferences(left, right, winner, spread=None)


def test_parts_that_nothing_links_are_not_compared() -> None:
    found = preferences("aabbxx", "bbaayy", "abbaxy")
    assert found.part[0] == found.part[1] != found.part[2]
    across = found.chance("a", "x")
    assert across.value is None
    assert "No chain" in across.reason
    assert found.chance("a", "b").value == pytest.approx(0.5)
    assert any("parts" in warning for warning in found.warnings)
    assert found.strength[:2].sum() == pytest.approx(0)


def test_the_chance_of_an_item_against_itself_is_one_half() -> None:
    found = preferences("aab", "bcc", "aab")
    assert found.chance("a", "a").value == pytest.approx(0.5)


def test_an_unknown_item_has_no_chance() -> None:
    with pytest.raises(BadVotes, match="no item 'z'"):
        preferences("a", "b", "a").chance("a", "z")


def test_circular_triads_are_counted_as_by_looking_at_each() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        n = 9
        beat = np.triu(rng.random((n, n)) < 0.5, 1)
        compared = np.triu(rng.random((n, n)) < 0.8, 1)
        pairs = np.argwhere(compared)
        winner = np.where(beat[pairs[:, 0], pairs[:, 1]], pairs[:, 0], pairs[:, 1])
        lead = {(int(a), int(b)): int(w) for (a, b), w in zip(pairs, winner, strict=True)}
        circles = total = 0
        for a, b, c in itertools.combinations(range(n), 3):
            if {(a, b), (a, c), (b, c)} <= lead.keys():
                total += 1
                circles += len({lead[a, b], lead[a, c], lead[b, c]}) == 3
        found = preferences(pairs[:, 0], pairs[:, 1], winner).triads
        assert (found.n_triads, found.n_circular) == (total, circles)
        assert found.share == pytest.approx(circles / total)


def test_many_items_are_counted_for_triads_as_few_are() -> None:
    rng = np.random.default_rng(6)
    left = rng.integers(0, 60, 700)
    right = (left + rng.integers(1, 60, 700)) % 60
    winner = np.where(rng.random(700) < 0.5, left, right)
    few = preferences(left, right, winner).triads
    spread_out = preferences(left * 50, right * 50, winner * 50).triads
    far = preferences(
        np.concatenate([left, np.arange(100, 2300)]),
        np.concatenate([right, np.arange(101, 2301)]),
        np.concatenate([winner, np.arange(100, 2300)]),
    ).triads
    assert spread_out == few
    assert (far.n_triads, far.n_circular) == (few.n_triads, few.n_circular)


def test_winners_may_be_names_sides_or_ties_and_missing_ones_do_not_count() -> None:
    named = preferences(["a", "b", "a", "a"], ["b", "c", "c", "b"], ["a", "c", "draw", None], tie="draw")
    sided = preferences(["a", "b", "a"], ["b", "c", "c"], ["left", "right", "tie"])
    assert named.strength == pytest.approx(sided.strength)
    assert named.n_votes.tolist() == [2, 2, 2]
    numbered = preferences([1, 2, 1], [2, 3, 3], [1, 3, -1], tie=-1)
    assert numbered.strength == pytest.approx(sided.strength)
    arrays = preferences(np.array([1, 2, 1]), np.array([2, 3, 3]), np.array([1, 3, -1]), tie=-1)
    assert arrays.strength == pytest.approx(sided.strength)


def test_no_comparisons_give_no_errors_and_a_reason() -> None:
    for found in (preferences([], [], []), preferences("a", "b", [None]), preferences("a", "b", ["tie"], ties="none")):
        assert found.error is None
        assert found.low is None
        assert found.reason == "There are no comparisons."
        assert not np.isnan(found.strength).any()
    assert preferences("a", "b", [None]).chance("a", "b").value is None


def test_only_ties_put_all_items_level() -> None:
    found = preferences("aab", "bcc", ["tie"] * 3)
    assert found.strength == pytest.approx(np.zeros(3), abs=1e-6)
    assert found.tie is not None
    assert found.tie > 1
    assert np.isfinite(found.tie)


def test_one_comparison_is_answered_with_great_doubt() -> None:
    found = preferences("a", "b", "a", ["ann"])
    chance = found.chance("a", "b")
    assert chance.value is not None
    assert 0.5 < chance.value < 0.8
    assert chance.low < 0.5 < chance.high


def test_winners_always_left_are_warned_of() -> None:
    losers = np.arange(40) % 5 + 1
    found = preferences(np.zeros(40, dtype=int), losers, np.zeros(40, dtype=int))
    assert any("same side won every time" in warning for warning in found.warnings)
    learned = preferences(np.zeros(40, dtype=int), losers, np.zeros(40, dtype=int), side="learned")
    assert np.isfinite(learned.strength).all()
    assert any("cannot be told apart" in warning for warning in learned.warnings)


def test_many_items_get_the_errors_that_few_would(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, winner, _ = drawn(7, n=150, n_pairs=1500)
    exact = preferences(left, right, winner, spread=1.0, side="learned")
    monkeypatch.setattr(curvature, "DENSE", 10)
    near = preferences(left, right, winner, spread=1.0, side="learned")
    assert near.covariance is None
    assert near.strength == pytest.approx(exact.strength, abs=0.05)
    assert near.error is not None
    assert near.error == pytest.approx(exact.error, rel=0.06)
    assert near.side_error == pytest.approx(exact.side_error, rel=0.05)
    assert near.chance(0, 1).value == pytest.approx(exact.chance(0, 1).value, abs=0.03)


def test_a_long_chain_of_comparisons_settles() -> None:
    n = 1500
    found = preferences(np.arange(n - 1), np.arange(1, n), np.arange(n - 1))
    assert np.isfinite(found.strength).all()
    assert found.strength[0] > found.strength[-1]
    assert found.error is not None
    assert (found.error > 0).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((["a"], ["a"], ["a"]), "with itself"),
        ((["a"], ["b"], ["c"]), "winner is 'c'"),
        ((["a"], ["b", "c"], ["a"]), "equally long"),
        ((["a"], ["b"], [["a"]]), "no name"),
        ((["a"], ["b"], ["a"], ["x", "y"]), "equally long"),
    ],
)
def test_wrong_comparisons_are_refused(arguments: tuple[list[object], ...], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        preferences(*arguments)


@pytest.mark.parametrize(
    "options",
    [{"ties": "never"}, {"side": "right"}, {"spread": -1.0}, {"spread": "wide"}, {"level": 0}, {"max_iterations": 0}],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadVotes, match=r"right|between"):
        preferences("a", "b", "a", **options)  # type: ignore[arg-type]  # wrong on purpose
