"""Answers: the value given to a question.

In: plain values. Out: one record per kind of answer. Never: a check against a schema (`schema.Question.check`).

Marks in a text are in `marks`, shapes on an image in `shapes` and `masks`, answers about candidates in `orders`, answers of
several parts in `forms`; all are named here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, time

from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.forms import Grade, KeyValue, KeyValues, Rubric
from goldseam.vocab.marks import Relation, Span, Spans
from goldseam.vocab.masks import Mask, Masks
from goldseam.vocab.names import LabelName
from goldseam.vocab.orders import Best, Preference, Ranking
from goldseam.vocab.shapes import (
    Box,
    Boxes,
    Ellipse,
    Ellipses,
    Keypoint,
    Point,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Sight,
)

__all__ = [
    "Abstain", "Answer", "Best", "Box", "Boxes", "Choice", "Choices", "Ellipse", "Ellipses", "Grade", "KeyValue",
    "KeyValues", "Keypoint", "LabelName", "Mask", "Masks", "Moment", "Number", "Paths", "Point", "Polygon", "Polygons",
    "Polyline", "Polylines", "Pose", "Poses", "Preference", "Ranking", "Rating", "Relation", "Rubric", "Sight", "Span",
    "Spans", "Text",
]  # fmt: skip

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
DATED, TIMED, BOTH = re.compile(DATE), re.compile(TIME), re.compile(f"({DATE})T({TIME})")


@dataclass(frozen=True, slots=True)
class Choice:
    """One label."""

    label: LabelName


@dataclass(frozen=True, slots=True)
class Choices:
    """A set of labels, kept sorted so that equal sets are equal answers; it may be empty."""

    labels: tuple[LabelName, ...]

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise BadAnswer(f"A multiple choice names each label once; got {list(self.labels)}.")
        object.__setattr__(self, "labels", tuple(sorted(self.labels)))


@dataclass(frozen=True, slots=True)
class Paths:
    """Labels of a tree, each a path such as `animal/dog`, sorted; none of them lies above another."""

    labels: tuple[LabelName, ...]

    def __post_init__(self) -> None:
        labels = tuple(sorted(self.labels))
        if len(set(labels)) != len(labels):
            raise BadAnswer(f"Each label of a tree is named once; got {list(labels)}.")
        named = set(labels)
        for label in labels:
            above = next((name for name in prefixes(label) if name in named), None)
            if above is not None:
                raise BadAnswer(f"The label {label!r} says {above!r} too; name the deeper one alone.")
        object.__setattr__(self, "labels", labels)


def prefixes(label: LabelName) -> tuple[LabelName, ...]:
    """Return the paths above a label of a tree, the root first.

    Examples
    --------
    >>> prefixes(LabelName("a/b/c"))
    ('a', 'a/b')
    """
    steps = label.split("/")
    return tuple(LabelName("/".join(steps[:n])) for n in range(1, len(steps)))


@dataclass(frozen=True, slots=True)
class Rating:
    """A whole number on the question's scale."""

    value: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number, in the question's unit."""

    value: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise BadAnswer(f"A number is finite; got {self.value}.")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a time of day, or both, as ISO 8601 writes them without a time zone: what the item says, where it says it."""

    value: str

    def __post_init__(self) -> None:
        if not is_moment(self.value):
            raise BadAnswer(
                f"A date is written like 2026-05-01, 09:30 or 2026-05-01T09:30:15; got {self.value[:40]!r}."
            )


def is_moment(value: str) -> bool:
    """Return whether a text is a date, a time, or both, in the one way that answers write them."""
    both = BOTH.fullmatch(value)
    day = both[1] if both else value if DATED.fullmatch(value) else None
    hour = both[2] if both else value if TIMED.fullmatch(value) else None
    try:
        if day is not None:
            date.fromisoformat(day)
        if hour is not None:
            time.fromisoformat(hour)
    except ValueError:
        return False
    return day is not None or hour is not None


@dataclass(frozen=True, slots=True)
class Text:
    """Free text."""

    text: str


@dataclass(frozen=True, slots=True)
class Abstain:
    """The annotator looked and declined to answer; data, unlike a skip."""

    reason: str = ""


Answer = (
    Choice
    | Choices
    | Paths
    | Rating
    | Number
    | Moment
    | Text
    | Spans
    | Boxes
    | Ellipses
    | Polygons
    | Polylines
    | Poses
    | Masks
    | Preference
    | Ranking
    | Best
    | Rubric
    | KeyValues
    | Abstain
)
