"""How often one may try, and call: laws of the waits, and tries that are counted before they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.runner import limits, people
from goldseam.edge.runner.limits import ADDRESS, LOGIN, PAIR, Calls, Limit
from goldseam.edge.runner.world import World
from goldseam.testing.clock import START, FakeClock
from goldseam.vocab.errors import NotSignedIn, TooManyCalls, TooManyTries
from tests.walk import story

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LIMITS = st.sampled_from([PAIR, LOGIN, ADDRESS])
SECONDS = st.integers(-10_000_000, 10_000_000).map(lambda s: timedelta(seconds=s))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    with story.opened(tmp_path, clock) as opened:
        yield opened


def refused(world: World, login: str, address: str) -> int:
    """How many seconds to wait; 0 if the try was taken (it then counts as failed)."""
    try:
        limits.begin(world, login, address)
    except TooManyTries as error:
        return int(str(error.fields["retry_after"]))
    return 0


@given(LIMITS, st.integers(0, 10_000), SECONDS)
def test_a_wait_is_never_longer_than_the_longest_whatever_the_clock_does(
    limit: Limit, n: int, passed: timedelta
) -> None:
    assert timedelta(0) <= limit.wait(n, START, START + passed) <= limit.longest


@given(LIMITS, st.integers(0, 200), st.integers(0, 10_000))
def test_more_failed_tries_never_wait_less_and_more_time_never_waits_longer(limit: Limit, n: int, passed: int) -> None:
    now = START + timedelta(seconds=passed)
    assert limit.wait(n, START, now) <= limit.wait(n + 1, START, now)
    assert limit.wait(n, START, now + timedelta(seconds=1)) <= limit.wait(n, START, now)


@given(LIMITS, st.integers(0, 200))
def test_after_the_wait_the_next_try_is_taken(limit: Limit, n: int) -> None:
    now = START + limit.wait(n, START, START)
    assert limit.wait(n, START, now) == timedelta(0)


def test_the_wait_doubles_with_each_failed_try(world: World, clock: FakeClock) -> None:
    assert [refused(world, "ann", HERE) for _ in range(PAIR.free)] == [0] * PAIR.free
    waits = []
    for _ in range(6):
        waits.append(refused(world, "ann", HERE))
        clock.advance(timedelta(seconds=waits[-1]))
        assert refused(world, "ann", HERE) == 0
    assert waits == [30, 60, 120, 240, 480, 900]


def test_a_refused_try_does_not_make_the_wait_longer(world: World) -> None:
    for _ in range(PAIR.free):
        refused(world, "ann", HERE)
    assert [refused(world, "ann", HERE) for _ in range(5)] == [30] * 5


def test_a_stranger_cannot_lock_somebody_out_from_elsewhere(world: World, clock: FakeClock) -> None:
    for _ in range(200):
        refused(world, "ann", HERE)
        clock.advance(timedelta(seconds=1))
    assert refused(world, "ann", HERE) > 0
    assert refused(world, "ann", ELSEWHERE) == 0


def test_many_strangers_delay_a_login_by_a_minute_at_most(world: World) -> None:
    taken = [refused(world, "ann", f"203.0.113.{n}") == 0 for n in range(200)]
    assert sum(taken) == LOGIN.free
    assert 0 < refused(world, "ann", ELSEWHERE) <= 60


def test_one_address_cannot_try_one_password_on_everybody(world: World) -> None:
    taken = [refused(world, f"person{n}", HERE) == 0 for n in range(ADDRESS.free + 20)]
    assert sum(taken) == ADDRESS.free
    assert refused(world, "person1", ELSEWHERE) == 0


def test_an_address_is_what_a_client_cannot_change_at_will() -> None:
    assert limits.network_of("2001:db8:1:2:3:4:5:6") == limits.network_of("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert limits.network_of("::ffff:192.0.2.1") == limits.network_of("192.0.2.1") == "192.0.2.1"
    assert limits.network_of("192.0.2.1") != limits.network_of("192.0.2.2")
    assert limits.network_of("fe80::1%eth0") == "fe80::"
    assert limits.network_of("testclient") == "testclient"


def test_many_tries_at_once_are_counted_before_any_is_looked_at(world: World) -> None:
    with ThreadPoolExecutor(32) as pool:
        taken = list(pool.map(lambda _: refused(world, "ann", HERE) == 0, range(64)))
    assert sum(taken) == PAIR.free


def test_a_sign_in_that_went_well_forgets_what_failed_before(world: World) -> None:
    for _ in range(PAIR.free * 4):
        limits.went_well(world, limits.begin(world, "ann", HERE))
    for _ in range(PAIR.free - 1):
        limits.begin(world, "ann", HERE)
    limits.went_well(world, limits.begin(world, "Ann ", HERE))
    assert refused(world, "ann", HERE) == 0


def test_a_restart_forgets_no_failed_try(tmp_path: Path) -> None:
    clock = FakeClock()
    for _ in range(PAIR.free):
        with story.opened(tmp_path, clock) as world:
            assert refused(world, "ann", HERE) == 0
    with story.opened(tmp_path, clock) as world:
        assert refused(world, "ann", HERE) > 0


def test_wrong_codes_are_limited_by_address(world: World) -> None:
    for _ in range(ADDRESS.free):
        with pytest.raises(NotSignedIn):
            people.sign_in_by_code(world, "made-up", HERE)
    with pytest.raises(TooManyTries):
        people.sign_in_by_code(world, "made-up", HERE)
    with pytest.raises(NotSignedIn):
        people.sign_in_by_code(world, "made-up", ELSEWHERE)


def test_no_login_and_no_address_stands_in_the_table_of_tries(world: World, clock: FakeClock, tmp_path: Path) -> None:
    refused(world, "ann-of-somewhere", HERE)
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("goldseam.db*"))
    assert b"ann-of-somewhere" not in held
    assert HERE.encode() not in held


# --- calls a second ---


def allowed(calls: Calls, caller: str, seconds: float) -> bool:
    try:
        calls.count(caller, seconds)
    except TooManyCalls:
        return False
    return True


@given(st.floats(0.5, 100), st.integers(1, 50), st.lists(st.floats(0, 2, allow_nan=False), min_size=1, max_size=200))
def test_no_stretch_of_time_holds_more_calls_than_allowed(per_second: float, at_once: int, gaps: list[float]) -> None:
    calls, now, taken = Calls(per_second, at_once), 1_000.0, []
    for gap in gaps:
        now += gap
        if allowed(calls, "ann", now):
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= at_once + (taken[last] - taken[first]) * per_second + 1e-3


def test_a_caller_who_asks_no_faster_than_allowed_is_never_refused() -> None:
    calls = Calls(10, 1)
    assert all(allowed(calls, "ann", 5 + n / 10) for n in range(1_000))


def test_each_caller_has_a_count_of_its_own_and_a_refusal_says_how_long() -> None:
    calls = Calls(2, 3)
    assert [allowed(calls, "ann", 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert allowed(calls, "bob", 0.0)
    with pytest.raises(TooManyCalls) as caught:
        calls.count("ann", 0.0)
    assert caught.value.fields == {"retry_after": 1}


def test_callers_who_rested_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT", 10)
    calls = Calls(1, 1)
    for n in range(100):
        calls.count(f"caller{n}", n * 2.0)
    assert len(calls._due) <= 11


@pytest.mark.parametrize("per_second", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_no_number_above_0_is_refused(per_second: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Calls(per_second)
