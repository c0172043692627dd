"""Rest: days, sittings, and who tires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.rest import PerDay, Rest, Workload, advice, after_answer, day_of, fatigue, left, opens_at, zone
from goldseam.vocab.errors import BadPolicy

NOW = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def done(n: int, seconds: float = 0.0, *, day: int | None = None) -> Workload:
    return Workload(day_of(NOW, UTC) if day is None else day, n, seconds, NOW - timedelta(minutes=5), NOW)


def test_a_day_begins_at_midnight_where_the_project_says_also_when_the_clocks_change():
    # At 01:00 UTC of this night Berlin's clocks go forward: its midnight is at 23:00 before, and at 22:00 after.
    assert opens_at(done(3, day=day_of(NOW, BERLIN)), 0, NOW, BERLIN, PerDay(3)) == datetime(
        2027, 3, 28, 22, tzinfo=UTC
    )
    assert opens_at(done(3), 0, NOW, UTC, PerDay(3)) == datetime(2027, 3, 29, tzinfo=UTC)


def test_what_is_in_hand_counts_and_yesterday_does_not():
    assert opens_at(done(2), 1, NOW, UTC, PerDay(3)) is not None
    assert opens_at(done(9, day=day_of(NOW, UTC) - 1), 0, NOW, UTC, PerDay(3)) is None
    assert left(done(1), 1, NOW, UTC, PerDay(5)) == 3
    assert left(done(1), 1, NOW, UTC, PerDay(minutes=5)) is None


def test_minutes_are_bounded_too():
    assert opens_at(done(1, 299), 0, NOW, UTC, PerDay(minutes=5)) is None
    assert opens_at(done(1, 300), 0, NOW, UTC, PerDay(minutes=5)) is not None


@given(st.lists(st.tuples(st.integers(1, 7_200), st.integers(0, 60)), min_size=1, max_size=30))
def test_a_sitting_begins_anew_after_a_pause_and_the_days_answers_add_up(steps):
    rest, now, found, answers = Rest(50, 10), NOW, None, []
    for gap, seconds in steps:
        now += timedelta(seconds=gap)
        answers.append((now, seconds))
        found = after_answer(found, now, seconds, UTC, rest)
    assert found is not None
    assert found.n == sum(day_of(at, UTC) == found.day for at, _ in answers)
    assert found.seconds == sum(seconds for at, seconds in answers if day_of(at, UTC) == found.day)
    begins = [at - timedelta(seconds=seconds) for at, seconds in answers]
    starts = [begins[0]] + [
        begin
        for begin, (before, _) in zip(begins[1:], answers, strict=False)
        if begin - before >= timedelta(minutes=10)
    ]
    assert found.since == starts[-1]


def test_whoever_slows_down_tires_by_their_own_measure():
    steady, slower = [4.0] * 40, [4.0] * 20 + [7.0] * 20
    assert not fatigue(steady).tires
    assert fatigue(slower).slower == pytest.approx(1.75)
    assert fatigue(slower).tires
    assert fatigue(slower[:39]).slower is None  # too few to tell
    assert fatigue(steady, [True] * 20 + [True] * 14 + [False] * 6).tires
    assert not fatigue(steady, [True] * 38 + [False] * 2).tires


def test_advice_comes_with_a_long_sitting_or_with_slow_answers_and_only_where_it_is_asked_for():
    long = Workload(day_of(NOW, UTC), 9, 600.0, NOW - timedelta(minutes=55), NOW)
    assert advice(long, [], NOW, Rest()) is not None
    assert advice(long, [], NOW, None) is None
    assert advice(done(9), [4.0] * 20 + [9.0] * 20, NOW, Rest()) is not None
    assert advice(done(9), [4.0] * 40, NOW, Rest()) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "", "utc\n"])
def test_a_time_zone_that_is_none_is_refused(name):
    with pytest.raises(BadPolicy, match="Europe/Berlin"):
        zone(name)


@pytest.mark.parametrize("wrong", [{}, {"tasks": 0}, {"minutes": 0.0}, {"minutes": 2_000.0}])
def test_a_bound_of_the_day_is_sensible(wrong):
    with pytest.raises(BadPolicy, match=r"annotate\.per_day"):
        PerDay(**wrong)


@pytest.mark.parametrize("wrong", [{"after_minutes": 0.0}, {"for_minutes": 0.0}])
def test_a_rest_is_sensible(wrong):
    with pytest.raises(BadPolicy, match=r"annotate\.rest"):
        Rest(**wrong)
