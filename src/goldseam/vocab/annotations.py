"""Annotation: one answer, by one annotator, about one item; never edited, only superseded.

In: an answer that was checked, and who gave it under which versions. Out: an `Annotation`. Never: a change to one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from goldseam.vocab.answers import Answer
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion

AnnotationId = NewType("AnnotationId", str)
AssignmentId = NewType("AssignmentId", str)


class Purpose(StrEnum):
    """Why an item is asked about."""

    LABEL = "label"
    GOLD = "gold"
    AUDIT = "audit"
    SPOT_CHECK = "spot_check"
    CALIBRATION = "calibration"
    QUALIFICATION = "qualification"
    ADJUDICATION = "adjudication"
    RELABEL = "relabel"


class Reaction(StrEnum):
    """What the annotator did to the suggestion that was shown; rejected is one of which nothing is in the answer."""

    NONE = "none"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One answer to one question about one item, with everything it was given under.

    `seconds` is the time from item shown to answer, as the client measured it. `surplus` marks an answer that came after
    its lease had ended and was no longer wanted: kept, and counted by nothing that counts redundancy.
    """

    id: AnnotationId
    assignment: AssignmentId
    item: ItemId
    annotator: AnnotatorId
    question: QuestionName
    answer: Answer
    purpose: Purpose
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion
    reaction: Reaction
    seconds: float
    surplus: bool
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadValue("An annotation's time carries its time zone.")
        if not 0 <= self.seconds < 86_400:
            raise BadValue(f"The time spent on an answer lies between 0 and 86,400 seconds; got {self.seconds}.")
