"""Answers: the value given to a question.

In: plain values. Out: one record per kind of answer. Never: a check against a schema (`schema.Question.check`).

Offsets of spans count Unicode code points; boxes are in pixels of the image as stored, origin at the top left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from goldseam.vocab.errors import BadAnswer

LabelName = NewType("LabelName", str)


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
class Rating:
    """A whole number on the question's scale."""

    value: int


@dataclass(frozen=True, slots=True)
class Text:
    """Free text."""

    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` (included) to `end` (excluded) of the item's text carry a label."""

    start: int
    end: int
    label: LabelName

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise BadAnswer(f"A span runs from a start of at least 0 to a larger end; got {self.start}..{self.end}.")


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of a text, in order; none is a legal answer."""

    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", tuple(sorted(self.spans, key=lambda s: (s.start, s.end, s.label))))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; `x`, `y` is its top left corner before it is turned by `rotation` degrees clockwise."""

    x: float
    y: float
    width: float
    height: float
    label: LabelName
    rotation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise BadAnswer(f"A box has a width and a height above 0; got {self.width} x {self.height}.")


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of an image, in reading order; none is a legal answer."""

    boxes: tuple[Box, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "boxes", tuple(sorted(self.boxes, key=lambda b: (b.y, b.x, b.label))))


@dataclass(frozen=True, slots=True)
class Abstain:
    """The annotator looked and declined to answer; data, unlike a skip."""

    reason: str = ""


Answer = Choice | Choices | Rating | Text | Spans | Boxes | Abstain
