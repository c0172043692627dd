"""Wire types of the guard against rubber-stamping: decisions about labels, and how far suggestions sway people.

In: JSON. Out: records with these fields and no others. Never: which suggestion was wrong on purpose.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from goldseam.edge.server.wire import Name, Sent, Shown, Uuid7


class LabelSwitched(Sent):
    """Whether a label is to be suggested, and why."""

    id: Uuid7
    label: Name
    state: Literal["on", "off"]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class EffectShown(Shown):
    """The share that follows a wrong suggestion, less the share that gives the label unasked; with its interval."""

    agreed_shown: int
    n_shown: int
    agreed_blind: int
    n_blind: int
    value: float | None
    low: float
    high: float
    level: float


class SwayedShown(Shown):
    """One annotator's effect."""

    annotator: str
    name: str
    effect: EffectShown


class LabelSwayShown(Shown):
    """One label's effect, and whether it is suggested."""

    label: str
    effect: EffectShown | None
    state: Literal["on", "off"]
    reason: str


class AnchoringShown(Shown):
    """The figures as they were measured last."""

    at: datetime
    planted_share: float
    blind_share: float
    off_above: float | None
    overall: EffectShown
    annotators: list[SwayedShown]
    labels: list[LabelSwayShown]
