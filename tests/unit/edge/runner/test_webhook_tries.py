"""Webhooks that do not arrive: each is tried again for a day and then given up, and a failing receiver is left in peace."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.runner import deliveries, webhooks
from goldseam.edge.runner.webhooks import Delivery, DeliveryState, WebhookState
from tests.unit.edge.receiver import receiver
from tests.unit.edge.runner.webhook_house import NOW, House, house

__all__ = ["house"]


def test_a_failed_delivery_is_tried_again_with_the_same_bytes_and_then_the_webhook_is_well(house: House) -> None:
    hook = house.hook()
    house.answer()
    house.there.answer = lambda _call: (500, {}, b"")
    assert house.send() == 0
    assert house.send() == 0, "it waits before it tries again"
    house.clock.advance(timedelta(seconds=30))
    house.send()
    (waiting,) = house.sent(hook)
    assert (waiting.state, waiting.n_tries, waiting.status) == (DeliveryState.WAITING, 2, 500)
    assert "500" in waiting.reason
    house.there.answer = lambda _call: (204, {}, b"")
    house.clock.advance(timedelta(minutes=1))
    assert house.send() == 1
    assert len({call.body for call in house.there.calls}) == 1
    assert len({call.headers["goldseam-signature"] for call in house.there.calls}) == 3
    (found,) = webhooks.listing(house.made.world, house.permit())
    assert (found.n_failed, found.failing_since, found.rests_until) == (0, None, None)


def test_after_a_day_of_failures_a_delivery_is_dead_and_its_webhook_off_with_the_reason(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    hook = house.hook()
    (annotation,) = house.answer()
    house.there.answer = lambda _call: (503, {}, b"")
    tries = 0
    with caplog.at_level(logging.WARNING):
        while webhooks.listing(house.made.world, house.permit())[0].state is WebhookState.ON and tries < 1000:
            house.answer() if tries % 10 == 9 and tries < 100 else None
            house.send()
            tries += 1
            house.clock.advance(timedelta(minutes=11))
    (off,) = webhooks.listing(house.made.world, house.permit())
    assert off.state is WebhookState.OFF
    assert "503" in off.reason
    assert "switched off" in caplog.text
    first = house.sent(hook)[-1]
    assert json.loads(first.body)["about"] == annotation
    assert first.state is DeliveryState.DEAD
    assert re.match("Given up after a day|The webhook was switched off", first.reason)
    assert first.ended_at is not None
    assert first.ended_at - NOW <= timedelta(days=1, hours=3)
    calls = len(house.there.calls)
    house.clock.advance(timedelta(days=1))
    house.send()
    assert len(house.there.calls) == calls


def test_a_receiver_that_is_gone_is_asked_no_more(house: House) -> None:
    house.hook()
    house.answer()
    house.there.answer = lambda _call: (410, {}, b"")
    house.send()
    (off,) = webhooks.listing(house.made.world, house.permit())
    assert (off.state, "410" in off.reason) == (WebhookState.OFF, True)


def test_a_redirect_is_a_failure_since_the_signature_is_for_one_receiver(house: House) -> None:
    with receiver() as other:
        hook = house.hook()
        house.answer()
        house.there.answer = lambda _call: (307, {"location": other.url()}, b"")
        assert house.send() == 0
        assert other.calls == []
        assert "307" in house.sent(hook)[0].reason


def test_a_failing_receiver_is_asked_about_one_delivery_at_a_time(house: House) -> None:
    hook = house.hook()
    house.answer(9)
    house.there.answer = lambda _call: (500, {}, b"")
    house.send()
    assert len(house.there.calls) == 1
    assert [one.n_tries for one in house.sent(hook)] == [0] * 8 + [1], "what was taken and not sent was not tried"
    house.clock.advance(timedelta(seconds=1))
    assert house.send() == 0
    assert len(house.there.calls) == 1, "it is left in peace for a while"
    house.clock.advance(timedelta(minutes=1))
    house.send()
    assert len(house.there.calls) == 2
    assert house.sent(hook)[0].began is None, "no more is taken than is tried"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_and_never_beyond_their_bound(n: int, chance: float) -> None:
    wait = deliveries.wait_after(n, chance)
    assert deliveries.FIRST_WAIT / 2 <= wait <= deliveries.LONGEST_WAIT
    assert wait <= deliveries.wait_after(n + 1, chance)
    assert deliveries.wait_after(n, 0) == deliveries.wait_after(n, 1) / 2


def test_a_delivery_is_tried_some_twenty_times_in_its_day() -> None:
    at, n = NOW, 1
    one = Delivery(1, "h", "e", "k", "{}", DeliveryState.WAITING, 1, NOW, NOW, None, "", NOW, None)
    while (next_at := deliveries.next_try(replace(one, n_tries=n), at, 0.5)) is not None:
        assert next_at > at
        at, n = next_at, n + 1
    assert at <= NOW + deliveries.GIVE_UP
    assert 15 <= n <= 40
