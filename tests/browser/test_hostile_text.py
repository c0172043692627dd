"""Texts that attack the page: they are read as they were written, and nothing in them runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import DRAWING, HOSTILE, HOSTILE_OPEN, HOSTILE_TIED, LINK, PICTURE, SCRIPT, House

pytestmark = pytest.mark.browser


def test_it_is_shown_as_text_wherever_it_was_written(desk: OpenDesk, house: House) -> None:
    will = desk(house.person(f"will{PICTURE}".replace(" ", "_"), HOSTILE_OPEN, HOSTILE_TIED), HOSTILE_OPEN)
    will.page.goto(f"{will.origin}/")
    expect(will.page.locator("main h2")).to_have_text(sorted([HOSTILE_OPEN, HOSTILE_TIED]))
    _harmless(will)

    will.annotate()
    expect(will.page.locator("h1.prompt")).to_have_text(f"{SCRIPT}{PICTURE}")
    guideline = will.page.get_by_role("complementary", name="Guideline")
    for attempt in (SCRIPT, PICTURE, DRAWING):
        expect(guideline).to_contain_text(attempt)
    expect(guideline.locator("a, img, svg, script, iframe, style")).to_have_count(0)
    for number, attempt in enumerate(HOSTILE[:4]):
        label = will.page.locator(".gs-label").nth(number)
        expect(label.locator(".gs-title")).to_have_text(attempt)
        label.focus()
        expect(will.page.locator(".look")).to_contain_text(attempt)
        _harmless(will)
    will.page.locator("article").focus()
    will.press("/")
    expect(will.dialog("Labels")).to_contain_text(LINK)
    will.close()
    will.press("?")
    expect(will.dialog("Keys")).to_contain_text(SCRIPT)
    will.close()
    seen = []
    while will.shown() is not None:
        seen.append(will.page.locator(".item .text").inner_text())
        will.answer("1")
        expect(will.page.locator("footer .last")).to_contain_text(SCRIPT)
        _harmless(will)
    assert sorted(text.rsplit(" number ", 1)[0] for text in seen) == sorted(HOSTILE)
    will.all_sent()


def test_it_does_nothing_to_those_who_adjudicate_and_manage(desk: OpenDesk, house: House) -> None:
    xia = desk(house.person("xia", HOSTILE_TIED, role=Role.MANAGER), HOSTILE_TIED)
    xia.open(wait_for=".facts")
    xia.page.locator("summary").click()
    expect(xia.page.locator("details code")).to_have_text(f"{PICTURE},{SCRIPT},one field too many")
    _harmless(xia)
    xia.open("/adjudicate", "article[data-item]")
    xia.page.locator("summary").click()
    expect(xia.page.locator("dd")).to_have_text(HOSTILE[0])
    expect(xia.page.locator(".votes strong").first).to_have_text(HOSTILE[0])
    _harmless(xia)
    xia.page.get_by_label("Why, if it should be remembered").fill(PICTURE)
    xia.page.locator("article").focus()
    xia.answer("2")
    _harmless(xia)
    xia.all_sent()
    house.run(HOSTILE_TIED)
    xia.open(wait_for=".facts")
    _harmless(xia)


def _harmless(desk: Desk) -> None:
    """Nothing ran, and nothing stands in the page that could."""
    assert desk.page.evaluate("window.hit") is None
    assert desk.page.locator(":is(main, header, dialog) :is(script, iframe, base, style)").count() == 0
    assert desk.page.locator("[onerror], [onload], [onbegin], [href^='javascript']").count() == 0
