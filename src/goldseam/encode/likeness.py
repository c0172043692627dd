"""Likeness: how alike two shapes are, and how far two answers made of such shapes are apart.

In: shapes of `vocab`. Out: numbers from 0 (nothing alike, or everything apart) to 1. Never: shapes of different labels
taken for each other.

References
----------
Ronchi and Perona (2017), ICCV, for object keypoint similarity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from goldseam.encode.masks import runs_of
from goldseam.stats.overlap.polygons import polygon_iou
from goldseam.stats.runs import shared_pixels
from goldseam.vocab.answers import Box, Ellipse, Keypoint, Mask, Polygon, Polyline, Pose, Sight

Array = NDArray[np.float64]
Likeness = Callable[[Any, Any], float]

CORNERS = 72
"""An ellipse is compared as a polygon of so many corners."""
PLACES = 33
"""A line is compared at so many places along it."""
SLACK = 0.1
"""Points are half alike when they lie about this share of the object's size apart."""


def outline(shape: Box | Ellipse | Polygon) -> Array:
    """Return the outline of a shape as points (n, 2), without its holes."""
    match shape:
        case Polygon(points):
            return np.array(points)
        case Ellipse(cx, cy, rx, ry):
            turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
            return np.array([cx, cy]) + _turned(
                np.stack([rx * np.cos(turn), ry * np.sin(turn)], axis=1), shape.rotation
            )
        case Box(x, y, width, height):
            corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
            return np.array([x, y]) + _turned(corners, shape.rotation)


def _turned(points: Array, degrees: float) -> Array:
    turn = np.deg2rad(degrees)
    return np.asarray(points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


def of_outlines(one: Box | Ellipse | Polygon, other: Box | Ellipse | Polygon) -> float:
    """Return the intersection over union of two shapes; holes do not belong to them."""
    rings, others = _rings(one), _rings(other)
    shared = sum(a_sign * b_sign * _shared(a, b) for a, a_sign in rings for b, b_sign in others)
    area = sum(sign * _area(ring) for ring, sign in rings) + sum(sign * _area(ring) for ring, sign in others)
    union = area - shared
    return float(np.clip(shared / union, 0, 1)) if union > 0 else 0.0


def _rings(shape: Box | Ellipse | Polygon) -> list[tuple[Array, int]]:
    holes = shape.holes if isinstance(shape, Polygon) else ()
    return [(outline(shape), 1), *((np.array(hole), -1) for hole in holes)]


def _area(ring: Array) -> float:
    x, y = (ring - ring[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _shared(one: Array, other: Array) -> float:
    """Return the area that two rings share, from their intersection over union."""
    share = float(polygon_iou([one], [other])[0, 0])
    return share * (_area(one) + _area(other)) / (1 + share)


def of_masks(one: Mask, other: Mask) -> float:
    """Return the intersection over union of two masks of one image."""
    if (one.width, one.height) != (other.width, other.height):
        return 0.0
    first, second = runs_of([one]), runs_of([other])
    shared = int(shared_pixels(first, second)[0, 0])
    return shared / int(first.areas()[0] + second.areas()[0] - shared)


def of_lines(one: Polyline, other: Polyline) -> float:
    """Return how near two lines run, at places spread along them, in whichever direction they were drawn."""
    first, second = _along(one), _along(other)
    size = max(float(np.ptp(line, axis=0).max()) for line in (first, second))
    return max(_near(first, second, size), _near(first, second[::-1], size))


def _along(line: Polyline) -> Array:
    points = np.array(line.points)
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, reach[-1], PLACES)
    return np.stack([np.interp(places, reach, points[:, axis]) for axis in (0, 1)], axis=1)


def _near(one: Array, other: Array, size: float) -> float:
    apart = np.hypot(*(one - other).T)
    return float(np.exp(-((apart / (SLACK * max(size, 1.0))) ** 2) / 2).mean())


def of_poses(one: Pose, other: Pose) -> float:
    """Return how near the keypoints of two objects lie; one that only one of them has counts as far."""
    first, second = _placed(one), _placed(other)
    every = np.array([*first.values(), *second.values()])
    size = float(np.ptp(every, axis=0).max())
    both = sorted(first.keys() & second.keys())
    if not both:
        return 0.0
    near = _near(np.array([first[name] for name in both]), np.array([second[name] for name in both]), size)
    return near * len(both) / len(first.keys() | second.keys())


def _placed(pose: Pose) -> dict[str, tuple[float, float]]:
    return {p.name: place_of(p) for p in pose.points if p.sight is not Sight.ABSENT}


def place_of(point: Keypoint) -> tuple[float, float]:
    """Return where a keypoint lies that is not absent."""
    return (point.x or 0.0, point.y or 0.0)


def apart(likeness: Likeness, one: Sequence[Any], other: Sequence[Any]) -> float:
    """Return 1 less the likeness of the best match of two sets of shapes, summed and set against their mean number."""
    if not one and not other:
        return 0.0
    table = np.zeros((len(one), len(other)))
    for row, first in enumerate(one):
        for column, second in enumerate(other):
            if first.label == second.label:
                # What is the same is alike, even an outline that crosses itself or has no area.
                table[row, column] = 1.0 if first == second else likeness(first, second)
    matched = linear_sum_assignment(table, maximize=True)
    return 1 - 2 * float(table[matched].sum()) / (len(one) + len(other))


outlines_apart = partial(apart, of_outlines)
masks_apart = partial(apart, of_masks)
lines_apart = partial(apart, of_lines)
poses_apart = partial(apart, of_poses)
