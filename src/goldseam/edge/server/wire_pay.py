"""Wire types of pay: rates, statements, what became of them, cost.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an amount of money as a float;
amounts are whole numbers of minor units (cents).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from goldseam.annotate.pay import MOST_MINOR
from goldseam.edge.server.wire import Opaque, Sent, Shown, Uuid7
from goldseam.edge.server.wire_talk import MaybeWords

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Moment = Annotated[AwareDatetime, Field(strict=False)]
"""A time with its zone, as JSON has it: a text."""


class RateSent(Sent):
    """A rate: for one person, for a tier, or for the whole project."""

    id: Uuid7
    per: Literal["answer", "hour"]
    amount: Annotated[int, Field(ge=0, le=MOST_MINOR)]
    currency: Currency
    since: Moment
    tier: Annotated[int, Field(ge=0, le=9)] | None = None
    person: Opaque | None = None


class StatementSent(Sent):
    """A statement of what somebody earned by their answers before a time."""

    id: Uuid7
    person: Opaque
    until: Moment


class PayEventSent(Sent):
    """A statement is approved, held or paid."""

    id: Uuid7
    event: Literal["approve", "hold", "pay"]
    reason: MaybeWords = ""


class RateShown(Shown):
    """A rate; `amount` in minor units."""

    id: str
    per: str
    amount: int
    currency: str
    since: datetime
    tier: int | None
    person: str | None


class PayLineShown(Shown):
    """What one rate came to in a statement."""

    rate: str
    per: str
    rate_amount: int
    n_answers: int
    seconds: float
    amount: int


class PayEventShown(Shown):
    """What happened to a statement."""

    event: str
    reason: str
    at: datetime


class StatementShown(Shown):
    """A statement; `name` is for those who manage, `number` goes into `before` for the next page."""

    id: str
    number: int
    person: str
    name: str | None
    amount: int
    currency: str
    minor_digits: int
    n_answers: int
    lines: list[PayLineShown]
    until: datetime
    at: datetime
    state: str
    events: list[PayEventShown]


class MyPay(Shown):
    """What one earned; `open_amount` is None where it would tell which item is gold."""

    statements: list[StatementShown]
    n_open: int
    open_amount: int | None
    currency: str
    minor_digits: int
    rates: list[RateShown]


class CostShown(Shown):
    """What all statements come to, and for each settled label, as decimal numbers."""

    currency: str
    amount: str
    n_settled: int
    per_label: str | None
