"""Captured: what a model did in production, and what people made of it, as facts; and what follows for the project.

In: captures (input, output, confidence, model version) and signals about them. Out: which of them people are asked about, and for
which label a signal speaks. Never: a vote made of what says nothing about a label; a text in an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from goldseam.vocab.errors import BadPolicy, BadValue

MOST_AT_ONCE: Final = 500
MOST_CHARACTERS: Final = 100_000
MOST_NAME: Final = 200
LONGEST_METADATA: Final = 20
LEAST_WINDOW: Final = 20
MOST_WINDOW: Final = 20_000


class Signal(StrEnum):
    """What somebody in production did about an output of the model."""

    CORRECTION = "correction"
    OVERRIDE = "override"
    ESCALATION = "escalation"
    REJECTION = "rejection"
    CLICK = "click"


DOUBTS: Final = frozenset({Signal.CORRECTION, Signal.OVERRIDE, Signal.ESCALATION, Signal.REJECTION})
"""Signals after which people are asked about the item, however sure the model was."""
NAMES_LABEL: Final = frozenset({Signal.CORRECTION, Signal.OVERRIDE})


@dataclass(frozen=True, slots=True)
class Policy:
    """How what is captured in production comes in.

    Items that the model was less sure of than `ask_below` enter the queue, and those about which a signal raises doubts, at most
    `most` a round. `votes`: signals that speak for a label become votes of an annotator of their own. `drift`: how often the
    nightly look at drift, at the newest `window` outputs, may raise an alarm where nothing has changed; null for no look.
    """

    ask_below: float = 0.6
    most: int = 200
    votes: bool = True
    drift: float | None = 0.01
    window: int = 500

    def __post_init__(self) -> None:
        if not 0 <= self.ask_below <= 1:
            raise BadPolicy(f"production.ask_below is a confidence between 0 and 1; got {self.ask_below}.")
        if self.most < 0:
            raise BadPolicy(f"production.most is a number of items of at least 0; got {self.most}.")
        if self.drift is not None and not 0 < self.drift < 1:
            raise BadPolicy(
                f"production.drift is a chance between 0 and 1, such as 0.01, or left out; got {self.drift}."
            )
        if not LEAST_WINDOW <= self.window <= MOST_WINDOW:
            raise BadPolicy(
                f"production.window is a number of outputs from {LEAST_WINDOW} to {MOST_WINDOW:,}; got {self.window}."
            )


@dataclass(frozen=True, slots=True)
class Capture:
    """One output of a model in production: of a text, or of an item that the project has."""

    id: str
    model: str
    label: str | None = None
    confidence: float | None = None
    text: str | None = None
    item: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if (self.text is None) == (self.item is None):
            raise BadValue("A capture has either the text that the model saw or the id of an item.", id=self.id)
        if self.text is not None and not 0 < len(self.text.strip()) <= len(self.text) <= MOST_CHARACTERS:
            raise BadValue(f"A captured text has 1 to {MOST_CHARACTERS:,} characters.", id=self.id)
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise BadValue(f"A confidence lies between 0 and 1; got {self.confidence}.", id=self.id)
        if not 0 < len(self.model) <= MOST_NAME:
            raise BadValue(f"A model's version has 1 to {MOST_NAME} characters.", id=self.id)
        if len(self.metadata) > LONGEST_METADATA:
            raise BadValue(f"A capture has at most {LONGEST_METADATA} fields of metadata.", id=self.id)


@dataclass(frozen=True, slots=True)
class Signaled:
    """What somebody did about a capture; a correction and an override name the right label."""

    id: str
    capture: str
    kind: Signal
    label: str | None = None

    def __post_init__(self) -> None:
        if (self.label is not None) != (self.kind in NAMES_LABEL):
            right = "names the label that is right" if self.kind in NAMES_LABEL else "names no label"
            raise BadValue(f"A signal of the kind {self.kind.value} {right}.", id=self.id)


def speaks_for(kind: Signal, named: str | None, output: str | None, labels: Sequence[str]) -> str | None:
    """Return the label that a signal speaks for, or None where it says nothing about one.

    A click speaks for the output. A rejection speaks against it, which is a label only where there is one other.

    Examples
    --------
    >>> speaks_for(Signal.REJECTION, None, "spam", ["ham", "spam"])
    'ham'
    """
    match kind:
        case Signal.CORRECTION | Signal.OVERRIDE:
            said = named
        case Signal.CLICK:
            said = output
        case Signal.REJECTION:
            others = [label for label in labels if label != output]
            said = others[0] if output in labels and len(others) == 1 else None
        case Signal.ESCALATION:
            said = None
    return said if said in labels else None


def wants_people(confidence: float | None, kinds: frozenset[Signal], policy: Policy) -> bool:
    """Return whether people are asked about a captured item; a model that says nothing of its confidence is not sure."""
    return bool(kinds & DOUBTS) or confidence is None or confidence < policy.ask_below
