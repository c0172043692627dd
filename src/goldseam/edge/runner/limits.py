"""Limits: how often somebody may try a secret, and how often anybody may call.

In: logins, addresses, times. Out: leave, or how long to wait. Never: an account that a stranger's tries keep locked for long, or
a try that was not counted before it was looked at.

Tries are counted in the database under three keys: login and address together, the login, the address. The pair is strict,
with delays that grow to a quarter of an hour; the login alone never waits longer than a minute, however many strangers guess.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from goldseam.edge import keys
from goldseam.edge.runner.world import World
from goldseam.edge.store import access as rows
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import TooManyCalls, TooManyTries

MAX_DOUBLINGS = 20
HASHING_AT_ONCE = 4
HASHING_SECONDS = 5.0
CALLS_PER_SECOND = 200.0
CALLS_AT_ONCE = 1_000
KEPT = 20_000
"""Callers remembered at most; then those who may call freely again are forgotten."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Tries that are free, the wait after these, which doubles up to the longest, and how soon one try is forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    forgets: timedelta

    def still(self, n: int, at: datetime, now: datetime) -> int:
        """Return how many of n tries count now, when the newest was made at `at`."""
        return max(0, n - max(timedelta(0), now - at) // self.forgets)

    def wait(self, n: int, at: datetime, now: datetime) -> timedelta:
        """Return how long to wait before the next try; a clock that was put back makes it no longer than it ever is."""
        counted = self.still(n, at, now)
        if counted < self.free:
            return timedelta(0)
        doubled: timedelta = self.first * 2 ** min(counted - self.free, MAX_DOUBLINGS)
        delay = min(self.longest, doubled)
        return max(timedelta(0), min(at, now) + delay - now)


PAIR = Limit(10, timedelta(seconds=30), timedelta(minutes=15), timedelta(minutes=15))
LOGIN = Limit(30, timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=1))
ADDRESS = Limit(50, timedelta(seconds=1), timedelta(minutes=15), timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was counted, under each key by its limit; `pair` is the one that a success wipes out."""

    limits: Mapping[str, Limit]
    pair: str | None


def begin(world: World, login: str, address: str) -> Attempt:
    """Count a try before it is looked at; whoever tries many at once gains nothing.

    Raises
    ------
    TooManyTries
        If one has to wait; `fields["retry_after"]` says how many seconds. Such a try is not counted.
    """
    attempt = _attempt(login.strip().lower(), network_of(address))
    now = world.clock.now()

    def save(tx: Tx) -> timedelta:
        rows.drop_old(tx, now)
        before = rows.failed(tx, tuple(attempt.limits), now)
        wait = max(limit.wait(*before[key], now) for key, limit in attempt.limits.items())
        if not wait:
            for key, limit in attempt.limits.items():
                rows.set_failed(tx, key, limit.still(*before[key], now) + 1, now)
        return wait

    wait = world.store.write(save) if attempt.limits else timedelta(0)
    if wait:
        raise too_many("Too many tries failed", wait.total_seconds())
    return attempt


def went_well(world: World, attempt: Attempt) -> None:
    """Take a try back that did not fail, and forget the failed ones of this login from this address."""
    if not attempt.limits:
        return
    now = world.clock.now()

    def save(tx: Tx) -> None:
        rows.take_back(tx, [key for key in attempt.limits if key != attempt.pair])
        if attempt.pair is not None:
            rows.set_failed(tx, attempt.pair, 0, now)

    world.store.write(save)


def too_many(what: str, seconds: float) -> TooManyTries:
    """Return the error that says how long to wait."""
    whole = max(1, -int(-seconds // 1))
    return TooManyTries(f"{what}; try again in {_time(whole)}.", retry_after=whole)


def network_of(address: str) -> str:
    """Return what one client cannot change at will: an IPv4 address, or the first half of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False).network_address)


def _attempt(login: str, network: str) -> Attempt:
    counted: dict[str, Limit] = {}
    pair = None
    if network:
        counted[keys.token_hash(f"address\n{network}")] = ADDRESS
    if login:
        pair = keys.token_hash(f"pair\n{network}\n{login}")
        counted |= {keys.token_hash(f"login\n{login}"): LOGIN, pair: PAIR}
    return Attempt(MappingProxyType(counted), pair)


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} minutes"


_HASHING = threading.BoundedSemaphore(HASHING_AT_ONCE)


@contextmanager
def hashing() -> Iterator[None]:
    """Hash a password while few others do: each takes 64 MB and a processor.

    Raises
    ------
    TooManyTries
        If too many others wait already.
    """
    if not _HASHING.acquire(timeout=HASHING_SECONDS):
        raise too_many("Too many people sign in at this moment", HASHING_SECONDS)
    try:
        yield
    finally:
        _HASHING.release()


@dataclass(slots=True)
class Calls:
    """How often each caller may call one server process: so many a second, and some more at once after a rest."""

    per_second: float = CALLS_PER_SECOND
    at_once: int = CALLS_AT_ONCE
    _due: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.per_second < math.inf or self.at_once < 1:
            raise ValueError(f"Calls per second are above 0 and at least one at once; got {self.per_second:g}.")

    def count(self, caller: str, seconds: float) -> None:
        """Count a call at a time of any steady clock.

        Raises
        ------
        TooManyCalls
            If the caller has to wait; `fields["retry_after"]` says how many seconds.
        """
        due = max(self._due.get(caller, seconds), seconds)
        over = due - seconds - (self.at_once - 1) / self.per_second
        if over > 1e-9:
            whole = max(1, -int(-over // 1))
            raise TooManyCalls(
                f"More than {self.per_second:g} calls a second; send more in one call, or try again in {whole} s.",
                retry_after=whole,
            )
        if len(self._due) >= KEPT:
            self._due = {name: when for name, when in self._due.items() if when > seconds}
        self._due[caller] = due + 1 / self.per_second
