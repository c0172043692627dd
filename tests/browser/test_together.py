"""Two people at one queue, and what the page says when nothing is left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import FILMS, House

pytestmark = pytest.mark.browser


def test_two_people_at_once_share_a_queue_and_no_item_is_answered_more_often_than_wanted(
    desk: OpenDesk, house: House
) -> None:
    both = [desk(house.person(login, "shared queue"), "shared queue") for login in ("mia", "noa")]
    for one in both:
        one.annotate()
    given: list[list[str]] = [[], []]
    for turn in range(4 * len(FILMS)):
        one = both[turn % 2]
        if one.shown() is not None:
            given[turn % 2].append(one.answer("1" if turn % 3 else "2"))
    for one in both:
        one.all_sent()
        expect(one.page.locator(".rest")).to_be_visible()
    assert all(given), "one of them had no item at all"
    together = [item for items in given for item in items]
    assert len(together) == len(set(together)) == len(FILMS)
    assert [[item for item, _ in one.given()] for one in both] == given
    counts = house.counts("shared queue")
    assert (counts["answered"], counts["wanted"]) == (len(FILMS), len(FILMS))
    _says_what_to_do(both[0])
    expect(both[0].page.get_by_role("button", name="Go on with the round")).to_have_count(0)
    lea = desk(house.person("lea", "shared queue", role=Role.MANAGER), "shared queue")
    lea.open()
    next_steps = lea.page.get_by_role("region", name="What to do next")
    next_steps.get_by_role("button", name="Go on with the round").click()
    expect(next_steps.get_by_role("listitem").filter(has_text="items by majority")).to_be_visible(timeout=30_000)
    expect(next_steps.get_by_role("button", name="Go on with the round")).to_have_count(0, timeout=30_000)


def _says_what_to_do(one: Desk) -> None:
    rest = one.page.locator(".rest")
    one.page.get_by_role("button", name="Check").first.click()
    expect(rest).not_to_contain_text("no more", ignore_case=True)
    expect(rest.get_by_role("link", name="See the project")).to_be_visible()
    expect(rest).to_contain_text("answered")
    rest.get_by_role("link", name="See the project").click()
    expect(one.page).to_have_url(f"{one.origin}/p/{one.project}")
    expect(one.page.get_by_role("region", name="What to do next")).to_contain_text("goldseam run")


def test_an_item_that_somebody_else_holds_is_announced_with_when_it_comes_back(desk: OpenDesk, house: House) -> None:
    oda = desk(house.person("oda", "last item"), "last item")
    pia = desk(house.person("pia", "last item"), "last item")
    oda.annotate()
    pia.open("/annotate", ".rest")
    expect(pia.page.locator(".rest")).to_contain_text("1 item is held by others; back at")
    oda.answer("1")
    oda.all_sent()
    pia.page.get_by_role("button", name="Check now").click()
    expect(pia.page.locator(".rest")).not_to_contain_text("held by others")
