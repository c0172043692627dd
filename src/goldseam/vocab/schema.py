"""Schema: the questions asked of every item, and the answers allowed; and the guideline that explains them.

In: plain values. Out: `Schema`, `Question`, `Label`, `Guideline`, and the changes between two schemas.
Never: a file, a rendered page, or a question that knows how it is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from goldseam.vocab.answers import Answer, Choice, Choices, Number, Paths, Rating
from goldseam.vocab.asked import OPTIONS, QuestionKind
from goldseam.vocab.errors import BadAnswer, BadSchema, nearest
from goldseam.vocab.names import LabelName
from goldseam.vocab.options import (
    AskIf,
    Criterion,
    DateForm,
    Key,
    KeyKind,
    Label,
    Nesting,
    QuestionName,
    RelationLabel,
    Skeleton,
    Turns,
)
from goldseam.vocab.questions import Question

__all__ = [
    "AskIf", "Change", "ChangeKind", "Criterion", "DateForm", "Guideline", "GuidelineVersion", "Key", "KeyKind", "Label",
    "Nesting", "Question", "QuestionKind", "QuestionName", "RelationLabel", "Schema", "SchemaVersion", "Skeleton", "Turns",
    "WorkedExample", "changes",
]  # fmt: skip

SchemaVersion = NewType("SchemaVersion", int)
GuidelineVersion = NewType("GuidelineVersion", int)

BY_LABEL = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.TAXONOMY})
BY_RANGE = frozenset({QuestionKind.RATING, QuestionKind.NUMBER})
"""The kinds that a condition may look at: by labels, or by a range."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The questions asked of every item."""

    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        if not self.questions:
            raise BadSchema("A schema needs at least one question.")
        twice = [name for name, count in Counter(q.name for q in self.questions).items() if count > 1]
        if twice:
            raise BadSchema(f"The schema has the question {twice[0]!r} twice; names must differ.")
        if not self.main.required:
            raise BadSchema(f"The loop follows the first question, {self.main.name!r}, so it is required.")
        for place, question in enumerate(self.questions):
            if question.ask_if is not None:
                _check_condition(question.name, question.ask_if, self.questions[:place])

    @property
    def main(self) -> Question:
        """The first question: the one that sampling, routing and retraining follow."""
        return self.questions[0]

    def asked(self, answers: Mapping[QuestionName, Answer]) -> tuple[Question, ...]:
        """Return the questions that are asked, given these answers: those whose condition holds, in the schema's order."""
        found: list[Question] = []
        for question in self.questions:
            condition = question.ask_if
            before = {one.name for one in found}
            if condition is None or (
                condition.question in before and _holds(condition, answers.get(condition.question))
            ):
                found.append(question)
        return tuple(found)

    def question(self, name: str) -> Question:
        """Return the question of this name.

        Raises
        ------
        BadAnswer
            If the schema has none of that name.
        """
        for question in self.questions:
            if question.name == name:
                return question
        names = [q.name for q in self.questions]
        raise BadAnswer(f"The schema has no question {name!r}.{nearest(name, names)}", question=name)


def _check_condition(name: QuestionName, condition: AskIf, earlier: tuple[Question, ...]) -> None:
    known = {question.name: question for question in earlier}
    if condition.question not in known:
        raise BadSchema(
            f"Question {name!r} depends on {condition.question!r}, which is not a question before it."
            f"{nearest(condition.question, known)}"
        )
    asked = known[condition.question]
    by_range = condition.at_least is not None or condition.at_most is not None
    if asked.kind not in BY_LABEL | BY_RANGE:
        raise BadSchema(
            f"Question {name!r} depends on {condition.question!r}, which is not a choice, a tree, a rating or a number."
        )
    if asked.kind in BY_RANGE:
        if condition.labels or not by_range:
            raise BadSchema(
                f"Question {name!r} depends on the {asked.kind.value} {asked.name!r}: give at_least or at_most."
            )
        if condition.at_least is not None and condition.at_most is not None and condition.at_least > condition.at_most:
            raise BadSchema(f"The condition of question {name!r} needs an at_least that is not above its at_most.")
        return
    if by_range:
        raise BadSchema(f"Question {name!r} depends on the labels of {asked.name!r}, which has no at_least or at_most.")
    if not condition.labels:
        raise BadSchema(f"Question {name!r} names no label of {condition.question!r} that it is asked for.")
    names = asked.label_names
    for label in condition.labels:
        inner = asked.kind is QuestionKind.TAXONOMY and any(one.startswith(f"{label}/") for one in names)
        if label not in names and not inner:
            raise BadSchema(f"Question {condition.question!r} has no label {label!r}.{nearest(label, names)}")


def _holds(condition: AskIf, answer: Answer | None) -> bool:
    match answer:
        case Choice(label):
            return label in condition.labels
        case Choices(labels):
            return bool(set(labels) & set(condition.labels))
        case Paths(labels):
            return any(label == one or label.startswith(f"{one}/") for label in labels for one in condition.labels)
        case Rating(value) | Number(value):
            low, high = condition.at_least, condition.at_most
            return (low is None or value >= low) and (high is None or value <= high)
        case _:
            return False


class ChangeKind(StrEnum):
    """How a change of schema touches answers that exist already."""

    COMPATIBLE = "compatible"
    REDEFINE = "redefine"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two schemas."""

    kind: ChangeKind
    question: QuestionName
    label: LabelName | None
    text: str


def changes(old: Schema, new: Schema) -> tuple[Change, ...]:
    """Return what changes from one schema to the next, by question and label."""
    before = {q.name: q for q in old.questions}
    after = {q.name: q for q in new.questions}
    gone, added = before.keys() - after.keys(), after.keys() - before.keys()
    found = [Change(ChangeKind.REMOVE, name, None, f"question {name!r} is removed") for name in gone]
    found += [Change(ChangeKind.COMPATIBLE, name, None, f"question {name!r} is added") for name in added]
    for name in before.keys() & after.keys():
        found.extend(_question_changes(before[name], after[name]))
    return tuple(sorted(found, key=lambda c: (c.question, c.label or "", c.text)))


def _question_changes(old: Question, new: Question) -> Iterable[Change]:
    if old.kind is not new.kind:
        yield Change(
            ChangeKind.REMOVE, new.name, None, f"question {new.name!r} turns from {old.kind.value} to {new.kind.value}"
        )
        return
    named = {"minimum": "scale", "maximum": "scale", "ask_if": "condition"}
    for name in (*OPTIONS[new.kind], "required", "ask_if", "prompt"):
        if getattr(old, name) != getattr(new, name):
            text = f"the {named.get(name, name)} of {new.name!r} changes"
            yield Change(ChangeKind.REDEFINE, new.name, None, text)
    before = {label.name: label for label in old.labels}
    after = {label.name: label for label in new.labels}
    for name in before.keys() - after.keys():
        yield Change(ChangeKind.REMOVE, new.name, name, f"label {name!r} is removed")
    for name in after.keys() - before.keys():
        yield Change(ChangeKind.COMPATIBLE, new.name, name, f"label {name!r} is added")
    for name in before.keys() & after.keys():
        if before[name].definition != after[name].definition:
            yield Change(ChangeKind.REDEFINE, new.name, name, f"the definition of {name!r} changes")
        elif before[name] != after[name]:
            yield Change(ChangeKind.COMPATIBLE, new.name, name, f"the card of {name!r} changes")


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """An item's text with the label it should get, and why."""

    text: str
    label: LabelName
    why: str = ""


WORKED_EXAMPLES_ADVISED = 20


@dataclass(frozen=True, slots=True)
class Guideline:
    """The written rules for a schema, in Markdown, with worked examples and a date to look at them again."""

    text: str = ""
    worked_examples: tuple[WorkedExample, ...] = field(default=())
    review_by: date | None = None

    def advice(self, today: date) -> tuple[str, ...]:
        """Return what is missing for people to apply these rules alike."""
        found = []
        if len(self.worked_examples) < WORKED_EXAMPLES_ADVISED:
            found.append(
                f"The guideline has {len(self.worked_examples)} worked examples; "
                f"at least {WORKED_EXAMPLES_ADVISED} are advised."
            )
        if self.review_by is not None and self.review_by < today:
            found.append(f"The guideline was to be reviewed by {self.review_by.isoformat()}.")
        return tuple(found)
