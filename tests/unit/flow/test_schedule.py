"""A schedule is five fields that mean something; anything else is refused with the field that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.worker.times import next_time
from goldseam.flow.schedule import FIELDS, Schedule, is_overdue, times_of
from goldseam.vocab.errors import BadPolicy

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "then"),
    [
        ("0 3 * * *", datetime(2026, 5, 2, 3, tzinfo=UTC)),
        ("*/15 * * * *", datetime(2026, 5, 1, 12, 45, tzinfo=UTC)),
        ("0 8-17 * * 1-5", datetime(2026, 5, 1, 13, tzinfo=UTC)),
        ("30 12 * * *", datetime(2026, 5, 2, 12, 30, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_the_next_time_is_the_first_that_the_fields_name(fields: str, then: datetime) -> None:
    assert next_time(Schedule(round=fields).round or "", NOW) == then


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [("0 3 * *", "five fields"), ("60 3 * * *", "minute"), ("0 24 * * *", "hour"), ("0 0 0 * *", "day"), ("0 0 * 13 *", "month"),
     ("0 0 * * 8", "weekday"), ("5-2 * * * *", "minute"), ("*/0 * * * *", "minute"), ("x * * * *", "minute"), ("", "five fields"),
     ("5/2 * * * *", "minute"), ("1,,2 * * * *", "minute")],
)  # fmt: skip
def test_a_field_that_means_nothing_is_named(fields: str, wrong: str) -> None:
    with pytest.raises(BadPolicy, match=wrong):
        Schedule(backup=fields)


def field(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    ranges = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    steps = st.tuples(st.one_of(st.just("*"), ranges), st.integers(1, 99)).map(lambda two: f"{two[0]}/{two[1]}")
    return st.lists(st.one_of(st.just("*"), number.map(str), ranges, steps), min_size=1, max_size=3).map(",".join)


@given(st.tuples(*(field(least, most) for _, least, most in FIELDS[:2])).map(" ".join))
def test_whatever_the_project_file_may_say_the_worker_understands(two: str) -> None:
    fields = f"{two} * * *"
    assert next_time(Schedule(round=fields).round or "", NOW) > NOW


def test_a_day_that_never_comes_is_refused_where_it_is_reckoned() -> None:
    with pytest.raises(BadPolicy, match="no time that ever comes"):
        next_time("0 0 30 2 *", NOW)


@pytest.mark.parametrize(
    ("word", "then"),
    [
        ("hour", datetime(2026, 5, 1, 13, 17, tzinfo=UTC)),
        ("day", datetime(2026, 5, 2, 3, tzinfo=UTC)),
        ("week", datetime(2026, 5, 4, 3, tzinfo=UTC)),
        ("month", datetime(2026, 6, 1, 3, tzinfo=UTC)),
    ],
)
def test_a_word_may_stand_for_five_fields(word: str, then: datetime) -> None:
    assert next_time(times_of("schedule.round", Schedule(round=word).round or ""), NOW) == then


def test_another_word_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(BadPolicy, match="hour, day, week, month"):
        Schedule(round="fortnight")


@pytest.mark.parametrize("days", [0.0, -1.0, 4000.0])
def test_the_days_that_a_round_may_ask_for_are_above_none(days: float) -> None:
    with pytest.raises(BadPolicy, match="close_after_days"):
        Schedule(close_after_days=days)


def test_a_round_is_overdue_from_the_moment_that_its_time_is_over() -> None:
    begun = NOW - timedelta(days=2)
    assert is_overdue(begun, NOW, 2.0)
    assert not is_overdue(begun, NOW - timedelta(microseconds=1), 2.0)
    assert not is_overdue(begun, NOW + timedelta(days=999), None)
