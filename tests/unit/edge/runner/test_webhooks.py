"""Webhooks: what is said, to whom, how it is signed, what a manager does, and what a receiver can rely on."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from goldseam.edge.client import new_id, verify_webhook
from goldseam.edge.reach import Reach
from goldseam.edge.runner import annotate, deliveries, log, webhooks
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.webhooks import DeliveryState, WebhookState
from goldseam.edge.store import webhooks as rows
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.errors import AddressRefused, BadValue, Conflict, NotFound, NotReady, Tampered
from goldseam.vocab.people import Role
from tests.unit.edge.receiver import Call
from tests.unit.edge.runner.webhook_house import HERE, House, house
from tests.walk import story

__all__ = ["house"]


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
