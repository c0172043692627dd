"""Distances of answers that are no labels, and agreement by them."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import _distances as kernels
from goldseam.stats import _edit as edit
from goldseam.stats import agreement, distance
from goldseam.stats.votes import BadVotes, Votes


def apart(a: object, b: object, by: str) -> float:
    """The distance of two answers."""
    found = distance.table([a, b], by).distances
    return float(found[0, -1])


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ([], [], 0.0),
        (["a"], [], 1.0),
        (["a"], ["a"], 0.0),
        (["a", "b"], ["b", "c"], 2 / 3),
        (["a", "a", "b"], ["a"], 0.5),
    ],
)
def test_jaccard(a: list[str], b: list[str], wanted: float) -> None:
    assert apart(a, b, "jaccard") == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ([], [], 0.0),
        (["a"], [], 1.0),
        (["a"], ["b"], 1.0),
        (["a", "b"], ["a", "b"], 0.0),
        (["a", "b"], ["a", "b", "c", "d"], 1 - 1 / 2 * 2 / 3),
        (["a", "b"], ["b", "c"], 1 - 1 / 3 * 1 / 3),
    ],
)
def test_masi_takes_off_more_for_an_overlap_than_for_a_subset(a: list[str], b: list[str], wanted: float) -> None:
    assert apart(a, b, "masi") == pytest.approx(wanted)


def test_sets_of_thousands_of_elements_are_compared_as_small_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    answers = [rng.choice(3000, rng.integers(0, 40), replace=False).tolist() for _ in range(40)]
    bits = distance.table(answers, "jaccard").distances
    by_hand = [
        [1 - len({*a} & {*b}) / max(len({*a} | {*b}), 1) if {*a} | {*b} else 0 for b in answers] for a in answers
    ]
    monkeypatch.setattr(kernels, "_WORDS", 0)
    sparse = distance.table(answers, "jaccard").distances
    assert sparse == pytest.approx(bits)
    index = distance.table(answers, "jaccard").index
    assert bits[np.ix_(index, index)] == pytest.approx(np.array(by_hand))


def test_spans_are_compared_by_f1_and_each_matches_once() -> None:
    first = [(0, 4, "PER"), (9, 12, "LOC"), (20, 25, "ORG")]
    assert apart(first, [(0, 4, "PER"), (9, 12, "ORG")], "spans") == pytest.approx(1 - 2 / 5)
    assert apart([(0, 1, "A")], [(0, 1, "A"), (0, 1, "A")], "spans") == pytest.approx(1 - 2 / 3)
    assert apart([], [], "spans") == 0.0


def test_boxes_are_matched_as_well_as_can_be() -> None:
    a = [(0, 0, 10, 10), (20, 0, 10, 10)]
    b = [(20, 0, 10, 10), (0, 0, 10, 5), (50, 50, 1, 1)]
    assert apart(a, b, "boxes") == pytest.approx(1 - 2 * (1 + 0.5) / 5)
    assert apart(a, [], "boxes") == 1.0
    assert apart([], [], "boxes") == 0.0
    assert apart([(0, 0, 2, 2, "cat")], [(0, 0, 2, 2, "dog")], "boxes") == 1.0
    assert apart([(0, 0, 0, 0)], [(0, 0, 0, 1)], "boxes") == 1.0


def test_two_boxes_that_want_the_same_partner_share_it_out_in_the_best_way() -> None:
    a = [(0, 0, 10, 10), (1, 0, 10, 10)]
    b = [(0.5, 0, 10, 10), (5, 0, 10, 10)]
    shares = np.array([[9.5 / 10.5, 5 / 15], [9.5 / 10.5, 6 / 14]])
    best = max(shares[0, 0] + shares[1, 1], shares[0, 1] + shares[1, 0])
    assert apart(a, b, "boxes") == pytest.approx(1 - 2 * best / 4)


def test_many_boxes_are_matched_as_by_the_assignment_alone() -> None:
    from scipy.optimize import linear_sum_assignment

    from goldseam.stats.overlap import iou

    rng = np.random.default_rng(1)
    answers = [np.c_[rng.uniform(0, 20, (n, 2)), rng.uniform(1, 15, (n, 2))].tolist() for n in rng.integers(0, 6, 25)]
    found = distance.table(answers, "boxes")
    for a, first in enumerate(answers):
        for b, second in enumerate(answers):
            total = len(first) + len(second)
            if first and second:
                shares = np.asarray(iou(first, second))
                matched = shares[linear_sum_assignment(shares, maximize=True)].sum()
            else:
                matched = 0.0
            wanted = 1 - 2 * matched / total if total else 0.0
            assert found.distances[found.index[a], found.index[b]] == pytest.approx(wanted, abs=1e-12)


def test_masks_are_compared_by_their_overlap() -> None:
    a, b = np.zeros((3, 100), dtype=bool), np.zeros((3, 100), dtype=bool)
    a[0, :10], b[0, 5:15] = True, True
    assert apart(a, b, "masks") == pytest.approx(1 - 5 / 15)
    assert apart(a, a[:1], "masks") == 0.0
    assert apart(a & ~a, b & ~b, "masks") == 0.0


@pytest.mark.parametrize(
    ("a", "b", "by", "wanted"),
    [
        ("kitten", "sitting", "text", 3 / 7),
        ("", "", "text", 0.0),
        ("", "abc", "text", 1.0),
        ("a b c", "a c", "words", 1 / 3),
        ("zoë", "zoe", "text", 1 / 3),
        ("😀a", "a", "text", 1 / 2),
        ("x" * 200, "x" * 100, "text", 1 / 2),
    ],
)
def test_texts_are_compared_by_edits(a: str, b: str, by: str, wanted: float) -> None:
    assert apart(a, b, by) == pytest.approx(wanted)


def table_of_edits(a: list[int], b: list[int]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
    return row[-1]


@pytest.mark.parametrize("cells", [16_000_000, 0])
def test_edits_in_bits_are_those_of_the_textbook(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit, "_TABLE", cells)
    rng = np.random.default_rng(2)
    sizes = [0, 1, 63, 64, 65, 128, 129, *rng.integers(0, 150, 12)]
    sequences = [rng.integers(0, 4, size) for size in sizes]
    left, right = (part.ravel() for part in np.meshgrid(range(len(sizes)), range(len(sizes))))
    wanted = [table_of_edits(sequences[a].tolist(), sequences[b].tolist()) for a, b in zip(left, right, strict=True)]
    assert edit.distances(sequences, left, right).tolist() == wanted


def test_numbers_are_compared_at_their_level() -> None:
    assert apart(1.0, 4.0, "interval") == 9.0
    assert apart(1.0, 4.0, "absolute") == 3.0
    assert apart(1.0, 3.0, "ratio") == 0.25
    assert apart(0.0, 0.0, "ratio") == 0.0


def crowd_of_sets(seed: int, n_items: int = 60) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
    rng = np.random.default_rng(seed)
    truth = [{*rng.choice(list("abcde"), rng.integers(1, 4), replace=False).tolist()} for _ in range(n_items)]
    item, annotator = np.repeat(np.arange(n_items), 3), np.tile(np.arange(3), n_items)
    answers = [sorted(truth[i] ^ ({rng.choice(list("abcde"))} if rng.random() < 0.4 else set())) for i in item]
    return item, annotator, answers


@pytest.mark.parametrize("by", ["jaccard", "masi"])
def test_alpha_by_distance_is_alpha_with_the_table_of_distances(by: str) -> None:
    item, annotator, answers = crowd_of_sets(1)
    found = distance.by_distance(item, annotator, answers, by, rng=np.random.default_rng(0))
    table = distance.table(answers, by)
    votes = Votes.from_arrays(item, annotator, table.index, labels=list(range(len(table.answers))))
    same = agreement.alpha(votes, level=table.distances)
    assert found.value == pytest.approx(same.value, abs=1e-12)
    assert (found.n_items, found.n_votes) == (same.n_items, same.n_votes)
    assert found.observed == pytest.approx(same.observed)
    assert found.expected == pytest.approx(same.expected)
    assert found.all_pairs
    other = agreement.interval(votes, partial(agreement.alpha, level=table.distances), rng=np.random.default_rng(1))
    assert found.interval.low == pytest.approx(other.low, abs=0.02)
    assert found.interval.high == pytest.approx(other.high, abs=0.02)


def test_numbers_and_names_give_krippendorffs_levels() -> None:
    rng = np.random.default_rng(3)
    item, annotator = np.repeat(np.arange(40), 4), np.tile(np.arange(4), 40)
    value = rng.integers(0, 5, 40)[item] + rng.integers(0, 2, 160)
    votes = Votes.from_arrays(item, annotator, value)
    for level in ("interval", "ratio"):
        found = distance.by_distance(item, annotator, value.tolist(), level)
        assert found.value == pytest.approx(agreement.alpha(votes, level).value, abs=1e-12)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    nominal = distance.by_distance(item, annotator, value.tolist(), lambda a, b: float(a != b))
    assert nominal.value == pytest.approx(agreement.alpha(votes).value, abs=1e-12)


def test_pairs_that_are_drawn_come_close_to_all_pairs() -> None:
    item, annotator, answers = crowd_of_sets(2, n_items=200)
    every = distance.by_distance(item, annotator, answers, "jaccard", rng=np.random.default_rng(0))
    drawn = distance.by_distance(item, annotator, answers, "jaccard", rng=np.random.default_rng(0), most_pairs=150)
    assert not drawn.all_pairs
    assert drawn.n_pairs == 150
    assert drawn.expected_error > 0
    more = distance.by_distance(item, annotator, [(*a, n) for n, a in enumerate(answers)], "jaccard",
                                rng=np.random.default_rng(0), most_pairs=20_000)  # fmt: skip
    whole = distance.by_distance(item, annotator, [(*a, n) for n, a in enumerate(answers)], "jaccard",
                                 rng=np.random.default_rng(0), most_pairs=10**9)  # fmt: skip
    assert more.value == pytest.approx(whole.value, abs=0.02)
    assert more.interval.low == pytest.approx(whole.interval.low, abs=0.03)
    assert more.interval.high == pytest.approx(whole.interval.high, abs=0.03)
    assert every.interval.low < every.value < every.interval.high


def test_without_chance_pairs_cannot_be_drawn() -> None:
    item, annotator, answers = crowd_of_sets(2)
    with pytest.raises(BadVotes, match="give rng="):
        distance.by_distance(item, annotator, answers, "jaccard", most_pairs=3)


def test_the_interval_narrows_with_more_items() -> None:
    few, many = (
        distance.by_distance(*crowd_of_sets(4, n_items=n), "masi", rng=np.random.default_rng(0)).interval
        for n in (30, 300)
    )
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_answers_may_be_missing_and_the_last_of_an_annotator_counts() -> None:
    found = distance.by_distance([1, 1, 1, 2, 2, 3], "aababa", ["x", "cat", "cat", "dog", None, "cow"], "text")
    again = distance.by_distance([1, 1], "ab", ["cat", "cat"], "text")
    assert (found.n_items, found.n_votes) == (1, 2)
    assert found.value == again.value is None


@pytest.mark.parametrize(
    ("item", "annotator", "answers", "reason"),
    [
        ([], [], [], "There are no answers."),
        ([1, 1], "ab", [None, None], "There are no answers."),
        ([1, 2], "ab", ["x", "y"], "No item has answers by two annotators"),
        ([1, 1, 2, 2], "abab", ["x"] * 4, "without variation"),
        ([1, 2, 3], "aaa", ["x", "y", "z"], "No item has answers by two annotators"),
    ],
)
def test_what_cannot_be_known_has_a_reason(item: list[int], annotator: str, answers: list[str], reason: str) -> None:
    found = distance.by_distance(item, annotator, answers, "text", rng=np.random.default_rng(0))
    assert found.value is None
    assert reason in found.reason
    assert found.interval.low is None
    assert found.interval.reason


def test_answers_at_random_agree_no_more_than_chance() -> None:
    rng = np.random.default_rng(5)
    item, annotator = np.repeat(np.arange(300), 3), np.tile(np.arange(3), 300)
    answers = [rng.choice(list("abcd"), rng.integers(0, 4), replace=False).tolist() for _ in item]
    found = distance.by_distance(item, annotator, answers, "jaccard", rng=rng)
    assert abs(found.value) < 0.05
    assert found.interval.low < 0 < found.interval.high


@pytest.mark.parametrize(
    ("answers", "by", "sentence"),
    [
        (["ab", "b"], "jaccard", "a set of elements"),
        ([3, 4], "spans", "a set of elements"),
        ([["a"], ["b"]], "text", "a text would be right"),
        ([[(1, 2, 3)], []], "boxes", "A box is"),
        ([[("a", 2, 3, 4)], []], "boxes", "four numbers"),
        ([[(1, 2, -3, 4)], []], "boxes", "negative"),
        ([np.ones(3), np.ones(4)], "masks", "2 dimensions"),
        (["one", "two"], "interval", "not a number"),
        ([np.inf, 1.0], "interval", "infinite"),
        ([-1.0, 1.0], "ratio", "none is negative"),
        (["a", "b"], "hamming", "There is no distance"),
    ],
)
def test_answers_of_the_wrong_kind_are_refused(answers: list[object], by: str, sentence: str) -> None:
    with pytest.raises(BadVotes, match=sentence):
        distance.by_distance([1, 1], "ab", answers, by)


def test_a_function_that_gives_no_distance_is_refused() -> None:
    with pytest.raises(BadVotes, match="not below 0"):
        distance.by_distance([1, 1], "ab", ["x", "y"], lambda a, b: -1.0)


@pytest.mark.parametrize("options", [{"level": 1.0}, {"draws": 0}, {"most_pairs": 0}])
def test_options_that_mean_nothing_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadVotes, match="between 0 and 1"):
        distance.by_distance([1, 1], "ab", ["x", "y"], "text", **options)  # type: ignore[arg-type]  # wrong on purpose


def test_equal_answers_are_one_and_missing_ones_none() -> None:
    listed = distance.table([["a", "b"], ("a", "b"), None, float("nan"), ["b"]], "jaccard")
    assert listed.index.tolist() == [0, 0, -1, -1, 1]
    assert distance.table([{"a", "b"}, frozenset("ba")], "jaccard").index.tolist() == [0, 0]
    arrays = distance.table([np.array([1, 2]), np.array([1, 2]), np.array([3])], "jaccard")
    assert arrays.index.tolist() == [0, 0, 1]
    odd = distance.table([[{"a": 1}], [{"a": 1}]], lambda a, b: float(a != b))
    assert odd.distances.sum() == 0.0


def test_boxes_of_a_real_crowd_agree_beyond_chance(data_dir: Path) -> None:
    said: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    with (data_dir / "crowd" / "boxes_braylan" / "annotations.csv").open(newline="") as file:
        for task, worker, box, *corners in list(csv.reader(file))[1:]:
            found = said[task, worker]
            if box != "-1":
                x1, y1, x2, y2 = map(float, corners)
                found.append((x1, y1, x2 - x1, y2 - y1))
    item, annotator = zip(*said, strict=True)
    found = distance.by_distance(
        item, annotator, said.values(), "boxes", rng=np.random.default_rng(0), most_pairs=20_000, draws=200
    )
    assert found.value == pytest.approx(0.498, abs=0.01)
    assert found.n_votes == 1723
