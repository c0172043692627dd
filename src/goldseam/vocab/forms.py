"""Answers of several parts: grades by criterion, and the values that stand under the keys of a document.

In: names of criteria and keys, values. Out: `Rubric`, `KeyValues`. Never: a check against the schema.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.names import MAX_NAME

MAX_PARTS = 5_000
MAX_VALUE = 10_000
"""A value of a key has at most so many characters."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What one criterion says of one turn of a conversation (counted from 0), or of the whole item (`turn` is None)."""

    criterion: str
    value: int
    turn: int | None = None

    def __post_init__(self) -> None:
        if self.turn is not None and self.turn < 0:
            raise BadAnswer(f"A turn is named by its place, from 0 on; got {self.turn}.")


@dataclass(frozen=True, slots=True)
class Rubric:
    """The grades of an item, by turn and criterion."""

    grades: tuple[Grade, ...]

    def __post_init__(self) -> None:
        if len(self.grades) > MAX_PARTS:
            raise BadAnswer(f"A rubric holds at most {MAX_PARTS:,} grades; got {len(self.grades):,}.")
        twice = [key for key, count in Counter((g.turn, g.criterion) for g in self.grades).items() if count > 1]
        if twice:
            raise BadAnswer(f"The criterion {twice[0][1]!r} is graded twice for the same turn.")
        order = sorted(self.grades, key=lambda g: (-1 if g.turn is None else g.turn, g.criterion))
        object.__setattr__(self, "grades", tuple(order))


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One value that stands under a key: a text, a number, or true or false."""

    key: str
    value: str | float | bool

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= MAX_NAME:
            raise BadAnswer(f"A key has 1 to {MAX_NAME} characters; got {self.key!r}.")
        if isinstance(self.value, str):
            if not 1 <= len(self.value) <= MAX_VALUE:
                raise BadAnswer(
                    f"A value has 1 to {MAX_VALUE:,} characters; leave out the key {self.key!r} without one."
                )
        elif not isinstance(self.value, bool) and not math.isfinite(self.value):
            raise BadAnswer(f"The number under {self.key!r} is finite; got {self.value}.")


@dataclass(frozen=True, slots=True)
class KeyValues:
    """The values of a document, sorted by key and within a key in the order given; a key without a value is left out."""

    pairs: tuple[KeyValue, ...]

    def __post_init__(self) -> None:
        if len(self.pairs) > MAX_PARTS:
            raise BadAnswer(f"A document holds at most {MAX_PARTS:,} values; got {len(self.pairs):,}.")
        if len({(pair.key, type(pair.value), pair.value) for pair in self.pairs}) != len(self.pairs):
            raise BadAnswer("A key has the same value twice.")
        object.__setattr__(self, "pairs", tuple(sorted(self.pairs, key=lambda pair: pair.key)))
