"""Monitors: the chance of a false alarm over all moments, alarms when the error rises, intervals at every moment.

In: series drawn from stated seeds. Out: alarms. Never: a look at one moment only.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from goldseam.stats import monitor
from goldseam.stats.risk import clopper_pearson
from goldseam.stats.votes import BadVotes


@pytest.mark.parametrize(("n", "wrong"), [(1, 0), (1, 1), (30, 3), (200, 5), (200, 40)])
def test_the_evidence_is_the_integral_that_the_documentation_states(n: int, wrong: int) -> None:
    bound = 0.1
    weight, _ = quad(lambda p: p**-0.5 * (1 - p) ** -0.5, bound, 1)
    stake, _ = quad(lambda p: p ** (wrong - 0.5) * (1 - p) ** (n - wrong - 0.5), bound, 1, epsabs=0)
    expected = stake / weight / (bound**wrong * (1 - bound) ** (n - wrong))
    assert float(monitor.e_value(n, wrong, bound)) == pytest.approx(expected, rel=1e-6)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.5))
def test_one_more_check_at_the_bound_changes_the_evidence_by_nothing_on_average(
    right: int, wrong: int, bound: float
) -> None:
    n = right + wrong
    now = float(monitor.e_value(n, wrong, bound))
    then = bound * float(monitor.e_value(n + 1, wrong + 1, bound)) + (1 - bound) * float(
        monitor.e_value(n + 1, wrong, bound)
    )
    assert then == pytest.approx(now, rel=1e-8)


def test_without_checks_there_is_no_evidence() -> None:
    assert float(monitor.e_value(0, 0, 0.05)) == pytest.approx(1.0)
    assert monitor.watch([], error=0.05) == monitor.Watch(0, 0, 1.0, None, 0.0, 1.0)


@pytest.mark.slow
def test_looking_after_every_check_gives_false_alarms_no_more_often_than_promised() -> None:
    checks = np.random.default_rng(1).random((800, 1000)) < 0.05
    evidence = monitor.e_value(np.arange(1, 1001), np.cumsum(checks, axis=1), 0.05)
    assert (evidence >= 20).any(axis=1).mean() <= 0.05
    looked_once = np.cumsum(checks, axis=1)
    naive = [(looked_once[:, n - 1] / n - 1.645 * np.sqrt(0.05 * 0.95 / n) > 0.05).any() for n in range(50, 1001)]
    assert np.mean(naive) > 0.5  # what looking often does to a test made for one look


def test_an_error_that_doubles_is_found() -> None:
    rng = np.random.default_rng(2)
    found = [monitor.watch(rng.random(1000) < 0.12, error=0.05).alarm_at for _ in range(50)]
    assert all(alarm is not None for alarm in found)
    assert np.median([alarm for alarm in found if alarm is not None]) < 250


def test_an_alarm_is_not_taken_back() -> None:
    series = [1] * 10 + [0] * 5000
    found = monitor.watch(series, error=0.05)
    assert found.broken
    assert found.alarm_at is not None
    assert found.alarm_at <= 10


def test_the_interval_holds_at_every_moment_at_once() -> None:
    rate = 0.2
    checks = np.random.default_rng(3).random((400, 300)) < rate
    n = np.arange(1, 301)
    low, high = monitor.interval(np.broadcast_to(n, checks.shape), np.cumsum(checks, axis=1))
    assert ((rate < low) | (rate > high)).any(axis=1).mean() <= 0.05


@pytest.mark.parametrize(("n", "wrong"), [(1, 0), (10, 10), (50, 3), (1000, 100)])
def test_the_interval_contains_the_one_that_may_be_looked_at_once_only(n: int, wrong: int) -> None:
    low, high = monitor.interval(n, wrong)
    once = clopper_pearson(wrong, n)
    assert low <= once.low <= once.high <= high


def test_nonsense_is_refused() -> None:
    for wrong_way in (
        lambda: monitor.e_value(3, 4, 0.05),
        lambda: monitor.e_value(3, -1, 0.05),
        lambda: monitor.e_value(3, 1, 1.0),
        lambda: monitor.watch([0, 2], error=0.05),
        lambda: monitor.interval(3, 1, alpha=0.0),
    ):
        with pytest.raises(BadVotes):
            wrong_way()
