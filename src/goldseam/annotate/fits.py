"""Fits: do answers belong to their item: every question that is asked, every mark within the text or on the image.

In: answers, the schema, what the item shows. Out: the questions answered, or a refusal. Never: the item's bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from goldseam.formats.contents import n_candidates_of, roles_of
from goldseam.vocab.answers import (
    Answer,
    Best,
    Box,
    Boxes,
    Ellipses,
    Masks,
    Point,
    Polygons,
    Polylines,
    Poses,
    Preference,
    Ranking,
    Rubric,
    Spans,
)
from goldseam.vocab.checks import check_graded
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.items import Item, Modality
from goldseam.vocab.schema import Question, QuestionName, Schema, Turns

ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an item shows: characters of a text, pixels of an image, candidates, and the roles of a chat's turns.

    What does not apply is 0 or empty.
    """

    n_chars: int = 0
    width: int = 0
    height: int = 0
    n_candidates: int = 0
    roles: tuple[str, ...] = ()


def extent_of(item: Item) -> Extent:
    """Return the extent of an item; an image's size stands in its metadata since the intake."""
    if item.modality.is_media:
        return Extent(width=_size(item, "width"), height=_size(item, "height"))
    return Extent(
        n_chars=len(item.content) if item.modality is Modality.TEXT else 0,
        n_candidates=n_candidates_of(item.modality, item.content),
        roles=roles_of(item.modality, item.content),
    )


def _size(item: Item, name: str) -> int:
    text = item.metadata.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def answered(schema: Schema, answers: Mapping[QuestionName, Answer], extent: Extent) -> tuple[Question, ...]:
    """Return the questions that these answers answer, in the schema's order.

    Raises
    ------
    BadAnswer
        If a question is unknown, not asked, or required and unanswered; or an answer does not fit its question or item.
    """
    for name, answer in answers.items():
        question = schema.question(name)
        question.check(answer)
        check(question, answer, extent)
    asked = schema.asked(answers)
    for question in asked:
        if question.required and question.name not in answers:
            text = f"Question {question.name!r} has no answer; abstain if there is none."
            raise BadAnswer(text, question=question.name)
    names = {question.name for question in asked}
    for name in answers:
        if name not in names:
            text = f"Question {name!r} is not asked after these answers; leave it out."
            raise BadAnswer(text, question=name)
    return tuple(question for question in asked if question.name in answers)


def check(question: Question, answer: Answer, extent: Extent) -> None:
    """Refuse an answer that points beyond what its item shows.

    Raises
    ------
    BadAnswer
        With the extent of the item.
    """
    match answer:
        case Spans(spans):
            if any(span.end > extent.n_chars for span in spans):
                raise BadAnswer(f"A span lies within the text, which has {extent.n_chars:,} characters.")
        case Boxes() | Ellipses() | Polygons() | Polylines() | Poses():
            _check_on_image(answer, extent)
        case Masks(masks):
            if any((mask.width, mask.height) != (extent.width, extent.height) for mask in masks):
                raise BadAnswer(f"A mask has the size of the image, {extent.width} x {extent.height} pixels.")
        case Preference(chosen) | Best(chosen):
            _check_candidates(extent, 0 if chosen is None else chosen + 1)
        case Ranking(order):
            n_ranked = sum(len(group) for group in order)
            _check_candidates(extent, n_ranked)
            if n_ranked < extent.n_candidates:
                raise BadAnswer(f"A ranking names all {extent.n_candidates} candidates; got {n_ranked}.")
        case Rubric():
            _check_turns(question, answer, extent)
        case _:
            pass


def _check_candidates(extent: Extent, at_least: int) -> None:
    if extent.n_candidates < max(at_least, 1):
        raise BadAnswer(f"The item has {extent.n_candidates} candidates, named by place from 0.")


def _check_on_image(answer: Boxes | Ellipses | Polygons | Polylines | Poses, extent: Extent) -> None:
    points: list[Point] = []
    match answer:
        case Boxes(boxes):
            if any(not _is_within(box, extent) for box in boxes):
                raise BadAnswer(f"A box lies on the image, which has {extent.width} x {extent.height} pixels.")
        case Ellipses(ellipses):
            points = [(one.cx, one.cy) for one in ellipses]
        case Polygons(polygons):
            points = [point for one in polygons for point in one.points]
        case Polylines(polylines):
            points = [point for one in polylines for point in one.points]
        case Poses(poses):
            points = [(p.x, p.y) for one in poses for p in one.points if p.x is not None and p.y is not None]
    if any(not (0 <= x <= extent.width and 0 <= y <= extent.height) for x, y in points):
        raise BadAnswer(f"A shape's points lie on the image, which has {extent.width} x {extent.height} pixels.")


def _is_within(box: Box, extent: Extent) -> bool:
    """Return whether a box lies on the image; a turned one may reach over its edge, but not with its center."""
    if not box.rotation:
        return box.x >= 0 and box.y >= 0 and box.x + box.width <= extent.width and box.y + box.height <= extent.height
    turn = math.radians(box.rotation)
    x = box.x + (box.width * math.cos(turn) - box.height * math.sin(turn)) / 2
    y = box.y + (box.width * math.sin(turn) + box.height * math.cos(turn)) / 2
    return 0 <= x <= extent.width and 0 <= y <= extent.height


def _check_turns(question: Question, answer: Rubric, extent: Extent) -> None:
    """Refuse grades of turns that are none, and turns to be graded that are not."""
    if question.turns is Turns.WHOLE:
        return
    every = question.turns is Turns.EACH
    turns = [place for place, role in enumerate(extent.roles) if every or role == ASSISTANT]
    for grade in answer.grades:
        if grade.turn not in turns:
            whose = "turns" if every else "turns of the assistant"
            raise BadAnswer(f"The item has {len(turns)} {whose} to grade; turn {grade.turn} is none of them.")
    for turn in turns:
        check_graded(question, turn, [grade.criterion for grade in answer.grades if grade.turn == turn])
