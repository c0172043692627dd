"""Wire types of lines: skills, batches given by hand, priorities, items asked about again, leases made longer.

In: JSON. Out: records whose lengths and list sizes are bounded; a key that is not known is refused. Never: to an annotator, why
an item is asked about.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, WithJsonSchema

from goldseam.edge.server.wire import ItemKey, Opaque, Plain, Sent, Shown, Uuid7

SkillName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,49}$")]
Priority = Annotated[int, Field(ge=-9, le=9)]
Level = Annotated[int, Field(ge=1, le=99)]
After = Annotated[int, Field(ge=-1, le=2**62)]
Moment = Annotated[AwareDatetime, Field(strict=False), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time with its zone, as text: JSON has no times."""
Bound = Annotated[float, Field(allow_inf_nan=False)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
FieldValue = Annotated[str, StringConstraints(max_length=1_000)]


class SkillSent(Sent):
    """A skill to grant, at a level."""

    id: Uuid7
    annotator: Opaque
    skill: SkillName
    level: Level = 1


class SkillTaken(Sent):
    """A skill to take away."""

    id: Uuid7
    annotator: Opaque
    skill: SkillName


class SkillShown(Shown):
    """A skill of somebody: since when, by whom, and how it was found."""

    annotator: str
    name: str
    skill: str
    level: int
    granted_at: datetime
    by: str
    how: str


class SkillsPage(Shown):
    """Skills in the order of people and names; `after` asks for the next page, None was the last."""

    skills: list[SkillShown]
    after: str | None


class OwnSkills(Shown):
    """One's own skills with the level of each."""

    skills: dict[str, int]


class ConditionSent(Sent):
    """What a field of metadata is: one of some values, or a number from `min` to `max`."""

    values: Annotated[tuple[FieldValue, ...], Field(max_length=100, strict=False)] = ()
    min: Bound | None = None
    max: Bound | None = None


class ChosenSent(Sent):
    """Which items: in one of three ways; `after` goes on with `where`."""

    items: Annotated[list[ItemKey], Field(min_length=1, max_length=1_000)] | None = None
    next: Annotated[int, Field(ge=1, le=5_000)] | None = None
    where: Annotated[dict[FieldName, ConditionSent], Field(min_length=1, max_length=20)] | None = None
    after: After = -1


class BatchSent(Sent):
    """Items to give to people by hand; `into` adds to a batch that is there."""

    id: Uuid7
    chosen: ChosenSent
    annotators: Annotated[list[Opaque], Field(min_length=1, max_length=100)]
    purpose: Literal["label", "spot_check", "audit", "relabel", "adjudication", "calibration"] = "label"
    due: Moment | None = None
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    priority: Priority | None = None
    into: Opaque | None = None


class BatchReleased(Sent):
    """The end of a batch."""

    id: Uuid7


class BatchShown(Shown):
    """A batch; `purpose` and `people` are for whoever manages."""

    id: str
    name: str
    purpose: str | None
    people: list[str]
    n_items: int
    n_waiting: int
    due: datetime | None
    made_at: datetime
    ended_at: datetime | None


class PrioritySent(Sent):
    """A priority for items that still want answers."""

    id: Uuid7
    chosen: ChosenSent
    priority: Priority


class AgainSent(Sent):
    """Items to ask about once more."""

    id: Uuid7
    chosen: ChosenSent
    purpose: Literal["audit", "relabel", "adjudication"]
    answers: Annotated[int, Field(ge=1, le=100)] = 1
    priority: Priority | None = None


class DidShown(Shown):
    """How many items, why others were not, the batch if there is one, and after which position to go on."""

    n_items: int
    refused: dict[str, int]
    batch: str | None
    after: int | None


class HeldSent(Sent):
    """An assignment in hand."""

    assignment: Opaque
    token: Opaque


class ExtensionSent(Sent):
    """Assignments to hold longer."""

    id: Uuid7
    held: Annotated[list[HeldSent], Field(min_length=1, max_length=100)]


class ExtendedShown(Shown):
    """Until when an assignment is held now, and how often that may still be asked for; or why it is not."""

    assignment: str
    expires_at: datetime | None
    seconds: float
    left: int
    error: Plain | None


class ExtendedAll(Shown):
    """What became of each assignment, in the order sent."""

    results: list[ExtendedShown]
