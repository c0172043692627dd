"""Wire types of reasons and flags.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an author or a time that was sent,
or, to whoever flags, what others flagged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from goldseam.edge.server.wire import ItemShown, Sent, Shown, Uuid7

ReasonName = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Note = Annotated[str, StringConstraints(max_length=2_000)]


class ReasonShown(Shown):
    """A reason that people choose from; the same on every item."""

    name: str
    title: str


class FlagSent(Sent):
    """Why the item of an assignment should not be labeled as it is."""

    id: Uuid7
    reason: ReasonName
    note: Note = ""


class WhyShown(Shown):
    """One person's reason; `act` is what it came with: a flag, a skip, or an answer that says unsure."""

    reason: str
    act: str
    name: str
    note: str
    at: datetime


class FlaggedShown(Shown):
    """An item that left the queue, and what became of it; `number` goes into `before` for the next page."""

    number: int
    item: ItemShown
    reason: str
    goes_to: str
    at: datetime
    state: str
    note: str
    decided_at: datetime | None
    flags: list[WhyShown]


class FlagDecided(Sent):
    """What becomes of an item that left the queue."""

    id: Uuid7
    decision: Literal["put_back", "excluded", "to_expert"]
    note: Note = ""
