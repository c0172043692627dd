"""No connection, a killed server, a closed page: what was answered arrives, once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.browser.desk import AWAY, ITEM, Desk, OpenDesk
from tests.browser.house import House
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_answers_given_offline_wait_in_view_and_arrive_once_without_a_reload(desk: OpenDesk, house: House) -> None:
    ida = desk(house.person("ida"), service_workers="allow")
    ida.watch.expect(AWAY)
    ida.annotate()
    ida.context.set_offline(True)
    given = [(ida.answer(key), key) for key in "1234"]
    ida.outbox("4 waiting to send")
    ida.context.set_offline(False)
    ida.all_sent()
    assert ida.given() == given
    given.append((ida.answer("5"), "5"))
    ida.all_sent()
    assert ida.given() == given


def test_an_undo_while_offline_takes_back_what_never_left(desk: OpenDesk, house: House) -> None:
    jan = desk(house.person("jan"), service_workers="allow")
    jan.watch.expect(AWAY)
    jan.annotate()
    jan.context.set_offline(True)
    first = jan.answer("1")
    before = jan.item
    assert before is not None
    jan.press("z")
    jan.changes_from(before)
    assert jan.item == first
    jan.answer("2")
    jan.outbox("1 waiting to send")
    jan.context.set_offline(False)
    jan.all_sent()
    assert jan.given() == [(first, "2")]


def test_answers_that_wait_outlive_the_page(desk: OpenDesk, house: House) -> None:
    kai = desk(house.person("kai"), service_workers="allow")
    kai.watch.expect(AWAY)
    kai.annotate()
    kai.watch.expect("ERR_FAILED")
    kai.context.route("**/annotations", lambda route: route.abort())
    given = [(kai.answer(key), key) for key in "67"]
    kai.outbox("2 waiting to send")
    kai.open(wait_for="h1")  # any page of ours will do
    kai.outbox("2 waiting to send")
    kai.context.unroute("**/annotations")
    kai.all_sent()
    assert kai.given() == given


def test_a_server_that_is_killed_and_comes_back_has_every_answer_once(
    desk: OpenDesk, house: House, server: Server
) -> None:
    lea = desk(house.person("lea"), service_workers="allow")
    lea.watch.expect(AWAY)
    lea.annotate()
    given = [(lea.answer(key), key) for key in "123"]
    server.kill()  # some of these are on their way, some not yet
    given += [(lea.answer(key), key) for key in "45"]
    lea.outbox("waiting to send")
    server.start()
    lea.all_sent()
    lea.page.locator(ITEM).wait_for()
    given.append((lea.answer("7"), "7"))
    lea.all_sent()
    assert_once(lea, given)
    assert house.digits.verify() == ()


def assert_once(desk: Desk, given: list[tuple[str, str]]) -> None:
    """Nothing is lost, nothing doubled, and every answer is the one that was given."""
    kept = desk.given()
    assert Counter(kept) == Counter(given)
    assert len({item for item, _ in kept}) == len(kept)
