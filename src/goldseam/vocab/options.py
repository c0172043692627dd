"""Options: what a question says of its answers beyond its labels.

In: plain values. Out: one record or closed set per option. Never: an answer; `checks` compares.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from goldseam.vocab.errors import BadSchema
from goldseam.vocab.names import LabelName

QuestionName = NewType("QuestionName", str)

MAX_LABELS = 5_000
MAX_PARTS = 500
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def check_name(name: str, what: str) -> None:
    """Refuse a name that cannot stand on one line."""
    if not NAME.fullmatch(name) or name != name.strip():
        raise BadSchema(f"{what} is 1 to 200 printable characters without spaces around it; got {name!r}.")


def check_once(values: Iterable[str], where: str, what: str) -> None:
    """Refuse values of which one stands twice."""
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise BadSchema(f"{where} has the {what} {twice[0]!r} twice; each may stand once.")


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
        check_name(self.name, "A label's name")
        _check_look(f"label {self.name!r}", self.color, self.hotkey)


def _check_look(what: str, color: str, hotkey: str) -> None:
    if color and not COLOR.fullmatch(color):
        raise BadSchema(f"The color of {what} is written like '#1b9e77'; got {color!r}.")
    if len(hotkey) > 1:
        raise BadSchema(f"The hotkey of {what} is one character; got {hotkey!r}.")


@dataclass(frozen=True, slots=True)
class AskIf:
    """A condition on an earlier question: it was answered with one of these labels, or with a number in this range.

    A label of a tree stands for all below it, too. Either end of a range may be left open.
    """

    question: QuestionName
    labels: tuple[LabelName, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


class Nesting(StrEnum):
    """Whether spans of one answer may share characters: never, only when one lies within the other, or always."""

    NONE = "none"
    NESTED = "nested"
    ANY = "any"


class DateForm(StrEnum):
    """What a date question wants."""

    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"


class Turns(StrEnum):
    """What a rubric grades: the item as a whole, each turn of a conversation, or each turn of the assistant."""

    WHOLE = "whole"
    EACH = "each"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class RelationLabel:
    """One kind of relation between spans; `heads` and `tails` name the labels it may join, empty for all."""

    name: LabelName
    title: str = ""
    definition: str = ""
    directed: bool = True
    heads: tuple[LabelName, ...] = ()
    tails: tuple[LabelName, ...] = ()
    color: str = ""
    hotkey: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "A relation's name")
        _check_look(f"relation {self.name!r}", self.color, self.hotkey)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The named points of an object, in the order in which they are set, and the pairs of them that a line joins."""

    points: tuple[str, ...]
    edges: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.points) <= MAX_PARTS:
            raise BadSchema(f"A skeleton has 1 to {MAX_PARTS} points; got {len(self.points)}.")
        for name in self.points:
            check_name(name, "A skeleton's point")
        check_once(self.points, "A skeleton", "point")
        for edge in self.edges:
            if len(edge) != 2 or edge[0] == edge[1] or not set(edge) <= set(self.points):
                raise BadSchema(f"An edge of a skeleton joins two of its points; got {list(edge)}.")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a rubric grades, on a scale of its own; one that is not `required` may be left out."""

    name: str
    title: str = ""
    help: str = ""
    minimum: int = 1
    maximum: int = 5
    low_title: str = ""
    high_title: str = ""
    required: bool = True

    def __post_init__(self) -> None:
        check_name(self.name, "A criterion's name")
        if not self.minimum < self.maximum:
            raise BadSchema(f"The criterion {self.name!r} needs a minimum below its maximum.")


class KeyKind(StrEnum):
    """What stands under a key of a document."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a document: what stands under it, whether it must, and whether several values may; labels are a choice's."""

    name: str
    kind: KeyKind = KeyKind.TEXT
    title: str = ""
    help: str = ""
    required: bool = False
    several: bool = False
    labels: tuple[LabelName, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "A key's name")
        if (self.kind is KeyKind.CHOICE) != bool(self.labels):
            raise BadSchema(f"The key {self.name!r} has labels if it is of kind 'choice', and only then.")
        check_once(self.labels, f"The key {self.name!r}", "label")
