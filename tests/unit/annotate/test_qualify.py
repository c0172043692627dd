"""Onboarding's table, the draw of questions, the mark of a test, and what a promotion wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.qualify import (
    TABLE,
    Figures,
    Promotion,
    Qualify,
    Standing,
    Step,
    StepAct,
    StepEvent,
    StepState,
    after,
    check_may_begin,
    current,
    draw,
    falls_short,
    judged,
    keyed,
    standings,
)
from goldseam.flow.settings import settings_from_plain, settings_to_plain
from goldseam.vocab.errors import BadPolicy, NotReady

NOW = datetime(2026, 5, 1, tzinfo=UTC)
READ, TEST = Step(read="guideline"), Step(qualify=Qualify(questions=10, pass_mark=0.8, retries=1, wait_hours=2))
PLAIN = {"name": "moods", "schema": {"questions": [{"name": "mood", "labels": ["neg", "pos"]}]}}


@given(st.sampled_from(StepState), st.sampled_from(StepEvent))
def test_every_move_is_in_the_table_and_every_other_says_what_is_possible(state: StepState, event: StepEvent) -> None:
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
    else:
        with pytest.raises(NotReady, match="possible"):
            after(state, event)
    assert not [one for one, _ in TABLE if one is StepState.DONE]


def test_a_step_has_one_kind_and_a_file_says_it_so() -> None:
    for wrong in ({}, {"read": "guideline", "practice": 2}):
        with pytest.raises(BadPolicy, match="one of the keys"):
            settings_from_plain(PLAIN | {"onboarding": [wrong]})
    found = settings_from_plain(PLAIN | {"onboarding": [{"read": "guideline"}, {"qualify": {"questions": 3}}]})
    assert [step.kind for step in found.onboarding] == ["read", "qualify"]
    assert settings_from_plain(settings_to_plain(found)) == found
    with pytest.raises(BadPolicy, match="gold_rate to 0"):
        settings_from_plain(PLAIN | {"qualification": {"gold": True}})
    with pytest.raises(BadPolicy, match="small letters"):
        Qualify(skill="A skill")


def test_a_step_that_is_added_changes_no_other_s_key() -> None:
    before = keyed([READ, TEST])
    assert set(before) <= set(keyed([Step(practice=3), READ, Step(practice=4), TEST]))


def test_where_somebody_stands_follows_from_what_they_did() -> None:
    acts = [
        StepAct("read-1", StepEvent.FINISH, NOW),
        StepAct("gone-1", StepEvent.FINISH, NOW),
        StepAct("qualify-1", StepEvent.BEGIN, NOW),
        StepAct("qualify-1", StepEvent.FAIL, NOW),
    ]
    step = current(standings([READ, TEST], acts))
    assert step is not None
    assert (step.state, step.n_failed, step.tries_left) == (StepState.RESTING, 1, 1)
    with pytest.raises(NotReady, match="02:00"):
        check_may_begin(step, NOW + timedelta(hours=1))
    check_may_begin(step, NOW + timedelta(hours=2))
    done = [*acts, StepAct("qualify-1", StepEvent.BEGIN, NOW), StepAct("qualify-1", StepEvent.FINISH, NOW)]
    assert current(standings([READ, TEST], done)) is None


@pytest.mark.parametrize(
    ("n_right", "n_failed", "event"),
    [(8, 0, StepEvent.FINISH), (7, 0, StepEvent.FAIL), (7, 1, StepEvent.FAIL_FINALLY), (8, 5, StepEvent.FINISH)],
)
def test_a_test_is_passed_at_its_mark_and_failed_for_good_after_the_last_retry(
    n_right: int, n_failed: int, event: StepEvent
) -> None:
    assert judged(Standing("qualify-1", TEST, StepState.UNDER_WAY, NOW, n_failed), n_right, 10) is event


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 2**32))
def test_every_try_asks_fresh_questions_until_there_are_too_few(n_pool: int, n: int, seed: int) -> None:
    pool, asked, rng = np.arange(n_pool) * 3, set[int](), np.random.default_rng(seed)
    for _ in range(n_pool // n):
        drawn = draw(pool, asked, n, rng).tolist()
        assert len(set(drawn)) == n
        assert set(drawn) <= set(pool.tolist()) - asked
        asked |= set(drawn)
    with pytest.raises(NotReady, match=f"{n} questions are needed"):
        draw(pool, asked, n, rng)


def test_a_promotion_wants_every_figure() -> None:
    wanted = Promotion(answers=100, gold_low=0.9, agreement=0.8, weeks=2)
    good = {"n_answers": 100, "n_gold": 50, "gold_low": 0.9, "n_compared": 90, "agreement": 0.8, "weeks": 2.0}
    assert falls_short(Figures(**good), wanted) == ()  # type: ignore[arg-type]  # options by name
    worse = ({"n_answers": 99}, {"gold_low": 0.89}, {"gold_low": None}, {"agreement": None}, {"weeks": 1.9})
    for change in worse:
        assert len(falls_short(Figures(**good | change), wanted)) == 1  # type: ignore[arg-type]  # options by name


def test_no_bound_of_a_test_can_be_set_where_it_makes_no_sense() -> None:
    for wrong in ({"questions": 0}, {"pass_mark": 0}, {"pass_mark": 1.1}, {"retries": -1}, {"wait_hours": -1}):
        with pytest.raises(BadPolicy):
            settings_from_plain(PLAIN | {"onboarding": [{"qualify": wrong}]})
