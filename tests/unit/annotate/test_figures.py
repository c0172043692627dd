"""One's own figures: measured from votes and gold, and told so rarely that gold cannot be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.figures import APART, GOLD_STEP, Own, measure, told
from goldseam.stats.votes import Votes

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OWN = Own(50, 12, 11, 0.65, 0.99, 80, 0.9, 3.0, 4.0)


def test_figures_are_those_of_a_table_counted_by_hand() -> None:
    item = np.array([0, 0, 0, 1, 1, 2], np.int32)
    who = np.array([0, 1, 2, 0, 1, 0], np.int32)
    label = np.array([0, 0, 1, 1, 1, 0], np.int32)
    votes = Votes(np.array([10, 11, 12]), np.array(["ann", "ben", "cleo"], object), ("neg", "pos"), item, who, label)
    names = np.array(["ann", "ann", "ann", "ben", "ben", "cleo"], object)
    found = measure(votes, {10: 0, 12: 1}, names, np.array([1.0, 2.0, 9.0, 4.0, 6.0, 8.0]))
    ann, cleo = found["ann"], found["cleo"]
    assert (ann.n_answers, ann.n_gold, ann.n_right, ann.gold) == (3, 2, 1, 0.5)
    assert (ann.n_compared, ann.agreement) == (3, 2 / 3)
    assert (ann.seconds, ann.seconds_all) == (2.0, 5.0)
    assert (cleo.agreement, cleo.gold) == (0.0, 0.0)
    assert ann.gold_low is not None
    assert ann.gold_high is not None
    assert ann.gold_low < 0.5 < ann.gold_high


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40)), max_size=60))
def test_accuracy_moves_on_by_many_gold_checks_at_once(walk: list[tuple[int, int]]) -> None:
    now, own, before, at = NOW, replace(OWN, n_gold=0, n_right=0), None, None
    for n_more, hours in walk:
        now += timedelta(hours=hours)
        own = replace(own, n_gold=own.n_gold + n_more, n_right=own.n_right + n_more, n_answers=own.n_answers + 1)
        fresh = told(own, before, at, now)
        if fresh is None:
            assert at is not None
            assert now < at + APART
            continue
        assert at is None or now >= at + APART
        shown = 0 if before is None else before.n_gold
        assert fresh.n_gold == shown or fresh.n_gold >= shown + GOLD_STEP
        assert fresh.n_answers == own.n_answers
        before, at = fresh, now


def test_a_few_gold_checks_are_not_told_at_all() -> None:
    first = told(replace(OWN, n_gold=9), None, None, NOW)
    assert first is not None
    assert (first.n_gold, first.gold, first.gold_low, first.agreement) == (0, None, None, 0.9)
