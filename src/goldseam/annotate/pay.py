"""Pay: what answers earn, by rates of money in whole minor units; a statement's life is a table.

In: answers with their time, tier and purpose; rates; the policy. Out: what they earn. Never: a float of money, a rate
guessed where none was set, an answer paid twice (the store's unique key keeps that).

Rounding: what one person earns at one rate in one statement is summed exactly, as a fraction, and rounded once, half to
even, to the minor unit (cents). An answer paid by the hour counts its seconds, but at most `idle_seconds` of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import BadPolicy, BadValue, NotReady
from goldseam.vocab.people import AnnotatorId

SECONDS_OF_HOUR = 3_600
MICROSECONDS = 1_000_000
MOST_MINOR = 10**12
"""A rate is at most this many minor units: beyond it somebody mistyped."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is paid for, in which currency; by default every answer that was asked for.

    `minor_digits` says how many decimals an amount has (2 for cents). `idle_seconds` caps the time that one answer is paid for.
    """

    currency: str = "EUR"
    minor_digits: int = 2
    idle_seconds: float = 300.0
    surplus: bool = True
    gold: bool = True
    calibration: bool = True
    qualification: bool = True

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise BadPolicy(f"currency is a code of three capital letters, like EUR; got {self.currency!r}.")
        if not 0 <= self.minor_digits <= 4:
            raise BadPolicy(f"minor_digits lies between 0 and 4; got {self.minor_digits}.")
        if not 1 <= self.idle_seconds <= 86_400:
            raise BadPolicy(f"idle_seconds lies between 1 and 86,400; got {self.idle_seconds}.")


class Per(StrEnum):
    """What a rate is paid for."""

    ANSWER = "answer"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Rate:
    """An amount in minor units for each answer or hour, from a time on: of one person, of a tier, or of the whole project."""

    id: str
    per: Per
    amount: int
    currency: str
    since: datetime
    tier: int | None = None
    annotator: AnnotatorId | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MOST_MINOR:
            raise BadValue(f"A rate is a whole number of minor units from 0 to {MOST_MINOR:,}; got {self.amount:,}.")
        if self.tier is not None and self.annotator is not None:
            raise BadValue("A rate is for one person, for a tier, or for the whole project: name one of them at most.")


@dataclass(frozen=True, slots=True)
class Work:
    """One answer that was given: `tier` is None for an item that took no route."""

    id: str
    annotator: AnnotatorId
    at: datetime
    purpose: Purpose
    surplus: bool
    tier: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class PayLine:
    """What one rate came to: answers, their time after the cap, and the amount in minor units."""

    rate: str
    per: Per
    rate_amount: int
    n_answers: int
    seconds: float
    amount: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What some answers earn: the lines, those that count, and how many stay unpaid because no rate is set for their time."""

    lines: tuple[PayLine, ...]
    paid: tuple[str, ...]
    n_without_rate: int

    @property
    def amount(self) -> int:
        """The sum in minor units."""
        return sum(line.amount for line in self.lines)


class PayState(StrEnum):
    """Where a statement stands."""

    OPEN = "open"
    APPROVED = "approved"
    HELD = "held"
    PAID = "paid"


class PayEvent(StrEnum):
    """What can happen to a statement."""

    APPROVE = "approve"
    HOLD = "hold"
    PAY = "pay"


_S, _E = PayState, PayEvent

TABLE: Mapping[tuple[PayState, PayEvent], PayState] = MappingProxyType(
    {
        (_S.OPEN, _E.APPROVE): _S.APPROVED,
        (_S.OPEN, _E.HOLD): _S.HELD,
        (_S.HELD, _E.APPROVE): _S.APPROVED,
        (_S.APPROVED, _E.HOLD): _S.HELD,
        (_S.APPROVED, _E.PAY): _S.PAID,
    }
)
"""Every move there is: what was paid stays paid."""


def after(state: PayState, event: PayEvent) -> PayState:
    """Return the state that follows.

    Raises
    ------
    NotReady
        If the event cannot happen in this state; the message says what can.
    """
    found = TABLE.get((state, event))
    if found is None:
        possible = ", ".join(sorted(said.value for known, said in TABLE if known is state)) or "nothing"
        raise NotReady(f"This statement is {state.value}, so {event.value!r} cannot happen; possible: {possible}.")
    return found


def counts(work: Work, policy: Policy) -> bool:
    """Return whether the policy pays for an answer."""
    if work.surplus and not policy.surplus:
        return False
    match work.purpose:
        case Purpose.GOLD:
            return policy.gold
        case Purpose.CALIBRATION:
            return policy.calibration
        case Purpose.QUALIFICATION:
            return policy.qualification
        case _:
            return True


def tells_gold(rates: Iterable[Rate], policy: Policy) -> bool:
    """Return whether an amount that is shown after each answer would tell which items are gold: unpaid, or without a tier."""
    return not policy.gold or any(one.tier is not None for one in rates)


def rate_for(work: Work, rates: Sequence[Rate]) -> Rate | None:
    """Return the rate that an answer is paid at: the person's own before the tier's before the project's; of these the newest.

    A rate holds for answers given at its time or later; of two from the same time the one that was set last (the larger id)
    holds.
    """
    own = [one for one in rates if one.since <= work.at and one.annotator in {None, work.annotator}]
    fits = [one for one in own if one.tier is None or one.tier == work.tier]
    return max(
        fits,
        key=lambda one: (one.annotator is not None, one.tier is not None, one.since, one.id),
        default=None,
    )


def earned(done: Iterable[Work], rates: Sequence[Rate], policy: Policy) -> Earned:
    """Return what answers of one person earn."""
    groups: dict[str, list[Work]] = {}
    known = {one.id: one for one in rates}
    n_without = 0
    for work in done:
        if not counts(work, policy):
            continue
        rate = rate_for(work, rates)
        if rate is None:
            n_without += 1
        else:
            groups.setdefault(rate.id, []).append(work)
    lines = tuple(_line(known[name], groups[name], policy) for name in sorted(groups))
    return Earned(lines, tuple(work.id for name in sorted(groups) for work in groups[name]), n_without)


def _line(rate: Rate, works: Sequence[Work], policy: Policy) -> PayLine:
    capped = sum(round(min(work.seconds, policy.idle_seconds) * MICROSECONDS) for work in works)
    match rate.per:
        case Per.ANSWER:
            amount = rate.amount * len(works)
        case Per.HOUR:
            # round() of a fraction rounds half to even, exactly.
            amount = round(Fraction(rate.amount * capped, SECONDS_OF_HOUR * MICROSECONDS))
    return PayLine(rate.id, rate.per, rate.amount, len(works), capped / MICROSECONDS, amount)


def shown(amount: int, minor_digits: int) -> str:
    """Return an amount in minor units as a decimal number.

    Examples
    --------
    >>> shown(12305, 2)
    '123.05'
    """
    return str(Decimal(amount).scaleb(-minor_digits))


def in_minor(text: str, minor_digits: int) -> int:
    """Return a decimal number as minor units.

    Raises
    ------
    BadValue
        If it is no number, is below 0, or has more decimals than the currency.

    Examples
    --------
    >>> in_minor("0.05", 2)
    5
    """
    try:
        scaled = Decimal(text).scaleb(minor_digits)
        whole = int(scaled)
    except (ArithmeticError, ValueError) as error:
        raise BadValue(f"An amount is a number like 12.50; got {text[:40]!r}.") from error
    if scaled != whole or whole < 0 or whole > MOST_MINOR:
        raise BadValue(f"An amount is 0 or more and has at most {minor_digits} decimals; got {text[:40]!r}.")
    return whole


def per_label(amount: int, n_settled: int) -> Fraction | None:
    """Return what a settled label cost, in minor units; None where none is settled."""
    return Fraction(amount, n_settled) if n_settled else None
