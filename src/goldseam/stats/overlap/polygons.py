"""Polygons: what share of their union two of them have in common.

In: rings of vertices. Out: one number per pair of polygons. Never: holes, or rings that cross themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats._areas import Array, ring_areas, shared_by_rings
from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, pairs_between


def polygon_iou(a: Sequence[ArrayLike], b: Sequence[ArrayLike]) -> Array:
    """Return the intersection over union of each polygon of `a` with each of `b`: an array (n_a, n_b).

    A polygon is its vertices (n_vertices, 2) in order, clockwise or not, convex or not; the last is joined to the first.
    It must not cross itself: where it does, parts wound the other way count as negative area. Two polygons without area
    have 0.

    Raises
    ------
    BadVotes
        Not a polygon: another shape, fewer than three vertices, a number that is not finite.

    Examples
    --------
    >>> corner = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
    >>> polygon_iou([corner], [[(0, 0), (2, 0), (2, 2), (0, 2)]]).tolist()
    [[0.75]]
    """
    first, second = _Rings(a), _Rings(b)
    found = np.zeros((first.n_rings, second.n_rings))
    together = np.zeros(first.n_rings, dtype=np.int64), np.zeros(second.n_rings, dtype=np.int64)
    for row, column in pairs_between(together[0], first.low, first.high, together[1], second.low, second.high):
        touching = (
            np.minimum(first.high[row], second.high[column]) > np.maximum(first.low[row], second.low[column])
        ).all(axis=1)
        one, two = row[touching], column[touching]
        shared = shared_by_rings((first.edges, first.begin), (second.edges, second.begin), one, two)
        shared = np.abs(shared * np.sign(first.areas[one] * second.areas[two]))
        area_one, area_two = np.abs(first.areas[one]), np.abs(second.areas[two])
        shared = np.minimum(shared, np.minimum(area_one, area_two))
        union = area_one + area_two - shared
        found[one, two] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


class _Rings:
    """Rings as their edges, one after another."""

    def __init__(self, polygons: Sequence[ArrayLike]) -> None:
        rings = [_ring(polygon, place) for place, polygon in enumerate(polygons)]
        many = np.array([len(ring) for ring in rings], dtype=np.int64)
        self.n_rings = len(rings)
        self.begin: Index = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
        if not rings:
            self.edges, self.areas = np.empty((0, 4)), np.empty(0)
            self.low = self.high = np.empty((0, 2))
            return
        vertices = np.concatenate(rings)
        follows = np.arange(1, len(vertices) + 1)
        follows[self.begin[1:] - 1] = self.begin[:-1]
        self.edges = np.concatenate([vertices, vertices[follows]], axis=1)
        owner = np.repeat(np.arange(self.n_rings), many)
        self.low = np.minimum.reduceat(vertices, self.begin[:-1])
        self.high = np.maximum.reduceat(vertices, self.begin[:-1])
        near = self.edges - np.tile(self.low[owner], 2)  # areas far from the origin keep their digits
        self.areas = ring_areas(near, owner, self.n_rings)


def _ring(polygon: ArrayLike, place: int) -> Array:
    ring = np.asarray(polygon, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
        raise BadVotes(
            f"Polygon {place} has the shape {ring.shape}; (n, 2) with three vertices or more would be right."
        )
    if not np.isfinite(ring).all():
        raise BadVotes(f"Polygon {place} has a vertex that is not finite.")
    return ring
