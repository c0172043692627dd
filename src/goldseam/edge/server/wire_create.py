"""Wire types of making a project: pieces of files, a look at them, the settings that a person chose.

In: JSON. Out: records whose lengths and list sizes are bounded; a key that is not known is refused. Never: a path on the server.
"""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from goldseam.edge.server.wire import Plain, Sent, Shown, Uuid7

FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
ColumnName = Annotated[str, StringConstraints(max_length=1_000)]
MOST_PIECES = 200


class PieceSent(Sent):
    """Bytes of a file (base64), and where in it they stand."""

    name: FilePath
    at: Annotated[int, Field(ge=0, le=2**40)]
    data: Annotated[str, StringConstraints(max_length=2_000_000)]

    @field_validator("data")
    @classmethod
    def _is_base64(cls, data: str) -> str:
        try:
            base64.b64decode(data, validate=True)
        except ValueError as error:
            raise ValueError("data is base64") from error
        return data

    @property
    def bytes(self) -> bytes:
        """The bytes themselves."""
        return base64.b64decode(self.data)


class PiecesSent(Sent):
    """Pieces of an upload; the id is the client's own and names it."""

    pieces: Annotated[list[PieceSent], Field(min_length=1, max_length=MOST_PIECES)]


class IncomingShown(Shown):
    """What came so far."""

    id: str
    n_files: int
    n_bytes: int


class LookSent(Sent):
    """Which column is what; null lets it be recognized, an empty text is none."""

    text: ColumnName | None = None
    key: ColumnName | None = None
    label: ColumnName | None = None


class ValueShown(Shown):
    """A value of a column, and in how many of the rows."""

    value: str
    n: int


class ColumnShown(Shown):
    """A column; `values` is empty unless they are few enough to be labels."""

    name: str
    role: str
    n_filled: int
    n_distinct: int
    values: list[ValueShown]


class RefusedShown(Shown):
    """A row that would be refused, and why."""

    line: int
    reason: str
    text: str


class ReasonCount(Shown):
    """A reason, and how many of the rows looked at would be refused for it."""

    reason: str
    n: int


class LookShown(Shown):
    """The first rows of an upload; `whole` says whether these were all."""

    form: str
    n_files: int
    n_bytes: int
    columns: list[ColumnShown]
    rows: list[list[str]]
    n_read: int
    n_refused: int
    reasons: list[ReasonCount]
    refused: list[RefusedShown]
    whole: bool


class ProjectSent(Sent):
    """A project to make: the parts of a project file that reach nothing outside of the upload."""

    incoming: Uuid7
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    questions: Annotated[list[Plain], Field(min_length=1, max_length=50)]
    guideline: Annotated[str, StringConstraints(max_length=100_000)] = ""
    text: ColumnName = ""
    key: ColumnName = ""
    label: ColumnName = ""
    redundancy: Annotated[int, Field(ge=1, le=99)] = 2
    batch: Annotated[int, Field(ge=1, le=100_000)] = 100
    gold_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=False)] = 0.0


class ProjectMade(Shown):
    """The project that was made."""

    project: str
    name: str


class MayCreate(Shown):
    """Whether the caller may make projects here."""

    may: bool


class GuidelineSent(Sent):
    """A guideline's text, as Markdown."""

    text: Annotated[str, StringConstraints(max_length=100_000)]


class GuidelineShown(Shown):
    """The guideline as HTML that is safe to show."""

    html: str


class FarShown(Shown):
    """What the server is doing for a project, and why it stopped if it had to; all empty if nobody asked since it started."""

    goes_on: bool
    doing: str
    n_done: int
    outcomes: list[str]
    error: str
