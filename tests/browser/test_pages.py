"""The manager's pages: people, a million items at most, one item's history; and the page that is one's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from goldseam.annotate.pay import Per, Rate
from goldseam.edge.client import new_id
from goldseam.edge.runner import annotate, flags, pay, people, projects
from goldseam.edge.runner.people import Permit, Principal
from goldseam.vocab.people import Act, Role
from tests.browser.desk import ITEM, Desk, OpenDesk
from tests.browser.house import FILMS, House, Person, add_films

pytestmark = pytest.mark.browser


def permit(house: House, project: str, act: Act, person: Person | None = None) -> Permit:
    who = person.id if person else house.digits.me
    return people.permit(house.world, Principal(who, "x"), house.facts(project).id, act)


def go(desk: Desk, path: str, name: str) -> None:
    desk.page.goto(f"{desk.origin}/p/{desk.project}{path}")
    desk.page.get_by_role("heading", name=name, exact=True).wait_for()


def test_a_manager_leads_people_without_the_terminal(desk: OpenDesk, house: House) -> None:
    lena, otto = house.person("lena", "films", role=Role.MANAGER), house.person("otto", "films")
    mara = desk(lena, "films")
    go(mara, "/people", "Members")
    mara.page.get_by_label("Role of otto").select_option("reviewer")
    mara.page.get_by_role("button", name="Change otto").click()
    expect(mara.page.locator(".good")).to_have_text("otto is reviewer now.")
    assert {one.id: role for one, role in people.members(house.world, house.facts("films").id)}[
        otto.id
    ] is Role.REVIEWER
    mara.page.get_by_role("button", name="Make a link").click()
    expect(mara.page.get_by_text("1 link not taken up yet")).to_be_visible()
    mara.page.get_by_role("button", name="Withdraw").click()
    expect(mara.page.locator(".good")).to_have_text("The link does not work any more.")

    mara.page.get_by_role("link", name="Skills").click()
    mara.page.get_by_role("combobox", name="To", exact=True).select_option(label="otto")
    mara.page.get_by_label("Skill", exact=True).fill("irony")
    mara.page.get_by_label("Level").fill("2")
    mara.page.get_by_role("button", name="Grant").click()
    expect(mara.page.get_by_role("row", name=re.compile("otto irony 2"))).to_be_visible()
    mara.page.get_by_role("button", name="Take away irony from otto").click()
    expect(mara.page.get_by_text("Nobody has a skill yet")).to_be_visible()

    sam = desk(house.person("sam-of-films", "films"), "films")
    go(sam, "/people", "People")
    expect(sam.page.locator("main")).to_contain_text("This page is for those who manage the project")
    expect(sam.page.get_by_role("navigation", name="Pages of the project").get_by_role("link")).to_have_text(
        ["Overview", "Rules", "Yours"]
    )


def test_a_statement_goes_from_made_to_paid_and_its_person_sees_it(desk: OpenDesk, house: House) -> None:
    add_films(house, "paid work", FILMS, 1)  # its own: elsewhere others count on what is left to answer
    ida = house.person("ida-paid", "paid work")
    since = datetime.now(UTC) - timedelta(days=1)
    pay.set_rate(
        house.world, permit(house, "paid work", Act.MANAGE), Rate(new_id(), Per.ANSWER, 25, "EUR", since, None, None)
    )
    assert house.answer("paid work", ida, lambda _: "likes it", 4)
    mara = desk(None, "paid work")
    go(mara, "/people?tab=pay", "Make a statement")
    mara.page.get_by_role("combobox", name="For", exact=True).select_option(label="ida-paid")
    mara.page.get_by_role("button", name="Of all answers up to now").click()
    row = mara.page.get_by_role("row", name=re.compile("ida-paid"))
    expect(row).to_contain_text("open")
    for button, state in (("Approve", "approved"), ("Mark as paid", "paid")):
        row.get_by_role("button", name=button).click()
        expect(row).to_contain_text(state)
    own = desk(ida, "paid work")
    go(own, "/me", "Your work")
    expect(own.page.locator("main")).to_contain_text("EUR")
    expect(own.page.locator("main")).to_contain_text("paid")
    expect(own.page.get_by_role("region", name="Your answers, as a table").locator("tbody tr").first).to_contain_text(
        "likes it"
    )


def test_a_flagged_item_is_decided_with_the_reasons_beside_it(desk: OpenDesk, house: House) -> None:
    kim = house.person("kim", "last item")
    may = permit(house, "last item", Act.ANNOTATE, kim)
    offer = annotate.lease(house.world, may, 1).offers[0]
    flags.flag(house.world, may, new_id(), offer.id, "harmful", "It insults a person.")
    mara = desk(None, "last item")
    go(mara, "/people?tab=flagged", "People")
    card = mara.page.locator("article")
    expect(card).to_contain_text("It insults a person.")
    expect(card).to_contain_text("The harbor")
    card.get_by_role("button", name="Put it back").click()
    expect(mara.page.get_by_text("No flagged item waits")).to_be_visible()


def test_items_are_found_by_conditions_and_words_and_opened_by_key(desk: OpenDesk, house: House) -> None:
    mara = desk(None, "tied for good")
    go(mara, "/items", "Items")
    page = mara.page
    expect(page.get_by_role("status").filter(has_text="8 items")).to_be_visible()
    rows = page.locator(".body .line")
    expect(rows).to_have_count(8)
    page.get_by_role("button", name=re.compile("^waits for a ruling")).click()
    expect(page).to_have_url(re.compile("where=state%3Descalated"))
    expect(rows).to_have_count(3)
    page.reload()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name=re.compile("^waits for a ruling")).click()
    expect(rows).to_have_count(8)
    words, search = page.get_by_label("Words"), page.get_by_role("button", name="Search")
    for _ in range(100):  # words are indexed when somebody searches for the first time; the reply says how far it is
        words.fill("ferry")
        with page.expect_response(re.compile("/items/list.*search=ferry")) as found:
            search.click()
        if found.value.json()["indexed"] == len(FILMS):
            break
        page.wait_for_timeout(200)
        words.fill("")
        with page.expect_response(re.compile("/items/list(?!.*search=)")):
            search.click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Late ferry")

    held: list[Route] = []
    page.route("**/items/list**", lambda route: held.append(route))  # noqa: PLW0108 - the page looks into it, and a method of a list has no inside
    page.goto(f"{mara.origin}/p/{mara.project}/items")
    expect(rows).to_have_count(8)
    page.get_by_role("region", name=re.compile("^Items")).focus()
    mara.press("ArrowDown", "Enter")
    for one in held:  # keys that come before the rows do are not lost
        one.continue_()
    page.unroute("**/items/list**")
    page.get_by_role("heading", name="Item 2", exact=True).wait_for()
    expect(page.locator("main")).to_contain_text("Nine clocks")
    history = page.get_by_role("region", name="How it came to be").locator("li")
    expect(history.filter(has_text="ines: likes it")).to_have_count(1)
    expect(history.filter(has_text="jo: does not")).to_have_count(1)
    expect(page.get_by_role("region", name="Its label")).to_contain_text("waits for a ruling")
    page.goto(f"{mara.origin}/p/{mara.project}/items?where=meta.site%3Dnowhere")
    expect(page.locator("main")).to_contain_text("No item fits all of these conditions.")


def test_of_many_rows_only_those_on_screen_are_drawn(desk: OpenDesk, house: House) -> None:
    mara = desk()
    go(mara, "/items", "Items")
    n = projects.by_name(house.world, "digits").n_items
    rows = mara.page.locator(".body .line")
    expect(mara.page.get_by_role("table", name="Items")).to_have_attribute("aria-rowcount", str(n))
    expect(rows.first).to_be_visible()
    assert rows.count() < 60
    mara.page.get_by_label("Go to").fill("1500")
    mara.page.get_by_role("button", name="Go", exact=True).click()
    expect(rows.filter(has_text="1499.png")).to_be_visible()
    assert rows.count() < 60


def test_the_pages_are_reached_by_tab_alone(desk: OpenDesk) -> None:
    mara = desk()
    mara.open(wait_for=".facts")
    for _ in range(30):
        mara.press("Tab")
        if mara.page.evaluate("document.activeElement?.textContent") == "Items":
            break
    mara.press("Enter")
    mara.page.get_by_role("heading", name="Items", exact=True).wait_for()
    expect(mara.page.locator(ITEM)).to_have_count(0)
