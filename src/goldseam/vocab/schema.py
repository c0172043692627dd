"""Schema: the questions asked of every item, and the answers allowed; and the guideline that explains them.

In: plain values. Out: `Schema`, `Question`, `Label`, `Guideline`, and the changes between two schemas.
Never: a file, a rendered page, or a question that knows how it is drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from goldseam.vocab.answers import Abstain, Answer, Boxes, Choice, Choices, LabelName, Rating, Spans, Text
from goldseam.vocab.errors import BadAnswer, BadSchema, nearest

QuestionName = NewType("QuestionName", str)
SchemaVersion = NewType("SchemaVersion", int)
GuidelineVersion = NewType("GuidelineVersion", int)

MAX_LABELS = 5_000
MAX_TEXT = 100_000
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class QuestionKind(StrEnum):
    """What form an answer takes."""

    CHOICE = "choice"
    CHOICES = "choices"
    RATING = "rating"
    TEXT = "text"
    SPAN = "span"
    BOX = "box"

    @property
    def has_labels(self) -> bool:
        """Whether answers of this kind name labels."""
        return self in {QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.SPAN, QuestionKind.BOX}


@dataclass(frozen=True, slots=True)
class Label:
    """One allowed value, with what an annotator needs to apply it: the catalog's entry."""

    name: LabelName
    title: str = ""
    definition: str = ""
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    edge_cases: tuple[str, ...] = ()
    disallowed: str = ""
    color: str = ""
    hotkey: str = ""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or self.name != self.name.strip():
            raise BadSchema(
                f"A label's name is 1 to 200 printable characters without spaces around it; got {self.name!r}."
            )
        if self.color and not COLOR.fullmatch(self.color):
            raise BadSchema(f"The color of label {self.name!r} is written like '#1b9e77'; got {self.color!r}.")
        if len(self.hotkey) > 1:
            raise BadSchema(f"The hotkey of label {self.name!r} is one character; got {self.hotkey!r}.")


@dataclass(frozen=True, slots=True)
class AskIf:
    """A condition: the question is asked only if an earlier one was answered with one of these labels."""

    question: QuestionName
    labels: tuple[LabelName, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked about an item.

    `minimum` and `maximum` bound a rating; `labels` are for choices, spans and boxes.
    """

    name: QuestionName
    kind: QuestionKind = QuestionKind.CHOICE
    prompt: str = ""
    labels: tuple[Label, ...] = ()
    minimum: int = 1
    maximum: int = 5
    ask_if: AskIf | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadSchema(f"A question's name is 1 to 200 printable characters; got {self.name!r}.")
        if self.kind.has_labels:
            _check_labels(self)
        elif self.labels:
            raise BadSchema(f"Question {self.name!r} is of kind {self.kind.value!r}, which has no labels.")
        if self.kind is QuestionKind.RATING and not self.minimum < self.maximum:
            raise BadSchema(f"Question {self.name!r} needs a minimum below its maximum.")

    @property
    def label_names(self) -> tuple[LabelName, ...]:
        """The labels' names in the schema's order."""
        return tuple(label.name for label in self.labels)

    def check(self, answer: Answer) -> None:
        """Raise `BadAnswer` if the answer does not fit this question.

        Raises
        ------
        BadAnswer
            With the label or value that does not fit, and the nearest that would.
        """
        match answer, self.kind:
            case Abstain(), _:
                pass
            case Choice(label), QuestionKind.CHOICE:
                self._check_known([label])
            case Choices(labels), QuestionKind.CHOICES:
                self._check_known(labels)
            case Rating(value), QuestionKind.RATING:
                if not self.minimum <= value <= self.maximum:
                    raise BadAnswer(
                        f"A rating for {self.name!r} lies between {self.minimum} and {self.maximum}; got {value}."
                    )
            case Text(text), QuestionKind.TEXT:
                if len(text) > MAX_TEXT:
                    raise BadAnswer(f"A text answer has at most {MAX_TEXT:,} characters; got {len(text):,}.")
            case Spans(spans), QuestionKind.SPAN:
                self._check_known(span.label for span in spans)
            case Boxes(boxes), QuestionKind.BOX:
                self._check_known(box.label for box in boxes)
            case _:
                raise BadAnswer(
                    f"Question {self.name!r} wants an answer of kind {self.kind.value!r}; "
                    f"got {type(answer).__name__.lower()!r}."
                )

    def _check_known(self, labels: Iterable[LabelName]) -> None:
        known = set(self.label_names)
        for label in labels:
            if label not in known:
                raise BadAnswer(
                    f"Question {self.name!r} has no label {label!r}.{nearest(label, known)}",
                    question=self.name,
                    label=label,
                )


def _check_labels(question: Question) -> None:
    if not question.labels:
        raise BadSchema(f"Question {question.name!r} needs labels: list them under 'labels'.")
    if len(question.labels) > MAX_LABELS:
        raise BadSchema(f"Question {question.name!r} has {len(question.labels):,} labels; {MAX_LABELS:,} at most.")
    for what, values in (
        ("label", [label.name for label in question.labels]),
        ("hotkey", [label.hotkey for label in question.labels if label.hotkey]),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise BadSchema(f"Question {question.name!r} has the {what} {twice[0]!r} twice; each may stand once.")


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
            if condition is None:
                found.append(question)
            elif condition.question in {one.name for one in found}:
                match answers.get(condition.question):
                    case Choice(label) if label in condition.labels:
                        found.append(question)
                    case Choices(labels) if set(labels) & set(condition.labels):
                        found.append(question)
                    case _:
                        pass
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
    names = known[condition.question].label_names
    if known[condition.question].kind not in {QuestionKind.CHOICE, QuestionKind.CHOICES}:
        raise BadSchema(f"Question {name!r} depends on {condition.question!r}, which is not a choice.")
    if not condition.labels:
        raise BadSchema(f"Question {name!r} names no label of {condition.question!r} that it is asked for.")
    for label in condition.labels:
        if label not in names:
            raise BadSchema(f"Question {condition.question!r} has no label {label!r}.{nearest(label, names)}")


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
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield Change(ChangeKind.REDEFINE, new.name, None, f"the scale of {new.name!r} changes")
    if old.ask_if != new.ask_if:
        yield Change(ChangeKind.REDEFINE, new.name, None, f"the condition of {new.name!r} changes")
    if old.prompt != new.prompt:
        yield Change(ChangeKind.REDEFINE, new.name, None, f"the prompt of {new.name!r} changes")
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
