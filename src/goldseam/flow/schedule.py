"""Schedule: when the worker does what nobody has to be there for, as the project file says it.

In: five fields of minute, hour, day, month and weekday, in UTC, or a word. Out: a frozen `Schedule`. Never: a clock;
when a time comes, the worker knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from goldseam.vocab.errors import BadPolicy

FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
PART: Final = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
MOST_BACKUPS: Final = 1000
MOST_DAYS: Final = 3650.0
WORDS: Final = {"hour": "17 * * * *", "day": "0 3 * * *", "week": "0 3 * * 1", "month": "0 3 1 * *"}
"""What may be said in place of five fields: at 17 minutes past, at 3:00 UTC, on Mondays, on the first."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to run a round as far as it goes without a person, and when to back up.

    `round` and `backup` are five fields, or hour, day, week or month. `close_after_days`: a round that has collected answers
    for so long goes on with those that were given; left out, it waits for all that are wanted. `backups` is the folder they
    go to, from the project's folder; the newest `keep` stay.
    """

    round: str | None = None
    close_after_days: float | None = None
    backup: str | None = None
    backups: str = "backups"
    keep: int = 7

    def __post_init__(self) -> None:
        for name, said in (("round", self.round), ("backup", self.backup)):
            if said is not None:
                times_of(f"schedule.{name}", said)
        days = self.close_after_days
        if days is not None and not 0 < days <= MOST_DAYS:
            raise BadPolicy(
                f"schedule.close_after_days is above 0 and at most {MOST_DAYS:g}, or left out; got {days:g}."
            )
        if not self.backups or "\0" in self.backups:
            raise BadPolicy("schedule.backups is the path of a folder.")
        if not 1 <= self.keep <= MOST_BACKUPS:
            raise BadPolicy(f"schedule.keep is from 1 to {MOST_BACKUPS}; got {self.keep}.")


def times_of(name: str, said: str) -> str:
    """Return the five fields that a word or five fields mean.

    Raises
    ------
    BadPolicy
        With the field that is wrong, and its range.
    """
    if said in WORDS:
        return WORDS[said]
    check_times(name, said)
    return said


def is_overdue(begun: datetime, now: datetime, close_after_days: float | None) -> bool:
    """Return whether a round whose items were drawn at `begun` has collected answers for as long as it may."""
    return close_after_days is not None and now - begun >= timedelta(days=close_after_days)


def check_times(name: str, said: str) -> None:
    """Refuse what are no five fields of a schedule.

    Raises
    ------
    BadPolicy
        With the field that is wrong, and its range.
    """
    fields = said.split()
    if len(fields) != len(FIELDS):
        raise BadPolicy(
            f'{name} has five fields: minute, hour, day, month, weekday, like "0 3 * * *" for 3:00 UTC every day, '
            f"or is one of {', '.join(WORDS)}; got {said!r}."
        )
    for field, (what, least, most) in zip(fields, FIELDS, strict=True):
        if not all(_fits(part, least, most) for part in field.split(",")):
            raise BadPolicy(
                f"{name}: the {what} {field!r} is not *, a number from {least} to {most}, a range, or a list."
            )


def _fits(part: str, least: int, most: int) -> bool:
    found = PART.fullmatch(part)
    if found is None:
        return False
    first, last, step = (None if one is None else int(one) for one in found.groups())
    if first is None:
        return step is None or step >= 1
    ends = first if last is None else last
    return least <= first <= ends <= most and (step is None or (step >= 1 and last is not None))
