"""What the server answers with, as records.

In: replies in JSON. Out: frozen records. Never: a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from goldseam.vocab.answers import Answer
from goldseam.vocab.errors import GoldseamError
from goldseam.vocab.items import ItemId, Modality, ProjectId
from goldseam.vocab.people import Act, Role
from goldseam.vocab.schema import GuidelineVersion, Schema, SchemaVersion


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project of the list."""

    id: ProjectId
    name: str
    modality: Modality
    role: Role
    round: int
    n_items: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project as whoever answers needs it."""

    id: ProjectId
    name: str
    modality: Modality
    role: Role
    acts: frozenset[Act]
    round: int
    schema: Schema
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion
    guideline_html: str
    prefetch: int
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """An answer that a machine proposed and that the policy shows."""

    label: str
    confidence: float
    source: str
    question: str = ""
    answer: Answer | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that is held for the caller until `expires_at`."""

    id: str
    token: str = field(repr=False)
    item: ItemId
    modality: Modality
    text: str | None
    media_url: str | None
    metadata: Mapping[str, str]
    expires_at: datetime
    seconds: float
    suggestion: Suggested | None
    further: tuple[Suggested, ...] = ()


@dataclass(frozen=True, slots=True)
class Leased:
    """What a lease or a claim gave; `waiting` says why it gave nothing, `refused` which items were not to be had.

    `opens_at` is when to ask again, if that is known; `rest` is advice.
    """

    offers: tuple[Offer, ...]
    waiting: str | None
    waiting_reason: str | None
    refused: Mapping[ItemId, str]
    opens_at: datetime | None = None
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers to one offer, under an id that makes sending it again safe."""

    id: str
    assignment: str
    token: str = field(repr=False)
    answers: Mapping[str, Answer]
    seconds: float
    schema_version: SchemaVersion
    guideline_version: GuidelineVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission: saved, repeated, surplus or refused; if refused, why."""

    id: str
    status: str
    error: GoldseamError | None
