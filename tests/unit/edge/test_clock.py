"""Time is UTC, and chance can be written down and replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from goldseam.edge.clock import SEED_BITS, Clock, SystemClock
from goldseam.testing.clock import START, FakeClock


def test_the_system_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_a_seed_draws_the_same_numbers_again(clock: Clock) -> None:
    seed = clock.seed()
    assert clock.rng(seed).random(4).tolist() == clock.rng(seed).random(4).tolist()
    assert clock.rng(seed).random() != clock.rng(clock.seed()).random()


def test_seeds_are_fresh_and_fit_a_signed_64_bit_integer() -> None:
    seeds = {SystemClock().seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**SEED_BITS for seed in seeds)


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(first_seed=7)
    assert clock.now() == clock.now() == START
    assert clock.advance(timedelta(minutes=2)) == clock.now() == START + timedelta(minutes=2)
    assert (clock.seed(), clock.seed()) == (7, 8)
