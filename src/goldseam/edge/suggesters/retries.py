"""Retries: when something elsewhere that failed is asked again, and when that is given up.

In: what came, how often it was tried. Out: what was asked for, or one sentence. Never: a wait longer than the patience, or
longer than the other side asked for.
"""

from __future__ import annotations

import email.utils
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from goldseam.vocab.errors import Unreachable

T = TypeVar("T")

TRIES = 5
FIRST_WAIT = 1.0
PATIENCE = 120.0
"""Seconds that one item may wait in all; a run that stops here goes on where it was."""


@dataclass(frozen=True, slots=True)
class Later:
    """It failed in a way that passes; `wait` is how many seconds the other side asked for, if it did."""

    said: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long something is tried; sleeping and chance are given, so that tests need neither."""

    tries: int = TRIES
    seconds: float = PATIENCE
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def wait_after(n_tries: int, asked: float | None, chance: float) -> float:
    """Return the seconds to wait after the n-th try: what was asked for, or twice as long each time, half of it by chance."""
    if asked is not None:
        return max(asked, 0.0)
    return float(FIRST_WAIT * 2 ** min(n_tries - 1, 10) * (0.5 + 0.5 * chance))


def retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date; None for anything else."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - now
        except (TypeError, ValueError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def patiently(what: str, ask: Callable[[], T | Later], patience: Patience) -> T:
    """Ask, and ask again while it fails in a way that passes.

    Raises
    ------
    Unreachable
        If it still fails after so many tries, or would have to wait longer than there is patience for.
    """
    waited = 0.0
    for n_tries in range(1, patience.tries + 1):
        came = ask()
        if not isinstance(came, Later):
            return came
        wait = wait_after(n_tries, came.wait, patience.chance())
        if n_tries == patience.tries:
            raise Unreachable(f"{what} {came.said}, {n_tries} times. What it answered before is kept; run again later.")
        if waited + wait > patience.seconds:
            raise Unreachable(
                f"{what} {came.said}, and wants {math.ceil(wait):,} seconds of rest. What it answered before is kept; run "
                "again later."
            )
        waited += wait
        patience.sleep(wait)
    raise AssertionError("the last try returns or raises")
