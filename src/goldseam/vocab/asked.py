"""Asked: what a question holds, before anything is checked.

In: plain values. Out: `QuestionKind`, its options, and `Asked`, which `questions.Question` is made of.
Never: an invariant; those are the question's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from goldseam.vocab.answers import prefixes
from goldseam.vocab.names import LabelName
from goldseam.vocab.options import (
    AskIf,
    Criterion,
    DateForm,
    Key,
    Label,
    Nesting,
    QuestionName,
    RelationLabel,
    Skeleton,
    Turns,
)

MAX_TEXT = 100_000


class QuestionKind(StrEnum):
    """What form an answer takes."""

    CHOICE = "choice"
    CHOICES = "choices"
    TAXONOMY = "taxonomy"
    RATING = "rating"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    SPAN = "span"
    BOX = "box"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    POLYLINE = "polyline"
    KEYPOINTS = "keypoints"
    MASK = "mask"
    PREFERENCE = "preference"
    RANKING = "ranking"
    BEST = "best"
    RUBRIC = "rubric"
    KEY_VALUES = "key_values"

    @property
    def has_labels(self) -> bool:
        """Whether answers of this kind name labels."""
        return self in LABELED


K = QuestionKind
LABELED = frozenset({
    K.CHOICE, K.CHOICES, K.TAXONOMY, K.SPAN, K.BOX, K.ELLIPSE, K.POLYGON, K.POLYLINE, K.KEYPOINTS, K.MASK
})  # fmt: skip
COUNTED = ("at_least", "at_most")
OPTIONS: Mapping[QuestionKind, tuple[str, ...]] = {
    K.CHOICE: (),
    K.CHOICES: COUNTED,
    K.TAXONOMY: ("leaf_only", *COUNTED),
    K.RATING: ("minimum", "maximum", "low_title", "high_title"),
    K.NUMBER: ("minimum", "maximum", "unit", "integer", "step"),
    K.DATE: ("date_form", "earliest", "latest"),
    K.TEXT: ("max_length", "lines"),
    K.SPAN: ("overlap", "relations", *COUNTED),
    K.BOX: COUNTED,
    K.ELLIPSE: COUNTED,
    K.POLYGON: COUNTED,
    K.POLYLINE: COUNTED,
    K.KEYPOINTS: ("skeleton", *COUNTED),
    K.MASK: COUNTED,
    K.PREFERENCE: ("ties", "strengths"),
    K.RANKING: ("ties",),
    K.BEST: (),
    K.RUBRIC: ("criteria", "turns"),
    K.KEY_VALUES: ("keys",),
}
"""The options that questions of each kind have beside labels; others are refused."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a question, each with its default."""

    name: QuestionName
    kind: QuestionKind = QuestionKind.CHOICE
    prompt: str = ""
    labels: tuple[Label, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    ask_if: AskIf | None = None
    help: str = ""
    required: bool = True
    at_least: int | None = None
    at_most: int | None = None
    leaf_only: bool = False
    low_title: str = ""
    high_title: str = ""
    unit: str = ""
    integer: bool = False
    step: float | None = None
    date_form: DateForm = DateForm.DATE
    earliest: str = ""
    latest: str = ""
    max_length: int = MAX_TEXT
    lines: int = 3
    overlap: Nesting = Nesting.NONE
    relations: tuple[RelationLabel, ...] = ()
    skeleton: Skeleton | None = None
    ties: bool = True
    strengths: int = 0
    criteria: tuple[Criterion, ...] = ()
    turns: Turns = Turns.WHOLE
    keys: tuple[Key, ...] = ()

    @property
    def label_names(self) -> tuple[LabelName, ...]:
        """The labels' names in the schema's order."""
        return tuple(label.name for label in self.labels)

    @property
    def leaves(self) -> frozenset[LabelName]:
        """The labels of a tree that have none below them."""
        names = self.label_names
        return frozenset(names) - {above for name in names for above in prefixes(name)}
