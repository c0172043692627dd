"""Parts: an answer of any kind as short words, one for each label, span, shape, grade or value of it.

In: an answer, its question, the text it is about. Out: words. Never: a part left out without saying how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Best,
    Box,
    Boxes,
    Choice,
    Choices,
    Ellipses,
    KeyValues,
    Masks,
    Moment,
    Number,
    Paths,
    Polygons,
    Polylines,
    Poses,
    Preference,
    Ranking,
    Rating,
    Rubric,
    Spans,
    Text,
)
from goldseam.vocab.schema import Question

SHOWN = 60
"""Characters of a text that are shown."""
MOST = 30
"""Parts of an answer that are shown."""


def parts_of(answer: Answer, question: Question, text: str = "") -> list[str]:
    """Return an answer in words, part by part.

    Examples
    --------
    >>> from goldseam.vocab.answers import LabelName, Span
    >>> from goldseam.vocab.schema import Label, QuestionKind
    >>> spans = Spans((Span(0, 3, LabelName("person")),))
    >>> parts_of(spans, Question("names", QuestionKind.SPAN, labels=(Label(LabelName("person")),)), "Ada met Charles.")
    ['person “Ada”']
    """
    match answer:
        case Abstain() | Choice() | Rating() | Number() | Moment() | Text() | Preference() | Best() | Ranking():
            return [_whole(answer, question)]
        case Choices(labels) | Paths(labels):
            return [*labels] or ["none of them"]
        case Rubric(grades):
            where = {g: "" if g.turn is None else f" of turn {g.turn + 1}" for g in grades}
            return [f"{one.criterion}{where[one]}: {one.value}" for one in grades]
        case KeyValues(pairs):
            return [f"{pair.key}: {short(str(pair.value))}" for pair in pairs] or ["nothing"]
        case _:
            return _marks(answer, text)


Whole = Abstain | Choice | Rating | Number | Moment | Text | Preference | Best | Ranking
"""Answers of one part."""


def _whole(answer: Whole, question: Question) -> str:
    match answer:
        case Abstain(reason):
            said = f"cannot decide: {short(reason)}" if reason else "cannot decide"
        case Choice(label):
            said = label
        case Rating(value) | Number(value):
            said = f"{value:g} {question.unit}".rstrip()
        case Moment(words) | Text(words):
            said = short(words)
        case Preference(None):
            said = "equally good"
        case Preference(int(chosen), None) | Best(chosen):
            said = letter(chosen)
        case Preference(int(chosen), strength):
            said = f"{letter(chosen)} by {strength}"
        case Ranking(order):
            said = " > ".join(" = ".join(letter(place) for place in group) for group in order)
        case _:
            raise AssertionError(answer)  # every answer of one part stands above
    return said


def _marks(answer: Answer, text: str) -> list[str]:
    found: list[str] = []
    match answer:
        case Spans(spans, relations):
            words = {span.id: short(text[span.start : span.end]) for span in spans}
            found = [f"{span.label} “{short(text[span.start : span.end])}”" for span in spans]
            found += [f"{words[one.head]} {one.label} {words[one.tail]}" for one in relations]
        case Boxes(boxes):
            found = [_box(one) for one in boxes]
        case Ellipses(ellipses):
            found = [f"{one.label} {one.rx:g} × {one.ry:g} about {one.cx:g}, {one.cy:g}" for one in ellipses]
        case Polygons(shapes) | Polylines(shapes):
            found = [f"{one.label}, {len(one.points)} points from {_point(one.points[0])}" for one in shapes]
        case Poses(poses):
            found = [f"{one.label}, {len(one.points)} points" for one in poses]
        case Masks(masks):
            found = [f"{one.label}, {sum(one.runs[1::2]):,} pixels" for one in masks]
        case _:
            raise AssertionError(answer)  # every kind of answer stands here or in `parts_of`
    return found or ["nothing marked"]


def _box(one: Box) -> str:
    turned = f", turned {one.rotation:g}°" if one.rotation else ""
    return f"{one.label} {one.width:g} × {one.height:g} at {one.x:g}, {one.y:g}{turned}"


def _point(point: Sequence[float]) -> str:
    return ", ".join(f"{each:g}" for each in point)


def letter(place: int) -> str:
    """Return the letter of a candidate, as the page names it."""
    return ascii_uppercase[place] if place < len(ascii_uppercase) else str(place + 1)


def short(text: str) -> str:
    """Return a text in one line that fits."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"


def shared(answers: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the parts that all answers have."""
    first, *rest = [frozenset(parts) for parts in answers] or [frozenset[str]()]
    return first.intersection(*rest)
