"""The network is cut in the middle, the page is loaded again, items were taken along: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.browser.desk import AWAY, ITEM, Desk, OpenDesk
from tests.browser.house import House
from tests.browser.server import Server

pytestmark = pytest.mark.browser

KEPT = """async () => navigator.serviceWorker.controller !== null
  && (await caches.match('/api/me', { ignoreVary: true })) !== undefined"""


def settled_in(desk: Desk) -> None:
    """Wait until the browser has what the page needs without a connection."""
    desk.annotate()
    desk.page.wait_for_function(KEPT)
    desk.page.wait_for_load_state("networkidle")


def back_again(desk: Desk, server: Server, given: list[tuple[str, str]], house: House) -> None:
    """Start the server again: every answer arrives, once, as it was given."""
    server.start()
    desk.all_sent()
    kept = desk.given()
    assert Counter(kept) == Counter(given)
    assert len({item for item, _ in kept}) == len(kept)
    assert house.digits.verify() == ()


def test_a_reload_without_a_connection_shows_what_was_in_hand_and_keeps_what_was_answered(
    desk: OpenDesk, house: House, server: Server
) -> None:
    mia = desk(house.person("mia"), service_workers="allow")
    mia.watch.expect(AWAY)
    settled_in(mia)
    given = [(mia.answer("1"), "1")]
    mia.all_sent()
    server.kill()
    given += [(mia.answer(key), key) for key in "23"]
    mia.page.reload()
    mia.page.locator(ITEM).wait_for()
    mia.outbox("2 waiting to send")
    assert mia.item not in {item for item, _ in given}
    given.append((mia.answer("4"), "4"))
    back_again(mia, server, given, house)


def test_a_pack_is_answered_without_a_connection_and_arrives_once(desk: OpenDesk, house: House, server: Server) -> None:
    noa = desk(house.person("noa"), service_workers="allow")
    noa.watch.expect(AWAY)
    settled_in(noa)
    noa.page.get_by_role("button", name="Take along").press("Enter")
    expect(noa.page.locator("footer .last")).to_contain_text("items are here")
    server.kill()
    given = [(noa.answer(key), key) for key in "123456789"]  # more than a queue holds ahead
    noa.page.reload()
    noa.page.locator(ITEM).wait_for()
    given += [(noa.answer(key), key) for key in "0123"]
    assert len({item for item, _ in given}) == 13
    back_again(noa, server, given, house)


def test_a_sign_out_leaves_nothing_of_the_person_in_the_browser(desk: OpenDesk, house: House) -> None:
    pam = desk(house.person("pam"), service_workers="allow")
    settled_in(pam)
    pam.watch.expect("status of 401")
    pam.page.get_by_role("button", name="sign out").click()
    pam.page.get_by_label("Login").wait_for()
    pam.page.wait_for_function("async () => !(await caches.has('goldseam.told'))")
