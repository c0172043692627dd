"""Overlap: boxes, polygons, masks and spans, by hand and where they degenerate."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import overlap
from goldseam.stats.overlap import Runs
from goldseam.stats.votes import BadVotes

UNIT = [[0, 0, 1, 1]]


# --- boxes ------------------------------------------------------------------------------------------------------------


def test_iou_of_boxes_by_hand() -> None:
    a = [[0, 0, 10, 10], [20, 20, 4, 4]]
    b = [[0, 0, 10, 10], [5, 0, 10, 10], [10, 10, 5, 5], [21, 21, 2, 2]]
    assert overlap.iou(a, b) == pytest.approx(np.array([[1, 1 / 3, 0, 0], [0, 0, 0, 0.25]]))


def test_iou_of_nothing_is_empty_and_of_boxes_without_area_is_0() -> None:
    assert overlap.iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert overlap.iou([[0, 0, 0, 0]], [[0, 0, 0, 0]]).tolist() == [[0.0]]
    assert overlap.iou([[0, 0, 0, 0, 30]], [[0, 0, 0, 0, 30]]).tolist() == [[0.0]]


@pytest.mark.parametrize(
    "boxes", [[[0, 0, 1]], [0, 0, 1, 1], [[0, 0, -1, 1]], [[0, 0, np.nan, 1]], [[0, 0, 1, 1, np.inf]]]
)
def test_what_is_no_box_is_refused(boxes: list[list[int]]) -> None:
    with pytest.raises(BadVotes, match=r"[Bb]ox"):
        overlap.iou(boxes, boxes)


def test_a_box_turns_clockwise_about_its_upper_left_corner() -> None:
    """As Label Studio and our own answers have it; y points down, so a quarter turn brings the width to point down."""
    assert overlap.iou([[4, 0, 2, 3]], [[4, 0, 2, 3, 0]]).tolist() == [[1.0]]
    assert overlap.iou([[1, 0, 3, 2]], [[4, 0, 2, 3, 90]]) == pytest.approx(1.0)
    assert overlap.iou([[2, -3, 2, 3]], [[4, 0, 2, 3, 180]]) == pytest.approx(1.0)
    assert overlap.iou([[4, -2, 3, 2]], [[4, 0, 2, 3, 270]]) == pytest.approx(1.0)
    assert overlap.iou([[4, 0, 2, 3]], [[4, 0, 2, 3, 90]]).tolist() == [[0.0]]


def test_a_square_and_itself_turned_by_45_degrees_about_its_middle_share_an_octagon() -> None:
    corner = 0.5 - np.sqrt(0.5)
    shared = 2 * (np.sqrt(2) - 1)  # the area of the octagon
    found = overlap.iou(UNIT, [[0.5, corner, 1, 1, 45]])
    assert found == pytest.approx(shared / (2 - shared))


def test_paired_iou_is_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    a, b = (np.column_stack([rng.random((9, 4)), rng.uniform(0, 360, 9)]) for _ in range(2))
    assert overlap.paired_iou(a, b) == pytest.approx(np.diag(overlap.iou(a, b)))
    with pytest.raises(BadVotes, match="9 and 8"):
        overlap.paired_iou(a, b[:8])


def test_generalized_iou_by_hand() -> None:
    found = overlap.generalized_iou(UNIT, [[0, 0, 1, 1], [1, 0, 1, 1], [3, 0, 1, 1], [0.5, 0.5, 1, 1]])
    assert found == pytest.approx(np.array([[1, 0, -0.5, 0.25 / 1.75 - 0.5 / 2.25]]))
    assert overlap.generalized_iou([[0, 0, 0, 0]], [[0, 0, 0, 0]]).tolist() == [[0.0]]
    with pytest.raises(BadVotes, match="upright"):
        overlap.generalized_iou(UNIT, [[0, 0, 1, 1, 5]])


def test_dice_of_boxes_and_masks() -> None:
    assert overlap.dice(UNIT, [[0.5, 0, 1, 1]]) == pytest.approx(0.5)
    assert overlap.dice(Runs.from_counts([[0, 4]]), Runs.from_counts([[2, 2]]), by=overlap.mask_iou) == pytest.approx(
        2 / 3
    )


# --- polygons ---------------------------------------------------------------------------------------------------------

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2)]
NOTCHED = [(0, 0), (2, 0), (2, 2), (1, 1), (0, 2)]
"""A square with a triangle cut out: 3 of 4."""


def test_polygons_by_hand_also_where_they_are_not_convex() -> None:
    wedge = [(0, 2), (1, 1), (2, 2)]
    found = overlap.polygon_iou([SQUARE, NOTCHED], [SQUARE, NOTCHED, wedge, NOTCHED[::-1]])
    assert found == pytest.approx(np.array([[1, 3 / 4, 1 / 4, 3 / 4], [3 / 4, 1, 0, 1]]))


def test_polygons_that_only_touch_or_have_no_area_share_nothing() -> None:
    beside = [(2, 0), (4, 0), (4, 2), (2, 2)]
    line = [(0, 0), (1, 1), (2, 2)]
    assert overlap.polygon_iou([SQUARE], [beside, line]).tolist() == [[0.0, 0.0]]
    assert overlap.polygon_iou([], [SQUARE]).shape == (0, 1)


def test_a_polygon_far_from_the_origin_keeps_its_digits() -> None:
    far = np.array(NOTCHED, dtype=float) + 1e6
    assert overlap.polygon_iou([far], [np.array(SQUARE) + 1e6]) == pytest.approx(3 / 4, abs=1e-9)


@pytest.mark.parametrize("polygon", [[(0, 0), (1, 1)], [(0, 0, 0)] * 3, [(0, 0), (1, 1), (np.nan, 0)]])
def test_what_is_no_polygon_is_refused(polygon: list[tuple[float, ...]]) -> None:
    with pytest.raises(BadVotes, match="Polygon 0"):
        overlap.polygon_iou([polygon], [SQUARE])


# --- masks ------------------------------------------------------------------------------------------------------------


def test_masks_as_arrays_and_as_runs_have_the_same_iou() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((4, 7, 5)) < 0.4, rng.random((3, 7, 5)) < 0.6
    b[0] = False
    wanted = np.array([[(x & y).sum() / (x | y).sum() for y in b] for x in a])
    assert overlap.mask_iou(a, b) == pytest.approx(wanted)
    assert overlap.mask_iou(Runs.from_masks(a), list(b)) == pytest.approx(wanted)


def test_two_empty_masks_have_0_and_masks_of_other_sizes_are_refused() -> None:
    assert overlap.mask_iou(np.zeros((1, 3, 3)), np.zeros((1, 3, 3))).tolist() == [[0.0]]
    with pytest.raises(BadVotes, match="9 and 12 pixels"):
        overlap.mask_iou(np.zeros((1, 3, 3)), np.zeros((1, 4, 3)))


def test_run_lengths_of_coco() -> None:
    runs = Runs.from_counts([[1, 2, 0, 3, 4], [0, 10], [10]])
    assert runs.size.tolist() == [10, 10, 10]
    assert (runs.start.tolist(), runs.end.tolist(), runs.areas().tolist()) == ([1, 0], [6, 10], [5, 10, 0])
    assert runs.to_masks(10)[0].tolist() == [False, *[True] * 5, *[False] * 4]
    assert runs.take(np.array([2, 0])).areas().tolist() == [0, 5]


@pytest.mark.parametrize(
    ("mask", "start", "end"), [([0], [2], [2]), ([0], [0], [9]), ([1], [0], [1]), ([0, 0], [0, 2], [2, 3]), ([0, 0], [4, 0], [5, 1])]
)  # fmt: skip
def test_runs_cannot_be_born_wrong(mask: list[int], start: list[int], end: list[int]) -> None:
    with pytest.raises(BadVotes, match=r"[Rr]un"):
        Runs(np.array([5]), np.array(mask), np.array(start), np.array(end))


def test_runs_say_what_is_wrong() -> None:
    with pytest.raises(BadVotes, match="negative"):
        Runs.from_counts([[3, -1]])
    with pytest.raises(BadVotes, match="6 pixels"):
        Runs.from_counts([[3]]).to_masks(2, 3)
    with pytest.raises(BadVotes, match="n_masks"):
        Runs.from_masks(np.zeros(3))


# --- matching ---------------------------------------------------------------------------------------------------------


def test_matching_takes_more_pairs_before_better_ones() -> None:
    """Greedy would take the perfect pair and leave both other boxes alone."""
    a = [[0, 0, 10, 10], [0, 0, 10, 16]]
    b = [[0, 0, 10, 10], [0, 0, 10, 6]]
    found = overlap.match(a, b, iou_at=0.55)
    assert found.pairs.tolist() == [[0, 1], [1, 0]]
    assert found.mean_iou == pytest.approx((0.6 + 10 / 16) / 2)
    assert overlap.match(a, b, iou_at=0.7).pairs.tolist() == [[0, 0]]
    # even where both pairs together share less than the perfect one: 0.3 and 1/3
    found = overlap.match([[0, 0, 10, 10], [0, 0, 10, 30]], [[0, 0, 10, 10], [0, 0, 10, 3]], iou_at=0.25)
    assert found.pairs.tolist() == [[0, 1], [1, 0]]


def test_of_two_boxes_on_one_the_nearer_is_matched() -> None:
    found = overlap.match([[0, 0, 10, 10]], [[0, 0, 10, 8], [0, 0, 10, 9]])
    assert (found.pairs.tolist(), found.precision, found.recall) == ([[0, 1]], 0.5, 1.0)
    assert found.value == pytest.approx(2 / 3)


def test_boxes_of_other_items_or_labels_never_match() -> None:
    boxes = [[0, 0, 1, 1], [0, 0, 1, 1]]
    items, labels = (["i", "j"], ["j", "k"]), (["bird", "bird"], ["bird", "cat"])
    assert overlap.match(boxes, boxes, items=items).pairs.tolist() == [[1, 0]]
    assert overlap.match(boxes, boxes, labels=labels).n_matched == 1
    assert overlap.match(boxes, boxes, items=items, labels=(["bird", "cat"], ["bird", "cat"])).n_matched == 0


def test_other_shapes_are_matched_by_their_own_iou() -> None:
    masks = np.eye(4, dtype=bool).reshape(4, 2, 2)
    found = overlap.match(masks, masks[::-1], by=overlap.mask_iou)
    assert found.pairs.tolist() == [[0, 3], [1, 2], [2, 1], [3, 0]]
    found = overlap.match([SQUARE], [NOTCHED], by=overlap.polygon_iou, items=(["i"], ["j"]))
    assert (found.n_matched, found.mean_iou) == (0, None)


def test_nothing_to_match_is_undefined_with_a_reason() -> None:
    nothing = overlap.match([], [])
    assert (nothing.value, nothing.precision, nothing.recall, nothing.mean_iou) == (None, None, None, None)
    assert "nothing to compare" in nothing.reason
    one_sided = overlap.match([], UNIT)
    assert (one_sided.value, one_sided.precision, one_sided.recall) == (0.0, 0.0, None)


def test_matching_says_what_is_wrong() -> None:
    with pytest.raises(BadVotes, match="iou_at=0"):
        overlap.match(UNIT, UNIT, iou_at=0)
    with pytest.raises(BadVotes, match=r"items=.*1 and 1"):
        overlap.match(UNIT, UNIT, items=(["i"], []))


def test_a_large_tangle_is_solved_as_a_sparse_problem_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    a = np.column_stack([rng.random((60, 2)) * 40, rng.uniform(10, 20, (60, 2))])
    b = np.column_stack([rng.random((50, 2)) * 40, rng.uniform(10, 20, (50, 2))])
    dense = overlap.match(a, b, iou_at=0.1)
    monkeypatch.setattr("goldseam.stats.overlap._assignment._DENSE_CELLS", 0)
    sparse = overlap.match(a, b, iou_at=0.1)
    assert sparse.n_matched == dense.n_matched > 40
    assert sparse.mean_iou == pytest.approx(dense.mean_iou)


# --- spans ------------------------------------------------------------------------------------------------------------


def test_span_f1_counts_spans_that_are_equal_in_all() -> None:
    first = [(0, 4, "PER"), (9, 12, "LOC"), (20, 25, "ORG")]
    second = [(0, 4, "PER"), (9, 12, "ORG")]
    found = overlap.span_f1(first, second)
    assert (found.n_first, found.n_second, found.n_matched) == (3, 2, 1)
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(1 / 3)
    assert found.value == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))
    assert found.pairs.tolist() == [[0, 0]]


def test_a_span_marked_twice_matches_once() -> None:
    assert overlap.span_f1([(0, 1, "A")], [(0, 1, "A"), (0, 1, "A")]).n_matched == 1
    assert overlap.span_f1([(0, 1, "A")] * 3, [(0, 1, "A")] * 2).pairs.tolist() == [[0, 0], [1, 1]]


def test_without_spans_there_is_nothing_to_compare() -> None:
    both = overlap.span_f1([], [])
    assert both.value is None
    assert both.reason
    assert overlap.span_f1([], [(0, 1, "A")]).value == 0.0
    assert overlap.span_f1([(0, 1, "A")], [], how="overlap").precision is None


@pytest.mark.parametrize(("how", "matched"), [("exact", 1), ("boundary", 2), ("label", 2), ("overlap", 3)])
def test_the_four_ways_to_match_are_boundaries_and_labels_each_equal_or_not(
    how: overlap.spans.How, matched: int
) -> None:
    first = [(0, 4, "PER"), (9, 12, "LOC"), (20, 25, "ORG"), (40, 41, "ORG")]
    second = [(0, 4, "PER"), (9, 12, "ORG"), (22, 30, "ORG"), (41, 43, "ORG")]
    assert overlap.span_f1(first, second, how=how).n_matched == matched


def test_a_long_span_over_two_short_ones_matches_one_of_them() -> None:
    found = overlap.span_f1([(0, 10, "A")], [(0, 3, "A"), (4, 10, "A")], how="overlap")
    assert (found.pairs.tolist(), found.mean_iou) == ([[0, 1]], pytest.approx(0.6))


def test_spans_of_other_items_never_match_and_arrays_do_as_lists() -> None:
    spans = [(0, 4, 1), (9, 12, 0), (0, 4, 1)]
    items = (["t", "t", "u"], ["t", "u", "v"])
    listed = overlap.span_f1(spans, spans, items=items)
    assert listed.n_matched == 1
    assert overlap.span_f1(np.array(spans), np.array(spans), items=items).pairs.tolist() == listed.pairs.tolist()
    assert overlap.span_f1(np.array(spans), np.array(spans), how="overlap", items=items).n_matched == 1
    assert overlap.span_f1([(0, 1, None)], [(0, 1, None)]).value == 1.0


def test_spans_say_what_is_wrong() -> None:
    with pytest.raises(BadVotes, match="from 4 to 2"):
        overlap.span_f1([(0, 1, "A"), (4, 2, "A")], [])
    with pytest.raises(BadVotes, match="'boundary'"):
        overlap.span_f1([], [], how="partial")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BadVotes, match=r"\(n, 3\)"):
        overlap.span_f1(np.zeros((2, 2), dtype=int), [])
    with pytest.raises(BadVotes, match="needs one item for each"):
        overlap.span_f1([(0, 1, "A")], [], items=([], []))
