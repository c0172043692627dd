"""Collect: a submission becomes annotations, once everything about it is checked.

In: what the annotator sent, the assignment it answers, the schema. Out: annotations. Never: author or time from the
submission; they come from the session and the clock.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from goldseam.annotate.fits import Extent, answered
from goldseam.annotate.reactions import reaction
from goldseam.annotate.states import AssignmentState, Event, after
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import BadValue, LeaseLost
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

    `suggestion` is the label that was shown, if one was; `suggested` are the answers to other questions that were, by
    question; `extent` is how much the item shows.
    """

    assignment: AssignmentId
    item: ItemId
    annotator: AnnotatorId
    token: str
    state: AssignmentState
    purpose: Purpose
    suggestion: LabelName | None = None
    suggested: Mapping[QuestionName, Answer] = field(default_factory=lambda: MappingProxyType({}))
    extent: Extent = field(default_factory=Extent)


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
    questions = answered(schema, submission.answers, held.extent)
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
            reaction=reaction(submission.answers[question.name], _suggested(held, question.name, index)),
            seconds=submission.seconds,
            surplus=surplus,
            at=now,
        )
        for index, question in enumerate(questions)
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


def _suggested(held: Held, question: QuestionName, index: int) -> Answer | None:
    """Return what was shown as a suggestion for a question; a label belongs to the first."""
    if index == 0 and held.suggestion is not None:
        return Choice(held.suggestion)
    return held.suggested.get(question)
