"""Times: when a job is next due, by its five fields, in UTC.

In: five fields, a moment. Out: the next moment. Never: a guess about fields that mean nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from goldseam.vocab.errors import BadPolicy


def next_time(fields: str, after: datetime) -> datetime:
    """Return the first moment after this one that the fields name.

    Raises
    ------
    BadPolicy
        If they name none, like the 30th of February.
    """
    try:
        return next(CronSim(fields, after.astimezone(UTC)))
    except (CronSimError, StopIteration):
        raise BadPolicy(f"The schedule {fields!r} names no time that ever comes.") from None
