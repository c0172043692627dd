"""Suggester: the one protocol behind which every model stands, whether it is embedded here or asked over a network.

In: contents. Out: `Proposals`. Never: a vote, or an answer that was not checked against the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goldseam.prelabel.contents import Contents
from goldseam.vocab.answers import Answer
from goldseam.vocab.errors import BadValue
from goldseam.vocab.options import QuestionName

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: tokens read and written, and money in millionths, so that sums are exact."""

    tokens_in: int = 0
    tokens_out: int = 0
    micros: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.micros + other.micros)

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.tokens_in + self.tokens_out

    @property
    def money(self) -> float:
        """Money, in the unit of the prices."""
        return self.micros / MICRO


@dataclass(frozen=True, slots=True)
class Said:
    """What a model that was asked said of one item: answers by question, or why it abstained; and its reasoning.

    `confidence` is its own, in the answer to the first question, not calibrated.
    """

    answers: Mapping[QuestionName, Answer] = field(default_factory=lambda: MappingProxyType({}))
    abstained: str = ""
    reasoning: str = ""
    usage: Usage = field(default_factory=Usage)
    confidence: float = 0.0

    def __post_init__(self) -> None:
        if bool(self.answers) == bool(self.abstained):
            raise BadValue("A model answers or abstains with a reason, one of the two.")


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """What a suggester says of items, in their order: probabilities (n, labels) of the first question, 0 where it abstained.

    `said` holds one record an item for suggesters that say more than probabilities, and is empty for the others.
    """

    proba: NDArray[np.float32]
    said: tuple[Said, ...] = ()

    def __post_init__(self) -> None:
        if self.said and len(self.said) != len(self.proba):
            raise BadValue(f"Proposals say something of each item; got {len(self.said)} for {len(self.proba)}.")


class Suggester(Protocol):
    """Whatever proposes answers: a trained model, a language model, a backend.

    Asked in batches; each batch is kept before the next is asked, by `version` and item, so that nothing is asked twice.
    """

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def version(self) -> str:
        """Another one whenever it may answer otherwise about the same content."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the columns of its probabilities stand for."""
        ...

    @property
    def batch(self) -> int:
        """How many items one call is about."""
        ...

    @property
    def at_once(self) -> int:
        """How many calls may run at a time."""
        ...

    def most(self, contents: Contents) -> Usage:
        """Return the most that proposing for these items can take."""
        ...

    def propose(self, contents: Contents) -> Proposals:
        """Propose for these items.

        Raises
        ------
        Unreachable
            If a model elsewhere cannot be asked now; what was kept before stays.
        """
        ...
