"""Wire types of sheets: items that the model calls the same, and the receipts of confirming them together.

In: JSON. Out: records whose lengths are bounded. Never: which items were planted, or how many: that would tell gold.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from goldseam.annotate.sheet import MOST
from goldseam.edge.server.wire import AssignmentShown, Name, Opaque, Sent, Shown, Uuid7, WaitingShown


class SheetSent(Sent):
    """A sheet as it is asked for: of a label or of any, of how many items, from where on; `holding` is as for any lease."""

    id: Uuid7
    label: Name | None = None
    count: Annotated[int, Field(ge=1, le=MOST)] = MOST
    after: Opaque | None = None
    holding: Annotated[list[Opaque], Field(max_length=500)] | None = None


class SheetShown(Shown):
    """A sheet: its label, its items with their tokens, and where to go on for this label."""

    label: str
    assignments: list[AssignmentShown]
    after: str | None
    waiting: WaitingShown | None


class SheetAct(Sent):
    """The end of a sheet, or taking it back."""

    id: Uuid7


class ReceiptShown(Shown):
    """What came of a sheet; of the sample that others are asked about: how many agree, how many do not, how many wait."""

    id: str
    label: str
    at: datetime
    state: str
    n_shown: int
    n_confirmed: int
    same: int
    other: int
    waiting: int


class PrecisionShown(Shown):
    """How often people confirm what the model calls so, with a 95 % interval; and how many planted items were caught."""

    label: str
    n: int
    right: int
    low: float
    high: float
    n_planted: int
    n_caught: int


class ReceiptsShown(Shown):
    """One's own receipts, newest first; and what sheets show of each label, for whoever may measure."""

    receipts: list[ReceiptShown]
    precision: list[PrecisionShown]
