"""Money: whole minor units, rounded once; the nearest rate; a statement's table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.annotate.pay import (
    TABLE,
    PayEvent,
    PayState,
    Per,
    Policy,
    Rate,
    Work,
    after,
    counts,
    earned,
    in_minor,
    per_label,
    rate_for,
    shown,
    tells_gold,
)
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import BadPolicy, BadValue, NotReady
from goldseam.vocab.people import AnnotatorId

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ANN = AnnotatorId("ann")
WORK = Work("w", ANN, T0, Purpose.LABEL, surplus=False, tier=1, seconds=30.0)
EACH = Rate("r1", Per.ANSWER, 5, "EUR", T0)


@given(st.sampled_from(PayState), st.sampled_from(PayEvent))
def test_what_was_paid_stays_paid_and_nothing_is_paid_without_approval(state: PayState, event: PayEvent) -> None:
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
        assert event is not PayEvent.PAY or state is PayState.APPROVED
        assert state is not PayState.PAID
    else:
        with pytest.raises(NotReady, match="possible"):
            after(state, event)


def test_a_person_s_rate_goes_before_a_tier_s_and_a_newer_one_before_an_older() -> None:
    newer = replace(EACH, id="r2", since=T0 + timedelta(days=1), amount=6)
    tier = replace(EACH, id="r3", tier=1, amount=7)
    own = replace(EACH, id="r4", annotator=ANN, amount=8)
    later = replace(WORK, at=T0 + timedelta(days=2))
    assert rate_for(WORK, [EACH, newer]) == EACH
    assert rate_for(later, [EACH, newer]) == newer
    assert rate_for(later, [EACH, newer, tier]) == tier
    assert rate_for(replace(later, tier=None), [EACH, newer, tier]) == newer
    assert rate_for(later, [EACH, newer, tier, own]) == own
    assert rate_for(replace(later, annotator=AnnotatorId("ben")), [tier, own]) == tier
    assert rate_for(replace(WORK, at=T0 - timedelta(seconds=1)), [EACH]) is None


@given(st.lists(st.floats(0, 1_000), min_size=1, max_size=50), st.integers(0, 10_000))
def test_an_hour_is_summed_exactly_and_rounded_once(seconds: list[float], amount: int) -> None:
    hour = replace(EACH, per=Per.HOUR, amount=amount)
    works = [replace(WORK, id=str(n), seconds=s) for n, s in enumerate(seconds)]
    found = earned(works, [hour], Policy(idle_seconds=300))
    capped = sum(round(min(s, 300.0) * 1_000_000) for s in seconds)
    exact = Fraction(amount * capped, 3_600_000_000)
    assert abs(found.amount - exact) <= Fraction(1, 2)
    assert found.amount == earned(works[::-1], [hour], Policy(idle_seconds=300)).amount
    assert found.amount <= amount * 300 * len(seconds) // 3600 + 1


def test_an_amount_after_each_answer_tells_gold_where_gold_is_paid_otherwise() -> None:
    assert not tells_gold([EACH, replace(EACH, annotator=ANN)], Policy())
    assert tells_gold([EACH, replace(EACH, tier=1)], Policy())
    assert tells_gold([EACH], Policy(gold=False))


def test_half_a_cent_goes_to_the_even_one() -> None:
    hour = replace(EACH, per=Per.HOUR, amount=1)
    for seconds, cents in ((1800.0, 0), (5400.0, 2), (9000.0, 2)):
        assert earned([replace(WORK, seconds=seconds)], [hour], Policy(idle_seconds=86_400)).amount == cents


@pytest.mark.parametrize(
    ("change", "policy"),
    [
        ({"surplus": True}, {"surplus": False}),
        ({"purpose": Purpose.GOLD}, {"gold": False}),
        ({"purpose": Purpose.CALIBRATION}, {"calibration": False}),
        ({"purpose": Purpose.QUALIFICATION}, {"qualification": False}),
    ],
)
def test_every_answer_that_was_asked_for_is_paid_unless_the_policy_says_no(
    change: dict[str, object], policy: dict[str, bool]
) -> None:
    work = replace(WORK, **change)  # type: ignore[arg-type]  # what each case changes
    assert counts(work, Policy())
    assert not counts(work, Policy(**policy))
    assert earned([work], [EACH], Policy()).amount == 5
    assert earned([work], [EACH], Policy(**policy)).paid == ()


def test_an_answer_without_a_rate_stays_unpaid_and_is_counted() -> None:
    found = earned([WORK, replace(WORK, id="early", at=T0 - timedelta(days=1))], [EACH], Policy())
    assert (found.paid, found.n_without_rate, found.amount) == (("w",), 1, 5)


@given(st.integers(0, 10**12), st.integers(0, 4))
def test_an_amount_is_written_and_read_again(amount: int, digits: int) -> None:
    assert in_minor(shown(amount, digits), digits) == amount


@pytest.mark.parametrize("text", ["", "x", "-1", "0.001", "1e99", "NaN", "Infinity", "1,5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="An amount is"):
        in_minor(text, 2)


def test_a_rate_or_policy_that_makes_no_sense_is_refused() -> None:
    for change in ({"amount": -1}, {"amount": 10**13}, {"tier": 1, "annotator": ANN}):
        with pytest.raises(BadValue):
            replace(EACH, **change)  # type: ignore[arg-type]  # wrong on purpose
    for wrong in ({"currency": "euro"}, {"minor_digits": 5}, {"idle_seconds": 0}):
        with pytest.raises(BadPolicy):
            Policy(**wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert per_label(100, 0) is None
    assert per_label(100, 3) == Fraction(100, 3)
