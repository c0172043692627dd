"""What changed between two releases: rows with from, to and why, told apart by kind, and whose votes they rest on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.compared_house import LIKES, NAME, NOT, add_releases, truth
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House
from tests.browser.test_access import axe, violations_at  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

SIZES = ((1280, 900), (390, 900))
KINDS = ("relabeled", "moved", "added")


@pytest.fixture(scope="module")
def changed(house: House) -> dict[str, Any]:
    """What the runner says changed, in the house with the project of two releases."""
    found = add_releases(house)
    assert all(found[kind] for kind in KINDS), "the two releases do not differ in every way"
    return found


def open_second(desk: Desk) -> Page:
    desk.open("/releases/2", "#compare")
    desk.page.get_by_role("table", name="What changed").wait_for()
    return desk.page


def rows(page: Page) -> list[list[str]]:
    """The cells of each row on screen, as they are read out."""
    cells = (
        "one => [...one.querySelectorAll('[role=cell]')].map((cell) => cell.textContent.replace(/\\s+/g, ' ').trim())"
    )
    found: list[list[str]] = (
        page.get_by_role("table", name="What changed")
        .locator("[aria-rowindex]")
        .evaluate_all(f"all => all.slice(1).map({cells})")
    )
    return found


def test_each_row_says_from_what_to_what_and_why_and_kinds_filter_them(
    desk: OpenDesk, house: House, changed: dict[str, Any]
) -> None:
    mara = desk(None, NAME)
    page = open_second(mara)
    status = page.get_by_role("status").filter(has_text=re.compile("changes?$"))
    expect(status).to_have_text(f"{sum(len(changed[kind]) for kind in KINDS)} changes")
    kinds = page.get_by_role("group", name="Kinds of change")

    kinds.get_by_role("button", name="relabeled").click()
    expect(status).to_have_text(re.compile(f"^{len(changed['relabeled'])} change"))
    shown = {row[1]: row for row in rows(page)}
    assert shown.keys() == {one["words"] for one in changed["relabeled"]}
    for one in changed["relabeled"]:
        _, _, way, sure, why = shown[one["words"]]
        assert way == f"was {one['old']} → is now {one['new']}"
        assert sure == f"{one['old_confidence']:.0%} → is now {one['new_confidence']:.0%}".replace("%", " %")
        assert why.startswith(one["why"])

    # From one label to the other: only those that took this way.
    ways = page.get_by_role("group", name="From label to label")
    if ways.count():
        ways.get_by_role("button", name=f"{LIKES} → {NOT}").click()
        assert {row[1] for row in rows(page)} == {one["words"] for one in changed["relabeled"] if one["old"] == LIKES}

    kinds.get_by_role("button", name="relabeled").click()
    kinds.get_by_role("button", name="surer or less sure").click()
    assert {row[0] for row in rows(page)} == {
        "↕ surer" if one["new_confidence"] > one["old_confidence"] else "↕ less sure" for one in changed["moved"]
    }

    # Why, to the bottom: who answered what, and who ruled.
    kinds.get_by_role("button", name="surer or less sure").click()
    kinds.get_by_role("button", name="relabeled").click()
    ruled = next(one for one in changed["relabeled"] if one["why"] == "a person ruled")
    page.get_by_role("button", name=f"Votes and rulings: {ruled['words']}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        f"cleo answered {ruled['old'] if truth(ruled['words']) == ruled['new'] else ruled['new']}"
    )
    expect(dialog.locator("li.settled").last).to_contain_text("read twice")
    expect(dialog.get_by_role("link", name="To the item")).to_have_attribute(
        "href", f"/p/{house.facts(NAME).id}/items/{ruled['item']}"
    )
    mara.close()


def test_a_long_list_of_changes_holds_only_what_is_in_sight(
    desk: OpenDesk, house: House, changed: dict[str, Any]
) -> None:
    def long(route: Route) -> None:
        found = route.fetch().json()
        found["removed"] = [dict(found["added"][0], item=f"{nth:032x}", words=f"Gone {nth}.") for nth in range(5000)]
        route.fulfill(json=found)

    mara = desk(None, NAME)
    mara.page.route("**/releases/1/diff/2", long)
    page = open_second(mara)
    page.get_by_role("button", name="gone 5,000").click()
    assert 0 < len(rows(page)) < 60
    box = page.get_by_role("region", name=re.compile("^What changed, as a table"))
    box.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="Gone 4999.")).to_be_visible()
    assert len(rows(page)) < 60
    last = page.locator("[role=row]").last
    expect(last).to_have_attribute("aria-rowindex", "5001")
    expect(last).to_contain_text("no label")


@pytest.mark.usefixtures("changed")
def test_axe_finds_nothing_on_what_changed(desk: OpenDesk, axe: str) -> None:  # noqa: F811 - a fixture is asked for by its name
    page = open_second(desk(None, NAME))
    assert violations_at(page, axe, SIZES) == []
    page.get_by_role("button", name=re.compile("^Votes and rulings")).first.click()
    expect(page.get_by_role("dialog").locator("li").first).to_be_visible()
    assert violations_at(page, axe, SIZES) == []
