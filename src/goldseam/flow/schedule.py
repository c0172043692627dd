"""Schedule: when the worker does what nobody has to be there for, as the project file says it.

In: five fields of minute, hour, day, month and weekday, in UTC. Out: a frozen `Schedule`. Never: a clock; when a time comes, the
worker knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from goldseam.vocab.errors import BadPolicy

FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
PART: Final = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
MOST_BACKUPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to run a round as far as it goes without a person, and when to back up.

    `backups` is the folder they go to, from the project's folder; the newest `keep` stay.
    """

    round: str | None = None
    backup: str | None = None
    backups: str = "backups"
    keep: int = 7

    def __post_init__(self) -> None:
        for name, said in (("round", self.round), ("backup", self.backup)):
            if said is not None:
                check_times(f"schedule.{name}", said)
        if not self.backups or "\0" in self.backups:
            raise BadPolicy("schedule.backups is the path of a folder.")
        if not 1 <= self.keep <= MOST_BACKUPS:
            raise BadPolicy(f"schedule.keep is from 1 to {MOST_BACKUPS}; got {self.keep}.")


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
            f'{name} has five fields: minute, hour, day, month, weekday, like "0 3 * * *" for 3:00 UTC every day; got {said!r}.'
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
