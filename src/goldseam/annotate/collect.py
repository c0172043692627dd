"""Collect: a submission becomes annotations, once everything about it is checked.

In: what the annotator sent, the assignment it answers, the schema. Out: annotations. Never: author or time from the
submission; they come from the session and the clock.
"""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from goldseam.annotate.states import AssignmentState, Event, after
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import Abstain, Answer, Box, Boxes, Choice, LabelName, Spans
from goldseam.vocab.errors import BadAnswer, BadValue, LeaseLost
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, QuestionName, Schema, SchemaVersion

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Submission:
    """What an annotator sent: the answers to every question about one assignment, under the versions they saw."""

    id: AnnotationId
    assignment: AssignmentId
    token: str
    answers: Mapping[QuestionName, Answer]
    seconds: float
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion


@dataclass(frozen=True, slots=True)
class Held:
    """The assignment as the store has it, and the facts about its item that checks need.

    `suggestion` is the label that was shown, if one was. `n_chars` is the length of a text, `width` and `height` the
    size of an image; 0 where they do not apply.
    """

    assignment: AssignmentId
    item: ItemId
    annotator: AnnotatorId
    token: str
    state: AssignmentState
    purpose: Purpose
    suggestion: LabelName | None = None
    n_chars: int = 0
    width: int = 0
    height: int = 0


def collect(
    submission: Submission,
    held: Held,
    schema: Schema,
    schema_version: SchemaVersion,
    *,
    still_wanted: bool,
    now: datetime,
) -> tuple[Annotation, ...]:
    """Check a submission and return its annotations, one per question, in the schema's order.

    The first has the submission's id; further ones have it with `.1`, `.2` ... `still_wanted` says whether the item
    still wants an answer; if not, an answer to an expired lease is kept as surplus.

    Raises
    ------
    LeaseLost
        If the token is another lease's, or the assignment was answered or skipped.
    BadAnswer
        If a question is unanswered or unknown, or an answer does not fit schema or item.
    BadValue
        If the schema version is newer than the project's, or the id is not in form.
    """
    _check_held(submission, held)
    _check_form(submission, schema_version)
    _check_answers(submission.answers, held, schema)
    surplus = held.state is AssignmentState.EXPIRED and not still_wanted
    return tuple(
        Annotation(
            id=submission.id if index == 0 else AnnotationId(f"{submission.id}.{index}"),
            assignment=held.assignment,
            item=held.item,
            annotator=held.annotator,
            question=question.name,
            answer=submission.answers[question.name],
            purpose=held.purpose,
            schema_version=submission.schema_version,
            guideline_version=submission.guideline_version,
            reaction=_reaction(submission.answers[question.name], held.suggestion if index == 0 else None),
            seconds=submission.seconds,
            surplus=surplus,
            at=now,
        )
        for index, question in enumerate(schema.asked(submission.answers))
    )


def _check_held(submission: Submission, held: Held) -> None:
    if submission.assignment != held.assignment:
        raise LeaseLost("The answer is for another assignment than the one it was checked against.")
    after(held.state, Event.SUBMIT)
    if not hmac.compare_digest(submission.token.encode(), held.token.encode()):
        raise LeaseLost("This assignment was handed out again since: its token is another one now.")


def _check_form(submission: Submission, schema_version: SchemaVersion) -> None:
    if not UUID7.fullmatch(submission.id):
        raise BadValue(f"An annotation's id is a UUID of version 7 in lower case; got {submission.id[:80]!r}.")
    if not 1 <= submission.schema_version <= schema_version:
        raise BadValue(f"The project's schema has the versions 1 to {schema_version}; got {submission.schema_version}.")


def _check_answers(answers: Mapping[QuestionName, Answer], held: Held, schema: Schema) -> None:
    for name in answers:
        schema.question(name).check(answers[name])
        _check_fits(answers[name], held)
    asked = {question.name for question in schema.asked(answers)}
    for question in schema.questions:
        if question.name in asked and question.name not in answers:
            text = f"Question {question.name!r} has no answer; abstain if there is none."
            raise BadAnswer(text, question=question.name)
        if question.name in answers and question.name not in asked:
            text = f"Question {question.name!r} is not asked after these answers; leave it out."
            raise BadAnswer(text, question=question.name)


def _check_fits(answer: Answer, held: Held) -> None:
    match answer:
        case Spans(spans) if any(span.end > held.n_chars for span in spans):
            raise BadAnswer(f"A span lies within the text, which has {held.n_chars:,} characters.")
        case Boxes(boxes) if any(not _overlaps(box, held.width, held.height) for box in boxes):
            raise BadAnswer(f"A box lies on the image, which has {held.width} x {held.height} pixels.")
        case _:
            pass


def _overlaps(box: Box, width: int, height: int) -> bool:
    """Return whether a box touches the image; a turned one is judged by the circle around it."""
    if box.rotation:
        reach = math.hypot(box.width, box.height)
        return -reach < box.x < width + reach and -reach < box.y < height + reach
    return box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height


def _reaction(answer: Answer, suggestion: LabelName | None) -> Reaction:
    if suggestion is None or isinstance(answer, Abstain):
        return Reaction.NONE
    return Reaction.CONFIRMED if answer == Choice(suggestion) else Reaction.CORRECTED
