"""Reactions: what a person did to the answer that was suggested to them.

In: the answer, the suggestion. Out: a `Reaction`. Never: a guess from how long it took, or from keys that were pressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from goldseam.vocab.annotations import Reaction
from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Boxes,
    Choices,
    Ellipses,
    KeyValues,
    LabelName,
    Masks,
    Paths,
    Polygons,
    Polylines,
    Poses,
    Rubric,
    Spans,
)

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class _Labeled(Protocol):
    @property
    def label(self) -> LabelName: ...


def reaction(answer: Answer, suggested: Answer | None) -> Reaction:
    """Return what became of a suggestion: confirmed as it was, corrected, or rejected whole.

    It is rejected if it has parts (labels, marks, grades, pairs) and nothing of any of them is in the answer. A mark stays
    when one of its label lies over it, so that a box that was moved is a correction.
    """
    if suggested is None or isinstance(answer, Abstain):
        return Reaction.NONE
    if _same(answer, suggested):
        return Reaction.CONFIRMED
    return Reaction.CORRECTED if _keeps_some(answer, suggested) else Reaction.REJECTED


def _same(answer: Answer, suggested: Answer) -> bool:
    if isinstance(answer, Spans) and isinstance(suggested, Spans):
        return _by_place(answer) == _by_place(suggested)
    return answer == suggested


def _by_place(answer: Spans) -> tuple[object, object]:
    """Return spans, and relations by the spans that they join: ids mean nothing outside of their answer."""
    place = {span.id: (span.start, span.end, span.label) for span in answer.spans}
    joined = {(place[one.head], place[one.tail], one.label) for one in answer.relations}
    return [(span.start, span.end, span.label) for span in answer.spans], joined


def _keeps_some(answer: Answer, suggested: Answer) -> bool:
    match answer, suggested:
        case Choices(), Choices():
            return not suggested.labels or bool(set(answer.labels) & set(suggested.labels))
        case Paths(), Paths():
            return not suggested.labels or bool(set(answer.labels) & set(suggested.labels))
        case KeyValues(), KeyValues():
            return not suggested.pairs or bool(set(answer.pairs) & set(suggested.pairs))
        case Rubric(), Rubric():
            return not suggested.grades or bool(set(answer.grades) & set(suggested.grades))
        case Masks(), Masks():
            return not suggested.masks or bool(
                {one.label for one in answer.masks} & {one.label for one in suggested.masks}
            )
        case _:
            before, after = _marks(suggested), _marks(answer)
            return not before or any(
                name == other and _touch(rect, there) for name, rect in before for other, there in after
            )


def _marks(answer: Answer) -> list[tuple[LabelName, Rectangle]]:
    """Return the label of each mark with its extent; nothing for an answer without marks."""
    match answer:
        case Spans():
            return [(one.label, (one.start, 0, one.end, 1)) for one in answer.spans]
        case Boxes():
            return [(one.label, (one.x, one.y, one.x + one.width, one.y + one.height)) for one in answer.boxes]
        case Ellipses():
            return [(e.label, (e.cx - e.rx, e.cy - e.ry, e.cx + e.rx, e.cy + e.ry)) for e in answer.ellipses]
        case Polygons():
            return _around((one, one.points) for one in answer.polygons)
        case Polylines():
            return _around((one, one.points) for one in answer.polylines)
        case Poses():
            seen = (
                (one, [(p.x, p.y) for p in one.points if p.x is not None and p.y is not None]) for one in answer.poses
            )
            return _around((one, points) for one, points in seen if points)
        case _:
            return []


def _around(outlines: Iterable[tuple[_Labeled, Sequence[tuple[float, float]]]]) -> list[tuple[LabelName, Rectangle]]:
    return [
        (
            one.label,
            (
                min(x for x, _ in points),
                min(y for _, y in points),
                max(x for x, _ in points),
                max(y for _, y in points),
            ),
        )
        for one, points in outlines
    ]


def _touch(one: Rectangle, other: Rectangle) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
