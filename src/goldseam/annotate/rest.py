"""Rest: how much somebody has worked today and in one sitting, whether there is more for them today, and whether they tire.

In: what they did so far, the policy, the time. Out: `Workload`, when the day opens again, advice. Never: a clock, or a rest
that is forced: only the day's bound is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from statistics import median
from zoneinfo import ZoneInfo

from goldseam.vocab.errors import BadPolicy

ZONE = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*")
RECENT = 20
"""Answers at the end of a sitting that are held against those before."""
SLOWER, LESS_AGREED = 1.5, 0.15
"""Somebody tires who takes this many times as long as before, or agrees this much less with others."""


@dataclass(frozen=True, slots=True)
class PerDay:
    """How many answers, or minutes of answering, a person gives a day at most."""

    tasks: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if self.tasks is None and self.minutes is None:
            raise BadPolicy("annotate.per_day has tasks, minutes, or both.")
        if self.tasks is not None and self.tasks < 1:
            raise BadPolicy(f"annotate.per_day.tasks is at least 1; got {self.tasks}.")
        if self.minutes is not None and not 0 < self.minutes <= 1_440:
            raise BadPolicy(f"annotate.per_day.minutes lies above 0 and up to 1,440; got {self.minutes}.")


@dataclass(frozen=True, slots=True)
class Rest:
    """A rest of `for_minutes` is advised after `after_minutes` of work without one."""

    after_minutes: float = 50.0
    for_minutes: float = 10.0

    def __post_init__(self) -> None:
        if not 1 <= self.after_minutes <= 1_440:
            raise BadPolicy(f"annotate.rest.after_minutes lies between 1 and 1,440; got {self.after_minutes}.")
        if not 1 <= self.for_minutes <= 1_440:
            raise BadPolicy(f"annotate.rest.for_minutes lies between 1 and 1,440; got {self.for_minutes}.")


@dataclass(frozen=True, slots=True)
class Workload:
    """What somebody did: answers and seconds on `day` (a date's ordinal), and one sitting from `since` to `last`."""

    day: int
    n: int
    seconds: float
    since: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Advice:
    """Why a rest would do good now, and how long a one."""

    text: str
    for_minutes: float


def zone(name: str) -> tzinfo:
    """Return the time zone of this name; raises `BadPolicy` if there is none."""
    if name == "UTC":
        return UTC
    refused = BadPolicy(
        f"annotate.time_zone is a name like Europe/Berlin, or UTC; this machine knows no {name[:80]!r}."
    )
    if not ZONE.fullmatch(name):
        raise refused
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise refused from error


def day_of(now: datetime, zone: tzinfo) -> int:
    """Return the day on which this moment falls there."""
    return now.astimezone(zone).date().toordinal()


def after_answer(before: Workload | None, now: datetime, seconds: float, zone: tzinfo, rest: Rest | None) -> Workload:
    """Return what somebody has done once they answered at `now`, which took `seconds`.

    Another sitting begins after a pause as long as a rest; without a policy of rests, one of ten minutes.
    """
    day = day_of(now, zone)
    began = now - timedelta(seconds=seconds)
    if before is None:
        return Workload(day, 1, seconds, began, now)
    pause = timedelta(minutes=(rest or Rest()).for_minutes)
    since = before.since if began - before.last < pause else began
    if day != before.day:
        return Workload(day, 1, seconds, since, now)
    return replace(before, n=before.n + 1, seconds=before.seconds + seconds, since=since, last=now)


def opens_at(
    done: Workload | None, holding: int, now: datetime, zone: tzinfo, per_day: PerDay | None
) -> datetime | None:
    """Return when somebody may ask for more, if the day's bound is reached; None if they may now.

    `holding` is what they have in hand: it will be answers soon.
    """
    if per_day is None:
        return None
    here = done if done is not None and done.day == day_of(now, zone) else None
    n, seconds = (here.n, here.seconds) if here is not None else (0, 0.0)
    full = per_day.tasks is not None and n + holding >= per_day.tasks
    spent = per_day.minutes is not None and seconds >= per_day.minutes * 60
    if not (full or spent):
        return None
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def left(done: Workload | None, holding: int, now: datetime, zone: tzinfo, per_day: PerDay | None) -> int | None:
    """Return how many more answers the day's bound allows; None for any number."""
    if per_day is None or per_day.tasks is None:
        return None
    n = done.n if done is not None and done.day == day_of(now, zone) else 0
    return max(per_day.tasks - n - holding, 0)


def advice(done: Workload | None, recent: Sequence[float], now: datetime, rest: Rest | None) -> Advice | None:
    """Return whether a rest would do good: after so long a sitting, or when somebody has become slow in it.

    `recent` are the seconds that their last answers of this sitting took, oldest first.
    """
    if rest is None or done is None or now - done.last >= timedelta(minutes=rest.for_minutes):
        return None
    worked = (now - done.since) / timedelta(minutes=1)
    if worked >= rest.after_minutes:
        text = f"You have worked for {worked:.0f} minutes: a rest of {rest.for_minutes:.0f} minutes would do good."
        return Advice(text, rest.for_minutes)
    if fatigue(recent).tires:
        return Advice("Your last answers took longer than those before: a short rest would do good.", rest.for_minutes)
    return None


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How the end of a sitting compares with what came before: times as slow, and agreement lost; None is not known."""

    slower: float | None
    less_agreed: float | None

    @property
    def tires(self) -> bool:
        """Whether either is more than chance would do on an ordinary day."""
        slow = self.slower is not None and self.slower >= SLOWER
        return slow or (self.less_agreed is not None and self.less_agreed >= LESS_AGREED)


def fatigue(seconds: Sequence[float], agreed: Sequence[bool] = ()) -> Fatigue:
    """Compare the last answers of a sitting with the person's own median before them.

    Parameters
    ----------
    seconds
        How long each answer took, oldest first.
    agreed
        Whether each agreed with what the others say, oldest first; only for those who may know that.
    """
    slower = None
    if len(seconds) >= 2 * RECENT and median(seconds[:-RECENT]) > 0:
        slower = median(seconds[-RECENT:]) / median(seconds[:-RECENT])
    less = None
    if len(agreed) >= 2 * RECENT:
        less = sum(agreed[:-RECENT]) / (len(agreed) - RECENT) - sum(agreed[-RECENT:]) / RECENT
    return Fatigue(slower, less)
