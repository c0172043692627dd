"""Numbers: the quantity behind the crowd's numbers, who bends it how, and what happens where little can be known."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from goldseam.stats.truth import _members as members
from goldseam.stats.truth import _random_effects as effects
from goldseam.stats.truth.numeric import numbers
from goldseam.stats.votes import BadVotes


class Crowd(NamedTuple):
    """Votes drawn from the model, and what they were drawn from."""

    item: np.ndarray
    annotator: np.ndarray
    value: np.ndarray
    truth: np.ndarray
    bias: np.ndarray
    scale: np.ndarray
    noise: np.ndarray


def crowd(
    seed: int,
    n_items: int = 200,
    n_annotators: int = 20,
    redundancy: int = 5,
    *,
    noise: tuple[float, float] = (1.0, 6.0),
    usual: bool = True,
) -> Crowd:
    rng = np.random.default_rng(seed)
    truth = rng.normal(50, 10, n_items)
    bias, scale = rng.normal(0, 5, n_annotators), rng.normal(1, 0.3, n_annotators)
    if usual:  # the crowd as a whole is not off, which its votes alone could not tell
        bias -= bias.mean()
        scale /= np.median(scale)
    quiet = rng.uniform(*noise, n_annotators)
    item = np.repeat(np.arange(n_items), redundancy)
    annotator = np.concatenate([rng.permutation(n_annotators)[:redundancy] for _ in range(n_items)])
    value = 50 + scale[annotator] * (truth[item] - 50) + bias[annotator] + rng.normal(size=len(item)) * quiet[annotator]
    return Crowd(item, annotator, value, truth, bias, scale, quiet)


def off(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - truth) ** 2)))


def mean_of(said: Crowd) -> np.ndarray:
    return np.bincount(said.item, weights=said.value) / np.bincount(said.item)


def numeric(folder: Path) -> tuple[list[str], list[str], np.ndarray, dict[str, float]]:
    with (folder / "annotations.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    with (folder / "gold.csv").open(newline="") as file:
        gold = {row[0]: float(row[1]) for row in list(csv.reader(file))[1:]}
    return [r[0] for r in rows], [r[1] for r in rows], np.array([float(r[2]) for r in rows]), gold


def test_bias_scale_noise_and_truth_are_found_again() -> None:
    said = crowd(1)
    found = numbers(said.item, said.annotator, said.value)
    assert off(found.value, said.truth) < 0.75 * off(mean_of(said), said.truth)
    assert np.corrcoef(found.bias, said.bias)[0, 1] > 0.98
    assert np.corrcoef(found.scale, said.scale)[0, 1] > 0.9
    assert found.noise is not None
    assert np.corrcoef(found.noise, said.noise)[0, 1] > 0.8
    assert np.abs(found.noise / said.noise - 1).mean() < 0.35
    assert found.reliability is not None
    assert ((found.reliability > 0) & (found.reliability < 1)).all()


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    inside = []
    for seed in range(8):
        said = crowd(seed, usual=False)
        found = numbers(said.item, said.annotator, said.value, level=0.9)
        assert found.low is not None
        assert found.high is not None
        inside.append(((found.low <= said.truth) & (said.truth <= found.high)).mean())
    assert 0.85 < np.mean(inside) < 0.95


def test_a_gross_error_is_named_and_does_not_move_the_truth() -> None:
    said = crowd(2)
    wrong = said.value.copy()
    slips = np.arange(7, len(wrong), 50)
    wrong[slips] = 1000.0
    clean, slipped = numbers(said.item, said.annotator, said.value), numbers(said.item, said.annotator, wrong)
    assert off(slipped.value, said.truth) < 1.1 * off(clean.value, said.truth)
    doubted = {tuple(pair) for pair in slipped.doubted.tolist()}
    assert doubted >= {(int(said.item[slip]), int(said.annotator[slip])) for slip in slips}
    assert len(doubted) < len(slips) + 5
    shaken = numbers(said.item, said.annotator, wrong, robust=False)
    assert off(shaken.value, said.truth) > 3 * off(slipped.value, said.truth)


def test_many_gross_errors_do_no_harm_and_a_warning_says_how_many() -> None:
    rng = np.random.default_rng(3)
    item = np.repeat(np.arange(200), 6)
    annotator = np.concatenate([rng.permutation(12)[:6] for _ in range(200)])
    truth = rng.normal(0, 1, 200)
    value = truth[item] + rng.normal(0, 0.01, 1200)
    far = rng.random(1200) < 0.12
    value[far] = rng.uniform(-50, 50, far.sum())
    found = numbers(item, annotator, value)
    assert off(found.value, truth) < 0.3
    assert off(np.bincount(item, weights=value) / 6, truth) > 3
    assert any("look like gross errors" in warning for warning in found.warnings)


def test_an_inverted_annotator_has_a_negative_scale_and_reliability_and_still_helps() -> None:
    said = crowd(4, noise=(2.0, 3.0))
    value = said.value.copy()
    upside = said.annotator == 0
    value[upside] = 100 - value[upside]
    found = numbers(said.item, said.annotator, value)
    assert found.scale[0] < -0.5
    assert found.reliability is not None
    assert found.reliability[0] < -0.8
    straight = numbers(said.item, said.annotator, said.value)
    assert off(found.value, said.truth) < 1.1 * off(straight.value, said.truth)


def test_an_annotator_whose_numbers_do_not_depend_on_the_item_counts_for_nothing() -> None:
    said = crowd(5)
    value = said.value.copy()
    deaf = said.annotator < 3
    value[deaf] = np.random.default_rng(5).uniform(0, 100, deaf.sum())
    found = numbers(said.item, said.annotator, value)
    assert found.reliability is not None
    assert np.abs(found.reliability[:3]).max() < 0.5
    assert found.reliability[3:].min() > 0.5


def test_gold_stays_as_it_is_and_says_how_far_the_whole_crowd_is_off() -> None:
    said = crowd(6)
    high = said.value + 20
    gold = {int(item): float(said.truth[item]) for item in range(60)}
    alone, taught = numbers(said.item, said.annotator, high), numbers(said.item, said.annotator, high, gold=gold)
    rest = slice(60, None)
    assert off(alone.value[rest], said.truth[rest]) > 15
    assert off(taught.value[rest], said.truth[rest]) < 3
    assert taught.value[:60] == pytest.approx(said.truth[:60])
    assert taught.low is not None
    assert taught.low[:60] == pytest.approx(said.truth[:60])
    assert taught.bias.mean() == pytest.approx(20, abs=2)


def test_on_the_positive_scale_errors_are_proportional() -> None:
    rng = np.random.default_rng(7)
    truth = np.exp(rng.normal(3, 1, 150))
    item = np.repeat(np.arange(150), 4)
    annotator = np.concatenate([rng.permutation(12)[:4] for _ in range(150)])
    factor = np.exp(rng.normal(0, 0.3, 12))
    value = truth[item] * factor[annotator] * np.exp(rng.normal(0, 0.1, 600))
    found = numbers(item, annotator, value, scale="positive")
    assert found.low is not None
    assert (found.low > 0).all()
    assert np.abs(np.log(found.value / truth)).mean() < 0.15
    assert np.corrcoef(found.bias, np.log(factor))[0, 1] > 0.95


def test_bounds_hold_for_values_and_intervals() -> None:
    rng = np.random.default_rng(8)
    truth = rng.uniform(0, 10, 80)
    value = np.clip(np.repeat(truth, 5) + rng.normal(0, 2, 400), 0, 10)
    found = numbers(np.repeat(np.arange(80), 5), np.tile(np.arange(10), 40), value, bounds=(0, 10))
    for part in (found.value, found.low, found.high):
        assert part is not None
        assert part.min() >= 0
        assert part.max() <= 10


def test_few_votes_are_drawn_towards_the_crowd() -> None:
    said = crowd(9)
    item = np.append(said.item, 0)
    annotator = np.append(said.annotator, 99)
    value = np.append(said.value, said.value[said.item == 0].mean() + 20)
    found = numbers(item, annotator, value)
    place = found.annotators.tolist().index(99)
    assert 0 < found.bias[place] < 15
    assert found.scale[place] == pytest.approx(1, abs=0.8)


def test_every_step_raises_the_bound() -> None:
    said = crowd(10, n_items=60, n_annotators=8)
    data = effects.Numbers(
        said.item.astype(np.int32),
        said.annotator.astype(np.int32),
        said.value / said.value.std(),
        60,
        np.ones(8, dtype=bool),
        np.array([3, 4]),
        said.truth[[3, 4]] / said.value.std(),
    )
    for robust in (True, False):
        heights = [
            effects.fit(data, robust=robust, max_iterations=steps, tolerance=0.0).log_likelihood
            for steps in range(1, 30)
        ]
        assert (np.diff(heights) > -1e-6 * abs(heights[-1])).all()


def test_the_model_gets_all_the_weight_where_it_is_true_and_little_where_annotators_are_alike() -> None:
    said = crowd(11, n_items=400)
    assert numbers(said.item, said.annotator, said.value).share_of_model > 0.9
    flat = numbers(said.item, said.annotator, said.truth[said.item] + np.random.default_rng(0).normal(0, 6, 2000))
    assert flat.share_of_model < 0.7


def test_too_few_annotators_leave_the_model_alone() -> None:
    said = crowd(12, n_annotators=5)
    found = numbers(said.item, said.annotator, said.value)
    assert found.share_of_model == 1.0


def test_halves_that_share_few_items_leave_out_the_mean() -> None:
    said = crowd(13, n_items=12, n_annotators=8, redundancy=3)
    scale = said.value.std()
    data = effects.Numbers(
        said.item.astype(np.int32), said.annotator.astype(np.int32), said.value / scale, 12, np.ones(8, dtype=bool),
        np.empty(0, dtype=np.int64), np.empty(0),
    )  # fmt: skip
    assert members.shares(data, robust=True, tolerance=1e-5).tolist() == [0.5, 0.5, 0.0]
    assert members.shares(data, robust=False, tolerance=1e-5).tolist() == [1.0, 0.0]


def test_numbers_that_are_mostly_0_are_read_no_worse_than_by_their_mean() -> None:
    rng = np.random.default_rng(14)
    truth = np.maximum(rng.normal(-10, 20, 150), 0)
    item = np.repeat(np.arange(150), 8)
    annotator = np.concatenate([rng.permutation(24)[:8] for _ in range(150)])
    seen = rng.random(1200) < 0.15 + truth[item] / 100
    value = np.where(seen, np.clip(truth[item] * 2.5 + rng.normal(0, 15, 1200), 0, 100), 0.0)
    found = numbers(item, annotator, value)
    mean = np.bincount(item, weights=value) / 8
    assert np.corrcoef(found.value, truth)[0, 1] > np.corrcoef(mean, truth)[0, 1] - 0.02


def test_no_votes_give_no_numbers_and_a_reason() -> None:
    found = numbers([], [], [])
    assert len(found.value) == 0
    assert found.low is None
    assert found.reason == "There are no numbers."


@pytest.mark.parametrize("annotator", [["ann"] * 3, ["ann", "bob", "cid"]])
def test_one_number_an_item_is_kept_with_a_reason_for_what_cannot_be_known(annotator: list[str]) -> None:
    found = numbers([1, 2, 3], annotator, [4.0, 5.0, 9.0])
    assert found.value.tolist() == [4.0, 5.0, 9.0]
    assert found.low is None
    assert found.noise is None
    assert "No item has numbers by two annotators" in found.reason
    assert found.reason in found.warnings


def test_equal_numbers_are_certain_and_say_nothing_of_annotators() -> None:
    found = numbers([1, 1, 2, 2], "abab", [3, 3, 3, 3])
    assert found.value.tolist() == [3, 3]
    assert found.low is not None
    assert found.low.tolist() == [3, 3]
    assert "equal" in found.reason
    assert found.reliability is None


def test_an_item_without_numbers_carries_the_mean_and_a_warning() -> None:
    found = numbers([1, 1, 2, 2, 3], "ababa", [1.0, 2.0, 5.0, 6.0, None])
    assert found.n_votes.tolist() == [2, 2, 0]
    assert any("1 of 3 items have no numbers" in warning for warning in found.warnings)
    assert found.value[2] == pytest.approx((found.value[0] + found.value[1]) / 2, abs=0.5)
    assert found.low is not None
    assert found.low[2] < found.low[:2].min()


def test_the_last_of_an_annotators_numbers_on_an_item_counts() -> None:
    first = numbers([1, 1, 2, 2, 1], "ababa", [9.0, 2.0, 5.0, 6.0, 1.0])
    again = numbers([1, 1, 2, 2], "abab", [1.0, 2.0, 5.0, 6.0])
    assert first.value == pytest.approx(again.value)
    assert first.n_votes.tolist() == [2, 2]


def test_two_items_two_annotators_give_finite_numbers() -> None:
    found = numbers([1, 1, 2, 2], "abab", [1.0, 2.0, 3.0, 5.0])
    for part in (found.value, found.low, found.high, found.bias, found.scale, found.noise):
        assert part is not None
        assert np.isfinite(part).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"value": [1.0, np.inf]}, "infinite"),
        ({"value": ["one", 2]}, "Vote 0 says 'one'"),
        ({"value": [[1.0], [2.0]]}, "2 dimensions"),
        ({"value": [1.0, 2.0, 3.0]}, "equally long"),
        ({"value": [0.0, 2.0], "scale": "positive"}, "above 0"),
        ({"value": [1.0, 2.0], "scale": "log"}, "'interval' or 'positive'"),
        ({"value": [1.0, 12.0], "bounds": (0, 10)}, "outside the bounds"),
        ({"value": [1.0, 2.0], "bounds": (3, 3)}, "least number first"),
        ({"value": [1.0, 2.0], "gold": {"z": 1.0}}, "names the item 'z'"),
        ({"value": [1.0, 2.0], "gold": {1: None}}, "without a number"),
        ({"value": [1.0, 2.0], "level": 1.5}, "level between 0 and 1"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        numbers([1, 1], "ab", **options)  # type: ignore[arg-type]  # wrong on purpose


def test_on_feelings_about_headlines_it_beats_mean_median_and_standardized_mean(data_dir: Path) -> None:
    item, annotator, value, gold = numeric(data_dir / "crowd" / "emotion_numeric")
    found = numbers(item, annotator, value)
    known = np.array([gold[name] for name in found.items])
    place = {name: index for index, name in enumerate(found.items.tolist())}
    where = np.array([place[name] for name in item])
    who = np.unique(annotator, return_inverse=True)[1]
    mean = np.bincount(where, weights=value) / np.bincount(where)
    median = np.array([np.median(value[where == index]) for index in range(len(known))])
    own = np.bincount(who, weights=value) / np.bincount(who)
    spread = np.sqrt(np.bincount(who, weights=(value - own[who]) ** 2) / np.bincount(who))
    standard = np.bincount(where, weights=(value - own[who]) / spread[who]) / np.bincount(where)
    standard = standard * value.std() + value.mean()
    best = max(np.corrcoef(other, known)[0, 1] for other in (mean, median, standard))
    closest = min(off(other, known) for other in (mean, median, standard))
    assert np.corrcoef(found.value, known)[0, 1] > best + 0.007
    assert off(found.value, known) < closest - 0.25
    assert np.isfinite(found.value).all()
