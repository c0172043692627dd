"""Shapes on an image: boxes, ellipses, polygons, polylines, and skeletons of named points.

In: numbers of pixels. Out: one record per kind of shape, and one for all of a kind on an image. Never: the image's size;
`annotate.fits` compares.

Coordinates are in pixels of the image as stored, x to the right and y downward, origin at the top left corner of the top
left pixel.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.marks import check_many
from goldseam.vocab.names import LabelName

Point = tuple[float, float]

FARTHEST = 1e6
MAX_POINTS = 20_000
"""A polygon or polyline has at most so many points, and all of an answer together at most ten times as many."""


def _check_numbers(what: str, *numbers: float) -> None:
    for number in numbers:
        if not (math.isfinite(number) and abs(number) <= FARTHEST):
            raise BadAnswer(f"The numbers of {what} lie within a million pixels of the origin; got {number}.")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; `x`, `y` is its top left corner before it is turned by `rotation` degrees clockwise about it."""

    x: float
    y: float
    width: float
    height: float
    label: LabelName
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise BadAnswer(f"A box has a width and a height above 0; got {self.width} x {self.height}.")
        _check_numbers("a box", self.x, self.y, self.width, self.height, self.rotation)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of an image, in reading order; none is a legal answer."""

    boxes: tuple[Box, ...]

    def __post_init__(self) -> None:
        check_many(self.boxes, "boxes")
        order = sorted(self.boxes, key=lambda b: (b.y, b.x, b.label, b.height, b.width, b.rotation))
        object.__setattr__(self, "boxes", tuple(order))


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse by its center and radii, turned by `rotation` degrees clockwise about its center."""

    cx: float
    cy: float
    rx: float
    ry: float
    label: LabelName
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.rx > 0 and self.ry > 0):
            raise BadAnswer(f"An ellipse has two radii above 0; got {self.rx} and {self.ry}.")
        _check_numbers("an ellipse", self.cx, self.cy, self.rx, self.ry, self.rotation)


@dataclass(frozen=True, slots=True)
class Ellipses:
    """The ellipses of an image, in reading order of their centers; none is a legal answer."""

    ellipses: tuple[Ellipse, ...]

    def __post_init__(self) -> None:
        check_many(self.ellipses, "ellipses")
        order = sorted(self.ellipses, key=lambda e: (e.cy, e.cx, e.label, e.ry, e.rx, e.rotation))
        object.__setattr__(self, "ellipses", tuple(order))


def _check_points(points: tuple[Point, ...], least: int, what: str) -> None:
    if len(set(points)) < least:
        raise BadAnswer(f"{what.capitalize()} has at least {least} points, all different; got {len(set(points))}.")
    if len(points) > MAX_POINTS:
        raise BadAnswer(f"{what.capitalize()} has at most {MAX_POINTS:,} points; got {len(points):,}.")
    for point in points:
        _check_numbers(what, *point)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed outline and the holes in it; the last point of a ring is joined to its first."""

    points: tuple[Point, ...]
    label: LabelName
    holes: tuple[tuple[Point, ...], ...] = ()

    def __post_init__(self) -> None:
        _check_points(self.points, 3, "a polygon")
        for hole in self.holes:
            _check_points(hole, 3, "a hole")


@dataclass(frozen=True, slots=True)
class Polygons:
    """The polygons of an image, sorted by their points; none is a legal answer."""

    polygons: tuple[Polygon, ...]

    def __post_init__(self) -> None:
        check_many(self.polygons, "polygons")
        _check_total(sum(len(p.points) + sum(map(len, p.holes)) for p in self.polygons))
        order = sorted(self.polygons, key=lambda p: (p.points, p.label, p.holes))
        object.__setattr__(self, "polygons", tuple(order))


@dataclass(frozen=True, slots=True)
class Polyline:
    """An open line through points, in the direction drawn."""

    points: tuple[Point, ...]
    label: LabelName

    def __post_init__(self) -> None:
        _check_points(self.points, 2, "a polyline")


@dataclass(frozen=True, slots=True)
class Polylines:
    """The polylines of an image, sorted by their points; none is a legal answer."""

    polylines: tuple[Polyline, ...]

    def __post_init__(self) -> None:
        check_many(self.polylines, "polylines")
        _check_total(sum(len(line.points) for line in self.polylines))
        order = sorted(self.polylines, key=lambda line: (line.points, line.label))
        object.__setattr__(self, "polylines", tuple(order))


def _check_total(n_points: int) -> None:
    if n_points > 10 * MAX_POINTS:
        raise BadAnswer(f"All shapes of an answer have at most {10 * MAX_POINTS:,} points; got {n_points:,}.")


class Sight(StrEnum):
    """Whether a keypoint can be seen: `occluded` has a place behind something, `absent` has none on the image."""

    VISIBLE = "visible"
    OCCLUDED = "occluded"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Keypoint:
    """One named point of a skeleton; an absent one has no place."""

    name: str
    sight: Sight
    x: float | None = None
    y: float | None = None

    def __post_init__(self) -> None:
        if self.sight is Sight.ABSENT:
            if self.x is not None or self.y is not None:
                raise BadAnswer(f"The keypoint {self.name!r} is absent, so it has no x and no y.")
        elif self.x is None or self.y is None:
            raise BadAnswer(f"The keypoint {self.name!r} is {self.sight.value}, so it has an x and a y.")
        else:
            _check_numbers("a keypoint", self.x, self.y)


@dataclass(frozen=True, slots=True)
class Pose:
    """One object's keypoints, sorted by name; at least one is on the image."""

    label: LabelName
    points: tuple[Keypoint, ...]

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(p.name for p in self.points).items() if count > 1]
        if twice:
            raise BadAnswer(f"The keypoint {twice[0]!r} stands twice in one object.")
        if all(point.sight is Sight.ABSENT for point in self.points):
            raise BadAnswer("An object has at least one keypoint that is not absent.")
        object.__setattr__(self, "points", tuple(sorted(self.points, key=lambda point: point.name)))


@dataclass(frozen=True, slots=True)
class Poses:
    """The objects of an image by their keypoints; none is a legal answer."""

    poses: tuple[Pose, ...]

    def __post_init__(self) -> None:
        check_many(self.poses, "objects")
        order = sorted(self.poses, key=lambda pose: (pose.label, [_place(point) for point in pose.points]))
        object.__setattr__(self, "poses", tuple(order))


def _place(point: Keypoint) -> tuple[str, str, float, float]:
    return point.name, point.sight.value, point.x or 0.0, point.y or 0.0
