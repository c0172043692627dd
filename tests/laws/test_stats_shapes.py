"""Laws of fused boxes, masks, spans and texts: what may not matter, and a known truth that is found again."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from goldseam.stats import overlap, truth
from goldseam.stats.truth._clusters import clusters_of
from goldseam.stats.truth._disjoint import best_disjoint
from goldseam.stats.truth._fusion import Sorted
from goldseam.stats.truth._strings import alignments, characters, edit_distances, words

marks = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 30), st.integers(0, 30), st.integers(3, 12), st.integers(3, 12)),
    min_size=1,
    max_size=14,
).map(lambda rows: np.array(rows, dtype=float))  # fmt: skip
spans = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 12), st.integers(1, 5), st.sampled_from("AB")),
    min_size=1,
    max_size=14,
)
strings = st.lists(st.text("abc ", max_size=7), min_size=2, max_size=5)


def fused(rows: np.ndarray, **options: float) -> truth.BoxTruth:
    return truth.boxes(rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 2:], at_least=0, **options)


def same_objects(one: truth.BoxTruth, two: truth.BoxTruth) -> bool:
    """Whether both say the same of each item, in whatever order where confidences tie."""
    rows = [
        np.round(np.column_stack([found.items[found.item], found.confidence, found.boxes]), 6).tolist()
        for found in (one, two)
    ]
    return np.array(sorted(rows[0])) == pytest.approx(np.array(sorted(rows[1])), abs=1e-4)


# --- boxes ------------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(rows=marks, data=st.data())
def test_the_order_of_items_and_the_names_of_annotators_change_nothing(rows: np.ndarray, data: st.DataObject) -> None:
    names = np.array(data.draw(st.permutations(range(5))))
    renamed = rows.copy()
    renamed[:, 1] = names[rows[:, 1].astype(int)]
    order = np.argsort(-rows[:, 0], kind="stable")  # within an item the order may break ties between equal shares
    assert same_objects(fused(rows), fused(renamed[order]))


@settings(max_examples=40)
@given(rows=marks, move=st.tuples(st.integers(-90, 90), st.integers(-90, 90)), scale=st.sampled_from([0.25, 1.0, 8.0]))
def test_moving_and_scaling_all_boxes_moves_and_scales_the_fused_ones(
    rows: np.ndarray, move: tuple[int, int], scale: float
) -> None:
    moved = rows.copy()
    moved[:, 2:] *= scale
    moved[:, 2:4] += move
    one, two = fused(rows), fused(moved)
    back = two.boxes.copy()
    back[:, :2] -= move
    assert back / scale == pytest.approx(one.boxes, abs=1e-6)
    assert two.confidence == pytest.approx(one.confidence, abs=1e-9)


@settings(max_examples=60)
@given(rows=marks, joined_at=st.sampled_from([0.0, 0.3, 0.7]))
def test_no_object_holds_two_boxes_of_one_annotator_or_of_two_items(rows: np.ndarray, joined_at: float) -> None:
    found = fused(rows, joined_at=joined_at)
    assert sorted(set(found.object_of.tolist())) == list(range(found.n_objects))
    for k in range(found.n_objects):
        members = rows[found.object_of == k]
        assert len(set(members[:, 1])) == len(members) == found.n_votes[k]
        assert set(members[:, 0]) == {found.items[found.item[k]]}
        low, high = members[:, 2:4].min(axis=0), (members[:, 2:4] + members[:, 4:]).max(axis=0)
        assert (found.boxes[k, :2] >= low - 1e-9).all()
        assert (found.boxes[k, :2] + found.boxes[k, 2:] <= high + 1e-9).all()


@settings(max_examples=40)
@given(rows=marks)
def test_what_is_asked_to_be_surer_is_a_part_of_what_is_not(rows: np.ndarray) -> None:
    everything = fused(rows)
    some = truth.boxes(rows[:, 0].astype(int), rows[:, 1].astype(int), rows[:, 2:], at_least=0.6)
    kept = everything.confidence >= 0.6
    assert some.boxes.tolist() == everything.boxes[kept].tolist()
    for found in (everything, some):
        assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
        assert ((found.recall > 0) & (found.recall < 1) & (found.precision > 0) & (found.precision <= 1)).all()
        assert (found.n_votes <= found.n_looked).all()


@settings(max_examples=60)
@given(
    shares=hnp.arrays(float, (6, 6), elements=st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8])),
    annotator=hnp.arrays(np.int64, 6, elements=st.integers(0, 4)),
)
def test_clusters_are_those_of_joining_the_nearest_two_again_and_again(
    shares: np.ndarray, annotator: np.ndarray
) -> None:
    """Where all shares differ, so that 'nearest' has one meaning."""
    shares = shares + np.sqrt(np.arange(1, 37)).reshape(6, 6) / 1e3
    shares = np.where(shares >= 0.15, shares, 0.0)
    pairs = np.array(list(combinations(range(6), 2)))
    share = shares[pairs[:, 0], pairs[:, 1]]
    found = clusters_of(annotator, [(pairs[:, 0], pairs[:, 1], share)], 0.3)
    table = np.zeros((6, 6))
    table[pairs[:, 0], pairs[:, 1]] = share
    assert {frozenset(np.flatnonzero(found == k).tolist()) for k in set(found.tolist())} == one_at_a_time(
        table + table.T, annotator, 0.3
    )


def one_at_a_time(table: np.ndarray, annotator: np.ndarray, joined_at: float) -> set[frozenset[int]]:
    """Average linkage as it is defined."""
    table = np.where(annotator[:, None] == annotator[None, :], 0.0, table)
    parts = [frozenset([k]) for k in range(len(table))]
    while True:
        able = [
            (float(np.mean([[table[a, b] for a in one] for b in two])), one, two)
            for one, two in combinations(parts, 2)
            if not {int(annotator[a]) for a in one} & {int(annotator[b]) for b in two}
        ]
        best = max(able, key=lambda entry: entry[0], default=(0.0, frozenset(), frozenset()))
        if best[0] < joined_at:
            return set(parts)
        parts = [part for part in parts if part not in best[1:]] + [best[1] | best[2]]


@given(
    values=st.lists(st.integers(-20, 20), min_size=1, max_size=9),
    weights=st.lists(st.integers(1, 5), min_size=9, max_size=9),
    group=st.lists(st.integers(0, 2), min_size=9, max_size=9),
)
def test_weighted_medians_of_all_groups_and_without_each_number_are_those_of_the_definition(
    values: list[int], weights: list[int], group: list[int]
) -> None:
    value, weight = np.array(values, dtype=float), np.array(weights[: len(values)], dtype=float)
    owner = np.unique(group[: len(values)], return_inverse=True)[1]
    held = Sorted(value, owner, int(owner.max()) + 1)
    middles, without = held.middles(weight), held.without(weight)
    for k in range(len(middles)):
        assert middles[k] == pytest.approx(weighted_median(value[owner == k], weight[owner == k]))
    for v in range(len(value)):
        others = (owner == owner[v]) & (np.arange(len(value)) != v)
        wanted = weighted_median(value[others], weight[others]) if others.any() else value[v]
        assert without[v] == pytest.approx(wanted)


def weighted_median(value: np.ndarray, weight: np.ndarray) -> float:
    """The point that halves the weight, each number's weight spread evenly around it; equal weights: the median."""
    order = np.argsort(value, kind="stable")
    found = float(np.interp(weight.sum() / 2, np.cumsum(weight[order]) - weight[order] / 2, value[order]))
    if len(set(weight.tolist())) == 1:
        assert found == pytest.approx(float(np.median(value)))
    return found


def crowd_of_boxes(rng: np.random.Generator, n_items: int, redundancy: int) -> dict[str, np.ndarray]:
    """Objects as the model has them: of different ease, overlooked, invented and drawn badly by ten annotators."""
    own, invented = np.linspace(-1, 1.5, 10), np.linspace(0.6, 0.05, 10)
    error = np.array([0.02, 0.1, 0.03, 0.08, 0.05, 0.04, 0.06, 0.02, 0.1, 0.03])
    true, rows, looked = [], [], []
    for item in range(n_items):
        n = rng.poisson(4)
        low, size = rng.uniform(0, 900, (n, 2)), rng.uniform(30, 90, (n, 2))
        ease = rng.beta(4, 1.5, n)
        true += [(item, *low[k], *size[k]) for k in range(n)]
        for annotator in rng.choice(10, redundancy, replace=False):
            looked.append((item, annotator))
            chance = 1 / (1 + (1 / ease - 1) * np.exp(-own[annotator]))
            for k in np.flatnonzero(rng.random(n) < chance):
                off = rng.laplace(0, error[annotator], 4) * np.tile(size[k], 2)
                rows.append((item, annotator, *(low[k] + off[:2]), *np.maximum(size[k] + off[2:] - off[:2], 1)))
            rows += [
                (item, annotator, *rng.uniform(0, 900, 2), *rng.uniform(30, 90, 2))
                for _ in range(rng.poisson(invented[annotator]))
            ]
    ease = rng.beta(4, 1.5, 20_000)
    recall = (1 / (1 + (1 / ease - 1) * np.exp(-own[:, None]))).mean(axis=1)
    return {
        "true": np.array(true), "rows": np.array(rows), "looked": np.array(looked), "recall": recall, "error": error,
        "invented": invented,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_objects_and_annotators_are_found_again(seed: int) -> None:
    crowd = crowd_of_boxes(np.random.default_rng(seed), n_items=200, redundancy=6)
    rows, looked, true = crowd["rows"], crowd["looked"], crowd["true"]
    found = truth.boxes(
        rows[:, 0], rows[:, 1].astype(int), rows[:, 2:], looked=(looked[:, 0], looked[:, 1].astype(int))
    )
    assert found.recall == pytest.approx(crowd["recall"], abs=0.08)
    assert found.error == pytest.approx(crowd["error"], rel=0.35)
    assert np.corrcoef(found.error, crowd["error"])[0, 1] > 0.97
    match = overlap.match(true[:, 1:], found.boxes, items=(true[:, 0], found.items[found.item]))
    assert match.value > 0.96
    single = overlap.match(np.repeat(true[:, 1:], 6, axis=0), rows[:, 2:], items=(np.repeat(true[:, 0], 6), rows[:, 0]))
    assert match.value > single.value + 0.1
    hit = np.zeros(found.n_objects, dtype=bool)
    hit[match.pairs[:, 1]] = True
    assert found.confidence.mean() == pytest.approx(hit.mean(), abs=0.03)


def test_sides_are_drawn_nearer_to_the_truth_than_by_a_plain_median() -> None:
    crowd = crowd_of_boxes(np.random.default_rng(9), n_items=200, redundancy=5)
    rows, true = crowd["rows"], crowd["true"]
    found = truth.boxes(rows[:, 0], rows[:, 1].astype(int), rows[:, 2:])
    plain = np.array([np.median(rows[found.object_of == k, 2:], axis=0) for k in range(found.n_objects)])
    items = (true[:, 0], found.items[found.item])
    ours = overlap.match(true[:, 1:], found.boxes, items=items).mean_iou
    assert ours > overlap.match(true[:, 1:], plain, items=items).mean_iou + 0.01


# --- masks ------------------------------------------------------------------------------------------------------------

drawn_masks = hnp.arrays(bool, st.tuples(st.integers(1, 5), st.integers(4, 10)))


@settings(max_examples=40)
@given(drawn=drawn_masks, data=st.data())
def test_the_order_of_pixels_and_of_annotators_changes_nothing(drawn: np.ndarray, data: st.DataObject) -> None:
    pixels = data.draw(st.permutations(range(drawn.shape[1])))
    rows = data.draw(st.permutations(range(len(drawn))))
    names = [f"a{k}" for k in range(len(drawn))]
    one = truth.masks(["i"] * len(drawn), names, drawn)
    two = truth.masks(["i"] * len(drawn), [names[k] for k in rows], drawn[rows][:, pixels])
    assert spread_out(two) == pytest.approx(spread_out(one)[list(pixels)], abs=1e-6)
    assert two.sensitivity == pytest.approx(one.sensitivity, abs=1e-6)


def spread_out(found: truth.MaskTruth) -> np.ndarray:
    return np.repeat(found.part_posterior, found.part_end - found.part_start)


@settings(max_examples=40)
@given(drawn=drawn_masks, empty=st.integers(1, 50))
def test_more_empty_image_around_changes_nothing(drawn: np.ndarray, empty: int) -> None:
    drawn = np.pad(drawn, ((0, 0), (0, 12)))  # so that there is as much empty image as anything else from the start
    drawn[0, 0] = True
    names = list(range(len(drawn)))
    one = truth.masks(["i"] * len(drawn), names, drawn)
    two = truth.masks(["i"] * len(drawn), names, np.pad(drawn, ((0, 0), (empty, 0))))
    assert spread_out(two)[empty:] == pytest.approx(spread_out(one), abs=1e-9)
    assert two.specificity == pytest.approx(one.specificity, abs=1e-9)


@settings(max_examples=40)
@given(drawn=drawn_masks)
def test_what_all_take_in_or_leave_out_is_so(drawn: np.ndarray) -> None:
    found = truth.masks(["i"] * len(drawn), list(range(len(drawn))), drawn)
    inside = found.masks.to_masks(drawn.shape[1])[0]
    if len(drawn) > 2:
        assert not inside[~drawn.any(axis=0)].any()
    assert np.isfinite(found.part_posterior).all()
    assert 0 <= found.confidence[0] <= 1


# --- spans ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(rows=spans, nested=st.booleans())
def test_fused_spans_are_spans_that_someone_marked_and_do_not_cross(rows: list[tuple], nested: bool) -> None:
    item, annotator, start, length, label = (list(column) for column in zip(*rows, strict=True))
    end = [one + many for one, many in zip(start, length, strict=True)]
    found = truth.spans(item, annotator, start, end, label, at_least=0.3, nested=nested)
    given_spans = set(zip(item, start, end, strict=True))
    result = list(zip(found.items[found.item].tolist(), found.start.tolist(), found.end.tolist(), strict=True))
    assert set(result) <= given_spans
    assert ((found.confidence >= 0.3) & (found.limits_posterior > 0)).all()
    if not nested:
        for (one, _, stop), (other, begin, _) in pairwise(result):
            assert one != other or begin >= stop


@settings(max_examples=40)
@given(rows=spans, shift=st.integers(0, 1000))
def test_moving_all_spans_moves_the_fused_ones(rows: list[tuple], shift: int) -> None:
    item, annotator, start, length, label = (list(column) for column in zip(*rows, strict=True))
    begin = np.array(start)
    one = truth.spans(item, annotator, begin, begin + length, label, at_least=0)
    two = truth.spans(item, annotator, begin + shift, begin + length + shift, label, at_least=0)
    assert (two.start - shift).tolist() == one.start.tolist()
    assert two.confidence == pytest.approx(one.confidence)


@settings(max_examples=80)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 10), st.integers(1, 6), st.integers(-2, 9)), min_size=1, max_size=9
    )
)
def test_no_other_set_of_spans_apart_is_worth_more(rows: list[tuple[int, int, int, int]]) -> None:
    item, start, length, worth = (np.array(column) for column in zip(*rows, strict=True))
    kept = best_disjoint(item, start, start + length, worth.astype(float))
    best = 0.0
    for size in range(len(rows) + 1):
        for some in combinations(range(len(rows)), size):
            apart = all(
                item[a] != item[b] or start[a] + length[a] <= start[b] or start[b] + length[b] <= start[a]
                for a, b in combinations(some, 2)
            )
            best = max(best, float(worth[list(some)].sum())) if apart else best
    crossing = [
        (a, b)
        for a, b in combinations(np.flatnonzero(kept).tolist(), 2)
        if item[a] == item[b] and start[a] < start[b] + length[b] and start[b] < start[a] + length[a]
    ]
    assert not crossing
    assert worth[kept & (worth > 0)].sum() == pytest.approx(best)


def crowd_of_spans(rng: np.random.Generator) -> dict[str, list]:
    """Five true spans in each of 250 texts, eight annotators, five of them on each text."""
    recall, exact = np.linspace(0.5, 0.95, 8), np.linspace(0.6, 0.97, 8)
    confusion = np.array([[0.95, 0.05], [0.35, 0.65]])  # far from symmetric, so that a transposed matrix cannot pass
    true, rows, looked = [], [], []
    for item in range(250):
        starts = np.arange(5) * 20 + rng.integers(0, 8, 5)
        kinds = rng.integers(0, 2, 5)
        lengths = rng.integers(3, 9, 5)
        true += [(item, int(s), int(s + n), int(k)) for s, n, k in zip(starts, lengths, kinds, strict=True)]
        for annotator in rng.choice(8, 5, replace=False).tolist():
            looked.append((item, annotator))
            for s, n, k in zip(starts.tolist(), lengths.tolist(), kinds.tolist(), strict=True):
                if rng.random() < recall[annotator]:
                    begin, stop = s, s + n
                    if rng.random() > exact[annotator]:
                        begin, stop = s + int(rng.integers(-2, 2)), s + n + int(rng.integers(1, 3))
                    rows.append((item, annotator, begin, stop, int(rng.random() < confusion[k, 1])))
            for _ in range(rng.poisson(0.4)):
                begin = int(rng.integers(0, 100))
                rows.append((item, annotator, begin, begin + 4, int(rng.integers(2))))
    return {"true": true, "rows": rows, "looked": looked, "recall": recall, "exact": exact, "confusion": confusion}


@pytest.mark.parametrize("seed", range(2))
def test_spans_limits_and_labels_are_found_again(seed: int) -> None:
    crowd = crowd_of_spans(np.random.default_rng(seed))
    columns = [list(column) for column in zip(*crowd["rows"], strict=True)]
    found = truth.spans(*columns, looked=tuple(zip(*crowd["looked"], strict=True)))
    result, gold, rows = (
        np.column_stack([found.start, found.end, found.label]),
        np.array(crowd["true"]),
        np.array(crowd["rows"]),
    )
    items = (gold[:, 0], found.items[found.item])
    single = (np.repeat(gold[:, 1:], 5, axis=0), rows[:, 2:], (np.repeat(gold[:, 0], 5), rows[:, 0]))
    for how, least in (("exact", 0.85), ("boundary", 0.93), ("overlap", 0.95)):
        value = overlap.span_f1(gold[:, 1:], result, items=items, how=how).value
        assert value > least
        assert value > overlap.span_f1(*single[:2], items=single[2], how=how).value + 0.12
    assert np.corrcoef(found.recall, crowd["recall"])[0, 1] > 0.95
    assert np.corrcoef(found.exactness, crowd["exact"])[0, 1] > 0.95
    assert found.confusion.mean(axis=0) == pytest.approx(crowd["confusion"], abs=0.1)


# --- texts ------------------------------------------------------------------------------------------------------------


def levenshtein(a: str | list[str], b: str | list[str]) -> int:
    """The edit distance as it is defined, one row after another."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        fresh = [i]
        for j, y in enumerate(b, 1):
            fresh.append(min(row[j] + 1, row[j - 1] + (x != y), fresh[-1] + 1))
        row = fresh
    return row[-1]


@given(texts=strings)
def test_edit_distances_of_all_pairs_at_once_are_those_of_each(texts: list[str]) -> None:
    first, second = (np.array(side) for side in zip(*combinations(range(len(texts)), 2), strict=True))
    for split, cut in ((characters, list), (words, str.split)):
        found = edit_distances(split(texts), first, second)
        assert found.tolist() == [levenshtein(cut(texts[a]), cut(texts[b])) for a, b in zip(first, second, strict=True)]


@given(texts=strings)
def test_an_alignment_names_every_character_once_in_order_and_costs_the_distance(texts: list[str]) -> None:
    first, second = (np.array(side) for side in zip(*combinations(range(len(texts)), 2), strict=True))
    sequences = characters(texts)
    pair, at_first, at_second = alignments(sequences, first, second)
    distance = edit_distances(sequences, first, second)
    for k, (a, b) in enumerate(zip(first, second, strict=True)):
        ours, theirs = at_first[pair == k].tolist(), at_second[pair == k].tolist()
        assert [place for place in ours if place >= 0] == list(range(len(texts[a])))
        assert [place for place in theirs if place >= 0] == list(range(len(texts[b])))
        changes = sum(x < 0 or y < 0 or texts[a][x] != texts[b][y] for x, y in zip(ours, theirs, strict=True))
        assert changes == distance[k]


@settings(max_examples=40)
@given(
    texts=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.text("ab ", max_size=5)), min_size=1, max_size=9)
)
def test_a_text_is_chosen_among_those_given_for_the_item(texts: list[tuple[int, int, str]]) -> None:
    item, annotator, text = (list(column) for column in zip(*texts, strict=True))
    for unit in ("characters", "words", "bags"):
        found = truth.texts(item, annotator, text, unit=unit)
        for row, name in enumerate(found.items.tolist()):
            place = int(found.given[row])
            assert (item[place], text[place]) == (name, found.text[row])
        for numbers in (found.confidence, found.likeness, found.reliability):
            assert ((numbers >= -1e-9) & (numbers <= 1 + 1e-9)).all()


@settings(max_examples=40)
@given(text=st.lists(st.sampled_from(["the", "cat", "sat"]), max_size=5).map(" ".join), many=st.integers(1, 4))
def test_texts_that_are_all_the_same_are_the_result(text: str, many: int) -> None:
    for how in ("choose", "merge"):
        found = truth.texts(["i"] * many, list(range(many)), [text] * many, how=how)
        assert found.text == (text,)
        assert found.likeness[0] == pytest.approx(1.0)


def crowd_of_texts(rng: np.random.Generator, n_items: int, redundancy: int) -> tuple[list, list[str], np.ndarray]:
    """Texts of 5 to 15 words, in which eight annotators change, lose and add words."""
    error = np.linspace(0.02, 0.5, 8)
    vocabulary = ["".join(rng.choice(list("abcdefghij"), rng.integers(2, 7))) for _ in range(300)]
    rows, true = [], []
    for item in range(n_items):
        right = [vocabulary[k] for k in rng.integers(0, 300, rng.integers(5, 15))]
        true.append(" ".join(right))
        for annotator in rng.choice(8, redundancy, replace=False).tolist():
            said = []
            for word in right:
                chance = rng.random() / error[annotator]
                said += [] if chance < 0.25 else [vocabulary[rng.integers(300)]] if chance < 0.8 else [word]
                said += [vocabulary[rng.integers(300)]] if 0.8 <= chance < 1 else []
            rows.append((item, annotator, " ".join(said)))
    return rows, true, error


@pytest.mark.parametrize("unit", ["characters", "words", "bags"])
def test_reliable_annotators_are_known_by_their_likeness_and_their_texts_chosen(unit: str) -> None:
    rows, true, error = crowd_of_texts(np.random.default_rng(5), n_items=150, redundancy=5)
    item, annotator, text = (list(column) for column in zip(*rows, strict=True))
    found = truth.texts(item, annotator, text, unit=unit)
    assert np.corrcoef(found.reliability, 1 - error)[0, 1] > 0.97
    off = [mean_share_wrong(one, right) for one, right in zip(found.text, true, strict=True)]
    single = [mean_share_wrong(one, true[k]) for k, one in zip(item, text, strict=True)]
    assert np.mean(off) < 0.4 * np.mean(single)
    assert found.confidence.mean() == pytest.approx(1 - np.mean(off), abs=0.08)
    assert np.corrcoef(found.confidence, 1 - np.array(off))[0, 1] > 0.4


def mean_share_wrong(one: str, right: str) -> float:
    a, b = one.split(), right.split()
    return levenshtein(a, b) / max(len(a), len(b), 1)


def test_merging_words_is_nearer_to_the_truth_than_the_best_text() -> None:
    rows, true, _ = crowd_of_texts(np.random.default_rng(6), n_items=150, redundancy=6)
    item, annotator, text = (list(column) for column in zip(*rows, strict=True))
    chosen, merged = (truth.texts(item, annotator, text, how=how) for how in ("choose", "merge"))
    off = [
        np.mean([mean_share_wrong(one, right) for one, right in zip(found.text, true, strict=True)])
        for found in (chosen, merged)
    ]
    assert off[1] < 0.6 * off[0]
    assert merged.confidence.mean() == pytest.approx(1 - off[1], abs=0.05)
