"""The page speaks the reader's language: the browser's first, then whichever is chosen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import ITEM, OpenDesk
from tests.browser.house import House

pytestmark = pytest.mark.browser


def test_a_browser_that_reads_german_is_spoken_to_in_german_until_somebody_chooses_english(
    desk: OpenDesk, house: House
) -> None:
    jana = desk(house.person("jana", "digits"), locale="de-DE")
    page = jana.page
    page.goto(f"{jana.origin}/")
    expect(page.get_by_role("heading", name="Projekte")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")

    page.goto(f"{jana.origin}/p/{jana.project}/annotate")
    expect(page.locator(ITEM)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Überspringen"))).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("Rückgängig").first).to_be_visible()

    page.goto(f"{jana.origin}/")
    page.get_by_role("combobox").select_option("en")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_a_reader_of_a_language_that_it_lacks_reads_english_and_loads_no_dictionary(
    desk: OpenDesk, house: House
) -> None:
    # The worker for times without a connection keeps every file; what the page itself asks for is another thing.
    yuki = desk(house.person("yuki", "digits"), locale="ja-JP", service_workers="block")
    yuki.watch.expect("Service Worker registration blocked")
    yuki.page.goto(f"{yuki.origin}/")
    expect(yuki.page.get_by_role("heading", name="Projects")).to_be_visible()
    scripts = [call for call in yuki.watch.calls if call.endswith(".js")]
    assert scripts
    assert not [one for one in scripts if "Überspringen" in yuki.context.request.get(one).text()]
