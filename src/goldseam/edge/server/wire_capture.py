"""Wire types of production: outputs of models, signals about them.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: a text sent back.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import Sent, Shown, Uuid7
from goldseam.source.captured import LONGEST_METADATA, MOST_AT_ONCE, MOST_CHARACTERS, MOST_NAME

Name = Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)]
Value = Annotated[str, StringConstraints(max_length=1_000)]
SignalName = Literal["correction", "override", "escalation", "rejection", "click"]


class CaptureSent(Sent):
    """What a model put out: about a text, or about an item of the project."""

    id: Uuid7
    model: Name
    label: Name | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)] | None = None
    item: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None
    metadata: Annotated[dict[Name, Value], Field(max_length=LONGEST_METADATA, default_factory=dict)]


class SignalSent(Sent):
    """What somebody did about a capture; a correction and an override name the right label."""

    id: Uuid7
    capture: Uuid7
    kind: SignalName
    label: Name | None = None


class CapturesSent(Sent):
    """Captures and signals, together as many as one call may carry."""

    captures: Annotated[list[CaptureSent], Field(max_length=MOST_AT_ONCE, default_factory=list)]
    signals: Annotated[list[SignalSent], Field(max_length=MOST_AT_ONCE, default_factory=list)]


class CapturesTaken(Shown):
    """How many of them are new; `repeated` were sent before."""

    captures: int
    signals: int
    repeated: int
