"""A tie is settled by one key, the votes in view and the names hidden."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import OpenDesk
from tests.browser.house import FILMS, House

pytestmark = pytest.mark.browser


def test_one_key_settles_an_escalated_item_and_a_later_ruling_supersedes_it(desk: OpenDesk, house: House) -> None:
    uma = desk(house.person("uma", "films", role=Role.REVIEWER), "films")
    uma.open("/adjudicate", "article[data-item]")
    votes = uma.page.locator(".votes li")
    expect(votes).to_have_count(2)
    expect(votes.locator("strong")).to_have_text(["likes it", "does not"])
    for name in ("ines", "jo"):
        expect(uma.page.locator("main")).not_to_contain_text(name, use_inner_text=True)
    ruled = [uma.answer("2")]
    before = uma.item
    assert before is not None
    uma.press("z")  # a ruling taken back, then given otherwise
    uma.changes_from(before)
    assert uma.item == ruled[0]
    uma.answer("1")
    ruled += [uma.answer("1"), uma.answer("2")]
    expect(uma.page.get_by_role("heading", name="No item waits for a ruling")).to_be_visible()
    uma.all_sent()
    assert len(set(ruled)) == 3
    assert house.counts("films")["escalated"] == 0
    house.run("films")
    assert house.counts("films")["settled"] == len(FILMS)
    assert uma.get("/disagreements") == []
    uma.page.get_by_role("link", name="See the project").click()
    expect(uma.page).to_have_url(f"{uma.origin}/p/{uma.project}")


def test_an_annotator_is_not_let_in(desk: OpenDesk, house: House) -> None:
    vic = desk(house.person("vic", "films"), "films")
    vic.watch.expect(r"status of 403")
    vic.open("/adjudicate", "h1")
    expect(vic.page.locator(".votes")).to_have_count(0)
    expect(vic.page.locator("main")).to_contain_text("does not include")
