"""Wire types of the guideline: its versions, and a new one.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an author or a time that was sent.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import Name, Sent, Shown, Uuid7
from goldseam.vocab.talk import MAX_WORDS

MOST_CHARACTERS = 100_000
MOST_EXAMPLES = 500


class VersionLineShown(Shown):
    """One version in the list; `version` goes into `before` for the next page."""

    version: int
    at: datetime
    current: bool


class WorkedShown(Shown):
    """An item's text with the label it should get, and why."""

    text: str
    label: str
    why: str


class VersionShown(Shown):
    """One version, as it was written and as people read it."""

    version: int
    at: datetime
    current: bool
    text: str
    html: str
    worked_examples: list[WorkedShown]
    review_by: date | None


class WorkedSent(Sent):
    """A worked example as it should stand."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORDS)]
    label: Name
    why: Annotated[str, StringConstraints(max_length=MAX_WORDS)] = ""


class VersionSent(Sent):
    """The next version: all of it, and the version that its author had before their eyes."""

    id: Uuid7
    based_on: Annotated[int, Field(ge=1, le=2**31)]
    text: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]
    worked_examples: Annotated[list[WorkedSent], Field(max_length=MOST_EXAMPLES)]
    review_by: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None


class VersionMade(Shown):
    """The number of the version that was made."""

    version: int
