"""Areas: how much of the plane two boxes or two polygons share.

In: boxes (n, 4) or (n, 5); rings of vertices. Out: areas and intersections over unions, pair by pair.
Never: clipping, and so no case of touching edges that would need care.

The area that two rings share is a sum over pairs of their edges. The signed area under an edge, down to a line below
both rings, adds up to the ring's own; so the shared area is the sum, with the edges' directions as signs, of the area
under the lower one of both edges where they lie above each other, which has a closed form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, chunks, pairs_between, ragged

Array = NDArray[np.float64]

_CELLS = 1 << 21
"""Pairs of edges worked on at once: about 16 MB an array."""


def boxes_of(values: ArrayLike) -> Array:
    """Return boxes as (n, 5): x, y, width, height, rotation; a missing rotation is 0.

    Raises
    ------
    BadVotes
        The shape is neither (n, 4) nor (n, 5), a number is not finite, or a width or height is negative.
    """
    boxes = np.asarray(values, dtype=np.float64)
    if boxes.size == 0:
        return np.empty((0, 5))
    if boxes.ndim != 2 or boxes.shape[1] not in (4, 5):
        raise BadVotes(
            f"Boxes need the shape (n, 4): x, y, width, height, or (n, 5) with a rotation; these have {boxes.shape}."
        )
    wrong = np.flatnonzero(~np.isfinite(boxes).all(axis=1))
    if len(wrong):
        raise BadVotes(f"Box {wrong[0]} holds a number that is not finite.")
    wrong = np.flatnonzero((boxes[:, 2:4] < 0).any(axis=1))
    if len(wrong):
        raise BadVotes(f"Box {wrong[0]} has a negative width or height.")
    return boxes if boxes.shape[1] == 5 else np.column_stack([boxes, np.zeros(len(boxes))])


def corners(boxes: Array) -> Array:
    """Return the corners (n, 4, 2) of boxes (n, 5), turned clockwise (y points down) about their upper left corner."""
    angle = np.deg2rad(boxes[:, 4])
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1) * boxes[:, 2:3]
    down = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * boxes[:, 3:4]
    start = boxes[:, :2]
    return np.stack([start, start + along, start + along + down, start + down], axis=1)


def limits(boxes: Array) -> tuple[Array, Array]:
    """Return the lowest and highest x and y of boxes (n, 5): two arrays (n, 2)."""
    if not boxes[:, 4].any():
        return boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]
    turned = corners(boxes)
    return turned.min(axis=1), turned.max(axis=1)


def iou_of_pairs(a: Array, b: Array) -> Array:
    """Return the intersection over union of box v of `a` with box v of `b`, both (n, 5); without any area it is 0."""
    shared = shared_by_boxes(a, b)
    union = a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared
    return np.asarray(shared / np.where(union > 0, union, 1.0))


def shared_by_boxes(a: Array, b: Array) -> Array:
    """Return the area that box v of `a` shares with box v of `b`."""
    low_a, high_a = limits(a)
    low_b, high_b = limits(b)
    shared = np.maximum(np.minimum(high_a, high_b) - np.maximum(low_a, low_b), 0.0).prod(axis=1)
    turned = np.flatnonzero((shared > 0) & ((a[:, 4] != 0) | (b[:, 4] != 0)))
    step = max(_CELLS // 16, 1)
    for start in range(0, len(turned), step):
        rows = turned[start : start + step]
        ours, theirs = corners(a[rows]), corners(b[rows])
        floor = np.minimum(ours[..., 1].min(axis=1), theirs[..., 1].min(axis=1))[:, None, None]
        under = _under_both(_edges(ours)[:, :, None, :], _edges(theirs)[:, None, :, :], floor)
        most = np.minimum(a[rows, 2] * a[rows, 3], b[rows, 2] * b[rows, 3])
        shared[rows] = np.clip(np.abs(under.sum(axis=(1, 2))), 0.0, most)
    return np.asarray(shared)


def ring_areas(edges: Array, owner: Index, n_rings: int) -> Array:
    """Return the signed area of each ring: positive when its vertices run clockwise as seen with y pointing down."""
    crossed = edges[:, 0] * edges[:, 3] - edges[:, 2] * edges[:, 1]
    return np.asarray(np.bincount(owner, weights=crossed, minlength=n_rings) / 2)


def shared_by_rings(a: tuple[Array, Index], b: tuple[Array, Index], first: Index, second: Index) -> Array:
    """Return the area that ring `first[v]` of `a` shares with ring `second[v]` of `b`.

    Each side is its edges (n_edges, 4), in order of ring, and where each ring's edges begin (n_rings + 1).
    """
    (edges_a, begin_a), (edges_b, begin_b) = a, b
    many_a, many_b = np.diff(begin_a)[first], np.diff(begin_b)[second]
    floors = np.minimum(_lowest(edges_a, begin_a)[first], _lowest(edges_b, begin_b)[second])
    shared = np.zeros(len(first))
    for start, stop in chunks(many_a + many_b, _CELLS):
        part = slice(start, stop)
        pair_a, place_a = ragged(many_a[part])
        pair_b, place_b = ragged(many_b[part])
        one = edges_a[begin_a[first[part]][pair_a] + place_a]
        two = edges_b[begin_b[second[part]][pair_b] + place_b]
        across_a, across_b = one[:, 0::2], two[:, 0::2]
        above_each_other = pairs_between(
            pair_a, across_a.min(axis=1), across_a.max(axis=1), pair_b, across_b.min(axis=1), across_b.max(axis=1)
        )
        for row, column in above_each_other:
            pair = pair_a[row]
            under = _under_both(one[row], two[column], floors[part][pair])
            shared[part] += np.bincount(pair, weights=under, minlength=stop - start)
    return shared


def _edges(rings: Array) -> Array:
    """Return the edges (n, k, 4) of rings of vertices (n, k, 2)."""
    return np.concatenate([rings, np.roll(rings, -1, axis=1)], axis=2)


def _lowest(edges: Array, begin: Index) -> Array:
    return np.asarray(np.minimum.reduceat(edges[:, 1], begin[:-1])) if len(edges) else np.empty(0)


def _under_both(one: Array, two: Array, floor: Array) -> Array:
    """Return the signed area above `floor` and below both edges; the last axis holds x and y of start and end."""
    x0, y0, x1, y1 = (one[..., k] for k in range(4))
    u0, v0, u1, v1 = (two[..., k] for k in range(4))
    left = np.maximum(np.minimum(x0, x1), np.minimum(u0, u1))
    right = np.minimum(np.maximum(x0, x1), np.maximum(u0, u1))
    width = np.maximum(right - left, 0.0)
    run, rise = np.where(x1 == x0, 1.0, x1 - x0), y1 - y0
    reach, climb = np.where(u1 == u0, 1.0, u1 - u0), v1 - v0
    one_left, one_right = y0 + rise * ((left - x0) / run) - floor, y0 + rise * ((right - x0) / run) - floor
    two_left, two_right = v0 + climb * ((left - u0) / reach) - floor, v0 + climb * ((right - u0) / reach) - floor
    below = (two_left + two_right) / 2 + _mean_of_negative_part(one_left - two_left, one_right - two_right)
    sign = np.sign(x1 - x0) * np.sign(u1 - u0)
    return np.asarray(np.where(width > 0, sign * width * below, 0.0))


def _mean_of_negative_part(start: Array, end: Array) -> Array:
    """Return the mean of min(d, 0) over a stretch on which d runs straight from `start` to `end`."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    crossing = (low < 0) & (high > 0)
    gap = np.where(crossing, high - low, 1.0)
    return np.where(crossing, -(low * low) / (2 * gap), np.where(high <= 0, (low + high) / 2, 0.0))
