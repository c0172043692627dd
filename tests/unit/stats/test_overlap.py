"""Overlap: boxes and spans."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import overlap
from goldseam.stats.votes import BadVotes


def test_iou_of_boxes_by_hand() -> None:
    a = [[0, 0, 10, 10], [20, 20, 4, 4]]
    b = [[0, 0, 10, 10], [5, 0, 10, 10], [10, 10, 5, 5], [21, 21, 2, 2]]
    assert overlap.iou(a, b) == pytest.approx(np.array([[1, 1 / 3, 0, 0], [0, 0, 0, 0.25]]))


def test_iou_of_nothing_is_empty_and_of_boxes_without_area_is_0() -> None:
    assert overlap.iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert overlap.iou([[0, 0, 0, 0]], [[0, 0, 0, 0]]).tolist() == [[0.0]]


@pytest.mark.parametrize("boxes", [[[0, 0, 1]], [0, 0, 1, 1], [[0, 0, -1, 1]]])
def test_what_is_no_box_is_refused(boxes: list[list[int]]) -> None:
    with pytest.raises(BadVotes, match=r"[Bb]ox"):
        overlap.iou(boxes, boxes)


def test_span_f1_counts_spans_that_are_equal_in_all() -> None:
    first = [(0, 4, "PER"), (9, 12, "LOC"), (20, 25, "ORG")]
    second = [(0, 4, "PER"), (9, 12, "ORG")]
    found = overlap.span_f1(first, second)
    assert (found.n_first, found.n_second, found.n_matched) == (3, 2, 1)
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(1 / 3)
    assert found.value == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))


def test_a_span_marked_twice_matches_once() -> None:
    assert overlap.span_f1([(0, 1, "A")], [(0, 1, "A"), (0, 1, "A")]).n_matched == 1


def test_without_spans_there_is_nothing_to_compare() -> None:
    both = overlap.span_f1([], [])
    assert both.value is None
    assert both.reason
    assert overlap.span_f1([], [(0, 1, "A")]).value == 0.0
