"""Laws of overlap: what a motion, an order or an exchange of both sides may not change, and the best pairing of all."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from goldseam.stats import overlap
from goldseam.stats.overlap import Runs

places = st.floats(-50, 50, allow_nan=False, width=32)
sizes = st.floats(0.5, 30, allow_nan=False, width=32)
angles = st.floats(-180, 180, allow_nan=False, width=32)
upright = st.tuples(places, places, sizes, sizes)
turned = st.tuples(places, places, sizes, sizes, angles)
crosses = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 5), st.integers(1, 5)), max_size=5)
spans = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 6), st.sampled_from("AB")), max_size=6).map(
    lambda listed: [(start, start + length, label) for start, length, label in listed]
)


def corners(box: tuple[float, ...]) -> np.ndarray:
    """The corners by the definition, one at a time."""
    x, y, width, height, angle = box
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    ways = [(0, 0), (width, 0), (width, height), (0, height)]
    return np.array([(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in ways])


@given(a=turned, b=turned)
def test_iou_does_not_ask_which_box_comes_first_and_is_a_share(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    found = overlap.iou([a], [b])
    assert found == pytest.approx(overlap.iou([b], [a]), abs=1e-9)
    assert 0 <= found[0, 0] <= 1
    assert overlap.iou([a], [a]) == pytest.approx(1.0)


@given(a=turned, b=turned, angle=angles, move=st.tuples(places, places), scale=st.floats(0.1, 10))
def test_turning_moving_and_scaling_both_boxes_changes_nothing(
    a: tuple[float, ...], b: tuple[float, ...], angle: float, move: tuple[float, float], scale: float
) -> None:
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))

    def moved(box: tuple[float, ...]) -> list[float]:
        x, y, width, height, own = box
        corner = scale * (x * cos - y * sin) + move[0], scale * (x * sin + y * cos) + move[1]
        return [*corner, scale * width, scale * height, own + angle]

    assert overlap.iou([moved(a)], [moved(b)]) == pytest.approx(overlap.iou([a], [b]), abs=1e-7)


@given(a=upright, b=upright, quarter=st.sampled_from([0, 1, 2, 3]))
def test_a_box_turned_by_quarters_is_the_upright_box_of_its_corners(
    a: tuple[float, ...], b: tuple[float, ...], quarter: int
) -> None:
    points = corners((*b, 90.0 * quarter))
    low, high = points.min(axis=0), points.max(axis=0)
    assert overlap.iou([a], [(*b, 90.0 * quarter)]) == pytest.approx(
        overlap.iou([a], [[*low, *(high - low)]]), abs=1e-7
    )


@given(a=turned, b=turned, start=st.integers(0, 3), backwards=st.booleans())
def test_boxes_and_the_polygons_of_their_corners_have_the_same_iou(
    a: tuple[float, ...], b: tuple[float, ...], start: int, backwards: bool
) -> None:
    ring = np.roll(corners(b), start, axis=0)
    found = overlap.polygon_iou([corners(a)], [ring[::-1] if backwards else ring])
    assert found == pytest.approx(overlap.iou([a], [b]), abs=1e-7)


@given(a=upright, b=upright)
def test_generalized_iou_is_at_most_the_iou_and_dice_at_least(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    plain, general = overlap.iou([a], [b])[0, 0], overlap.generalized_iou([a], [b])[0, 0]
    assert -1 <= general <= plain + 1e-12
    assert plain <= overlap.dice([a], [b])[0, 0] <= 1 + 1e-12


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), vertices=st.integers(5, 40))
def test_a_star_shaped_polygon_shares_what_its_pixels_share(seed: int, vertices: int) -> None:
    rng = np.random.default_rng(seed)
    rings = []
    for _ in range(2):
        angle = (np.arange(vertices) + rng.random(vertices)) * 2 * np.pi / vertices
        rings.append(np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(0.3, 1, vertices)[:, None])
    steps = (np.arange(200) + 0.5) / 100 - 1
    points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    inside = [even_odd(ring, points) for ring in rings]
    either = (inside[0] | inside[1]).sum()
    wanted = (inside[0] & inside[1]).sum() / either if either else 0.0
    assert overlap.polygon_iou([rings[0]], [rings[1]])[0, 0] == pytest.approx(wanted, abs=0.03)


def even_odd(ring: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Whether points lie inside a ring: a ray to the right crosses it an odd number of times."""
    odd = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        spans_it = (y0 > points[:, 1]) != (y1 > points[:, 1])
        if y0 != y1:
            odd ^= spans_it & (points[:, 0] < x0 + (points[:, 1] - y0) / (y1 - y0) * (x1 - x0))
    return odd


@given(masks=hnp.arrays(bool, st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(1, 6))))
def test_runs_are_the_mask(masks: np.ndarray) -> None:
    runs = Runs.from_masks(masks)
    assert (runs.to_masks(*masks.shape[1:]) == masks).all()
    assert runs.areas().tolist() == masks.sum(axis=(1, 2)).tolist()


@given(masks=hnp.arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 12))))
def test_run_lengths_written_and_read_are_the_same(masks: np.ndarray) -> None:
    counts = []
    for mask in masks:
        padded = np.concatenate([[False], mask])
        edges = np.flatnonzero(np.diff(padded.astype(int)) != 0)
        counts.append(np.diff(np.concatenate([[0], edges, [len(mask)]])))
    again = Runs.from_counts(counts)
    wanted = Runs.from_masks(masks)
    assert [again.mask.tolist(), again.start.tolist(), again.end.tolist()] == [
        wanted.mask.tolist(), wanted.start.tolist(), wanted.end.tolist(),
    ]  # fmt: skip


def best_by_trying_all(shared: np.ndarray, iou_at: float) -> tuple[int, float]:
    """The most pairs, and of those the largest sum, over all pairings."""
    wide = shared if shared.shape[0] <= shared.shape[1] else shared.T
    best = (0, 0.0)
    for columns in permutations(range(wide.shape[1]), wide.shape[0]):
        picked = wide[np.arange(wide.shape[0]), list(columns)]
        good = picked[picked >= iou_at]
        best = max(best, (len(good), round(float(good.sum()), 9)))
    return best


@settings(max_examples=150)
@given(a=crosses, b=crosses, iou_at=st.sampled_from([0.1, 0.3, 0.5]))
def test_no_pairing_has_more_pairs_or_shares_more(
    a: list[tuple[int, ...]], b: list[tuple[int, ...]], iou_at: float
) -> None:
    found = overlap.match(a, b, iou_at=iou_at)
    count, total = best_by_trying_all(overlap.iou(a, b), iou_at)
    assert found.n_matched == count
    assert (found.mean_iou or 0.0) * count == pytest.approx(total, abs=1e-8)
    assert len(set(found.pairs[:, 0].tolist())) == len(set(found.pairs[:, 1].tolist())) == count


@given(a=crosses, b=crosses)
def test_exchanging_both_sides_exchanges_precision_and_recall(
    a: list[tuple[int, ...]], b: list[tuple[int, ...]]
) -> None:
    one, two = overlap.match(a, b, iou_at=0.3), overlap.match(b, a, iou_at=0.3)
    assert (one.value, one.precision, one.recall) == (two.value, two.recall, two.precision)


@given(a=crosses, b=crosses, c=crosses, d=crosses)
def test_two_items_at_once_are_each_for_themselves(
    a: list[tuple[int, ...]], b: list[tuple[int, ...]], c: list[tuple[int, ...]], d: list[tuple[int, ...]]
) -> None:
    items = (["i"] * len(a) + ["j"] * len(c), ["i"] * len(b) + ["j"] * len(d))
    both = overlap.match([*a, *c], [*b, *d], items=items)
    assert both.n_matched == overlap.match(a, b).n_matched + overlap.match(c, d).n_matched


@given(a=spans, b=spans)
def test_asking_less_of_two_spans_never_matches_fewer(
    a: list[tuple[int, int, str]], b: list[tuple[int, int, str]]
) -> None:
    n = {how: overlap.span_f1(a, b, how=how).n_matched for how in ("exact", "boundary", "label", "overlap")}
    assert n["exact"] <= min(n["boundary"], n["label"])
    assert max(n["boundary"], n["label"]) <= n["overlap"] <= min(len(a), len(b))


@given(a=spans, b=spans, shift=st.integers(-100, 100))
def test_moving_all_spans_changes_nothing(
    a: list[tuple[int, int, str]], b: list[tuple[int, int, str]], shift: int
) -> None:
    moved = [[(start + shift, end + shift, label) for start, end, label in side] for side in (a, b)]
    for how in ("exact", "overlap"):
        assert overlap.span_f1(*moved, how=how).value == overlap.span_f1(a, b, how=how).value
