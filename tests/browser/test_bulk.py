"""One act on every item of a list: it is carried out, a receipt says for how many, and it is taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import OpenDesk
from tests.browser.house import House
from tests.browser.test_access import axe, violations  # noqa: F401  (a fixture)

pytestmark = pytest.mark.browser


def test_all_items_that_fit_are_put_ahead_and_back_again(desk: OpenDesk, house: House, axe: str) -> None:  # noqa: F811 - a fixture is asked for by its name
    mara = desk(house.person("mara.lists", role=Role.MANAGER))
    page = mara.page
    mara.open("/items", "main [role=table]")
    expect(page.get_by_text("Act on all of these")).to_have_count(0)  # all of a project is no list that somebody chose

    mara.open("/items?where=state%3Dopen", "main [role=table]")
    page.get_by_text("Act on all of these").click()
    page.get_by_label("What to do").select_option("ahead")
    page.get_by_role("button", name="Do it").click()
    receipt = page.get_by_role("list", name="Receipts").get_by_role("listitem")
    expect(receipt).to_contain_text(re.compile(r"[1-9][0-9]* items of [1-9][0-9]* that fit: put ahead"))

    assert not violations(page, axe)
    receipt.get_by_role("button", name="Take back").click()
    expect(receipt).to_contain_text(re.compile(r"Taken back: [1-9][0-9]* items stand where they stood"))

    rev = desk(house.person("rev.lists", role=Role.REVIEWER))
    rev.open("/items?where=state%3Dopen", "main h1")
    expect(rev.page.get_by_text("Act on all of these")).to_have_count(0)
