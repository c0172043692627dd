"""Webhooks: what is said, to whom, how it is signed, when it is tried again, and what a receiver can rely on."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.client import new_id, verify_webhook
from goldseam.edge.reach import Reach
from goldseam.edge.runner import annotate, deliveries, log, webhooks
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.webhooks import Delivery, DeliveryState, Made, WebhookState
from goldseam.edge.store import webhooks as rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import AddressRefused, BadValue, Conflict, NotFound, NotReady, Tampered
from goldseam.vocab.people import Role
from tests.unit.edge.receiver import Call, Receiver, receiver
from tests.walk import story
from tests.walk.story import Story

HERE = Reach(["127.0.0.1"])
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass
class House:
    """A project, its manager, a clock, and a receiver on loopback."""

    made: Story
    clock: FakeClock
    there: Receiver

    def permit(self, role: Role = Role.MANAGER) -> Permit:
        return Permit(self.made.project, role, Principal(self.made.members[role], role.value))

    def hook(self, *events: str, webhook: str | None = None) -> Made:
        wanted = events or ("annotation.given",)
        return webhooks.make(
            self.made.world, HERE, self.permit(), webhook or new_id(), self.there.url(path="/in"), wanted
        )

    def answer(self, n: int = 1) -> list[str]:
        """Answer n items as the annotator; the ids of the annotations."""
        permit = self.permit(Role.ANNOTATOR)
        offers = annotate.lease(self.made.world, permit, n).offers
        sent = [
            Submission(AnnotationId(new_id()), one.id, one.token, {"mood": Choice(LabelName("pos"))}, 1.0, 1, 1)
            for one in offers
        ]
        assert {one.status for one in annotate.submit(self.made.world, permit, sent)} == {"saved"}
        return [one.id for one in sent]

    def send(self) -> int:
        """What a worker does: seal, gather, deliver to all."""
        log.seal(self.made.world)
        while deliveries.gather(self.made.world):
            pass
        return sum(deliveries.deliver(self.made.world, HERE, hook.id) for hook in deliveries.due(self.made.world))

    def sent(self, hook: Made) -> tuple[Delivery, ...]:
        return webhooks.log_of(self.made.world, self.permit(), hook.webhook.id, None, None, 200)

    def events(self) -> list[str]:
        return [json.loads(call.body)["id"] for call in self.there.calls]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = FakeClock(NOW)
    with story.opened(tmp_path, clock) as world, receiver() as there:
        made = story.set_up(world, tmp_path, n_items=12, policies={"annotate": {"prefetch": 12}})
        log.seal(world)
        yield House(made, clock, there)


# --- what is sent ---


def test_an_act_is_told_with_ids_only_and_signed(house: House) -> None:
    made = house.hook()
    (annotation,) = house.answer()
    assert house.send() == 1
    (call,) = house.there.calls
    assert made.secret is not None
    event = verify_webhook(
        made.secret, call.headers["goldseam-signature"], call.body, now=house.clock.now().timestamp()
    )
    assert event["about"] == annotation
    assert event["kind"] == "annotation.given"
    assert event["id"] == call.headers["goldseam-event"]
    assert event.keys() == {"id", "kind", "project", "about", "at", "data"}
    assert event["data"].keys() == {"item"}
    text = call.body.decode()
    assert not [word for word in ("film number", "pos", *house.made.members.values()) if word in text]
    assert house.send() == 0


def test_only_what_was_asked_for_is_sent_and_only_what_happens_from_then_on(house: House) -> None:
    house.answer(2)
    hook = house.hook("annotation.withdrawn")
    (annotation,) = house.answer(1)
    assert house.send() == 0
    annotate.withdraw(house.made.world, house.permit(Role.ANNOTATOR), AnnotationId(annotation), new_id())
    assert house.send() == 1
    assert json.loads(house.there.calls[0].body)["about"] == annotation
    assert [one.state for one in house.sent(hook)] == [DeliveryState.DELIVERED]


def test_the_secret_is_nowhere_in_the_database(house: House, tmp_path: Path) -> None:
    made = house.hook()
    assert made.secret is not None
    house.made.world.store.read(lambda tx: None)
    kept = b"".join(path.read_bytes() for path in (tmp_path / ".goldseam").glob("goldseam.db*"))
    assert made.webhook.id.encode() in kept
    assert made.secret.encode() not in kept
    assert made.secret.removeprefix("gsw_").encode() not in kept


def test_an_act_pays_nothing_for_webhooks(house: House) -> None:
    """The log is the outbox: what a submission writes is the same with webhooks as without."""
    from sqlalchemy import event

    statements: list[list[str]] = []
    for _ in range(2):
        seen: list[str] = []
        statements.append(seen)

        def note(_c, _cursor, statement, *_rest, seen=seen) -> None:
            if not statement.startswith("SELECT"):  # what is read again depends on how old a cache is
                seen.append(statement)

        engine = house.made.world.store.write(lambda tx: tx.connection.engine)
        event.listen(engine, "before_cursor_execute", note)
        house.answer()
        event.remove(engine, "before_cursor_execute", note)
        house.hook()
    first, second = ([re.sub(r"\d+", "", one) for one in each] for each in statements)
    assert first == second
    assert not [one for one in statements[1] if "webhook" in one or "deliver" in one]


# --- again, until it arrives or a day is over ---


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


# --- what a manager does ---


def test_the_same_act_sent_twice_is_done_once_and_shows_the_secret_for_a_quarter_of_an_hour(house: House) -> None:
    act = new_id()
    first, second = house.hook(webhook=act), house.hook(webhook=act)
    assert first == second
    assert len(webhooks.listing(house.made.world, house.permit())) == 1
    house.clock.advance(timedelta(minutes=16))
    assert house.hook(webhook=act).secret is None
    with pytest.raises(Conflict):
        house.hook("round.ended", webhook=act)


def test_both_secrets_sign_for_a_day_after_a_change(house: House) -> None:
    made = house.hook()
    renewed = webhooks.renew(house.made.world, house.permit(), new_id(), made.webhook.id)
    assert made.secret and renewed.secret and made.secret != renewed.secret

    def verifies(secret: str) -> bool:
        house.answer()
        house.send()
        call = house.there.calls[-1]
        try:
            header = call.headers["goldseam-signature"]
            return bool(verify_webhook(secret, header, call.body, now=house.clock.now().timestamp()))
        except Tampered:
            return False

    assert verifies(made.secret)
    assert verifies(renewed.secret)
    house.clock.advance(timedelta(hours=24))
    assert not verifies(made.secret)
    assert verifies(renewed.secret)


def test_a_ping_and_a_delivery_sent_again_carry_their_event_id(house: House) -> None:
    made = house.hook()
    act = new_id()
    for _ in range(2):
        webhooks.ping(house.made.world, house.permit(), act, made.webhook.id)
    assert house.send() == 1
    assert house.events() == [f"ping/{act}"]
    (sent,) = house.sent(made)
    again = new_id()
    for _ in range(2):
        webhooks.send_again(house.made.world, house.permit(), again, made.webhook.id, sent.seq)
        house.send()
    assert house.events() == [f"ping/{act}"] * 2


def test_what_happens_while_a_webhook_is_off_is_not_sent_later(house: House) -> None:
    made = house.hook()
    permit, hook = house.permit(), made.webhook.id
    webhooks.switch(house.made.world, permit, new_id(), hook, WebhookState.OFF)
    with pytest.raises(NotReady):
        webhooks.ping(house.made.world, permit, new_id(), hook)
    house.answer()
    house.send()
    webhooks.switch(house.made.world, permit, new_id(), hook, WebhookState.ON)
    assert house.send() == 0
    house.answer()
    assert house.send() == 1
    webhooks.switch(house.made.world, permit, new_id(), hook, WebhookState.ENDED)
    with pytest.raises(NotFound):
        webhooks.switch(house.made.world, permit, new_id(), hook, WebhookState.ON)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.2/", "https://127.0.0.2/", "https://[::1]/", "https://169.254.169.254/latest", "https://2852039166/",
     "file:///etc/passwd", "https://me:word@hooks.example/", "https://0/", "ftp://hooks.example/", "https://100.64.0.1/"],
)  # fmt: skip
def test_an_address_of_our_own_network_is_refused_when_it_is_typed(house: House, url: str) -> None:
    with pytest.raises(AddressRefused):
        webhooks.make(house.made.world, HERE, house.permit(), new_id(), url, ("round.ended",))


def test_a_name_that_turns_to_our_own_network_later_gets_nothing(house: House) -> None:
    meanings = ["8.8.8.8"]
    turning = Reach(resolve=lambda _host, _port: tuple(meanings))
    made = webhooks.make(
        house.made.world,
        turning,
        house.permit(),
        new_id(),
        house.there.url("hooks.example", "https"),
        ("annotation.given",),
    )
    house.answer()
    meanings[0] = "127.0.0.1"
    log.seal(house.made.world)
    deliveries.gather(house.made.world)
    assert deliveries.deliver(house.made.world, turning, made.webhook.id) == 0
    assert house.there.calls == []
    assert "loopback" in house.sent(made)[0].reason


def test_an_unknown_event_names_the_nearest_and_a_project_has_twenty_webhooks_at_most(house: House) -> None:
    with pytest.raises(BadValue, match=r"round\.ended"):
        house.hook("round.ende")
    with pytest.raises(BadValue):
        house.hook("password.changed")
    for _ in range(webhooks.MOST_WEBHOOKS):
        house.hook()
    with pytest.raises(NotReady):
        house.hook()


def test_a_reply_that_says_too_much_or_nothing_hurts_nobody(house: House) -> None:
    hook = house.hook()
    house.answer()

    def flood(_call: Call) -> tuple[int, dict[str, str], bytes]:
        return 200, {"content-length": str(10**12)}, b"x" * 1000

    house.there.answer = flood
    assert house.send() == 0
    assert "more than" in house.sent(hook)[0].reason


def test_two_projects_never_hear_of_each_other(house: House, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = story.set_up(house.made.world, tmp_path / "b", name="others", n_items=3)
    permit = Permit(other.project, Role.MANAGER, Principal(other.members[Role.MANAGER], "m"))
    theirs = webhooks.make(house.made.world, HERE, permit, new_id(), house.there.url(path="/b"), ("annotation.given",))
    house.hook()
    house.answer(2)
    house.send()
    assert {call.path for call in house.there.calls} == {"/in"}
    for act in (
        lambda: webhooks.renew(house.made.world, house.permit(), new_id(), theirs.webhook.id),
        lambda: webhooks.log_of(house.made.world, house.permit(), theirs.webhook.id, None, None, 5),
        lambda: webhooks.switch(house.made.world, house.permit(), new_id(), theirs.webhook.id, WebhookState.OFF),
    ):
        with pytest.raises(NotFound):
            act()
    kept = house.made.world.store.read(lambda tx: rows.get(tx, theirs.webhook.id))
    assert kept is not None
    assert (kept.state, kept.secret_number) == (WebhookState.ON, 1)


def test_a_younger_webhook_hears_nothing_of_what_an_older_one_still_waits_for(house: House) -> None:
    older = house.hook()
    house.answer(2)
    log.seal(house.made.world)
    younger = house.hook()
    house.answer(1)
    house.send()
    assert (len(house.sent(older)), len(house.sent(younger))) == (3, 1)
