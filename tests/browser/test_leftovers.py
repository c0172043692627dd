"""What was left over: German on a phone, dates and numbers in the reader's language, how many of how many, a release as a table."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from goldseam.vocab.people import Role
from tests.browser.desk import ITEM, OpenDesk
from tests.browser.house import FILMS, House, add_films

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
OUT_OF_SIGHT = """() => [...document.querySelectorAll('footer .acts :is(button, a)')]
    .filter((one) => one.offsetParent)
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, { left, right, width }]) => left < 0 || right > innerWidth || width < 1)
    .map(([words]) => words)"""
"""Acts under an item that a person would have to scroll sideways for."""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"


def german(desk: OpenDesk, person: Any, **options: Any) -> Any:
    return desk(person, locale="de-DE", viewport=PHONE, **options)


def test_in_german_on_a_phone_every_act_under_an_item_is_in_sight_and_tells_how_many_of_how_many(
    desk: OpenDesk, house: House
) -> None:
    gerd = german(desk, house.person("gerd"))
    gerd.annotate()
    page: Page = gerd.page
    expect(page.get_by_role("button", name="Melden")).to_be_enabled()
    assert page.evaluate(OUT_OF_SIGHT) == []
    assert not page.evaluate(SIDEWAYS)
    total = page.locator("footer .sum")
    expect(total).to_have_text(re.compile(r"^0 beantwortet\s+insgesamt [\d.]+ von [\d.]+$"))
    gerd.answer("3")
    expect(total).to_have_text(re.compile(r"^1 beantwortet\s+insgesamt [\d.]+ von [\d.]+$"))

    rita = german(desk, house.person("rita", role=Role.REVIEWER))
    for path, ready in (("/verify", ITEM), ("/sheet", "main button")):
        rita.open(path, ready)
        expect(rita.page.locator("footer .sum")).to_contain_text("insgesamt")
        assert rita.page.evaluate(OUT_OF_SIGHT) == []
        assert not rita.page.evaluate(SIDEWAYS)


def test_a_german_reader_sees_dates_numbers_and_steps_as_german_writes_them(desk: OpenDesk, house: House) -> None:
    mara = desk(None, locale="de-DE")
    page = mara.page
    mara.open("", ".figure")
    expect(page.locator(".figure").first).to_have_text(re.compile(r"^\d,\d\d Alpha$"))
    expect(page.locator(".next .what").first).to_have_text(re.compile(r"Antworten sammeln"))
    mara.open("/items?where=state%3Dsettled&order=confidence", "main a[href*='/items/']")
    page.locator("main a[href*='/items/']").first.click()
    expect(page.locator("time").first).to_have_text(re.compile(r"^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}$"))
    expect(page.get_by_text(re.compile(r"\d,\d s · Richtlinie 1")).first).to_be_visible()

    # Refused by the server: by the code of the error in German, with what the server says beside it.
    mara.watch.expect("status of 404")
    page.goto(f"{mara.origin}/p/{mara.project}/items/{'0' * 32}")
    expect(page.locator("main")).to_contain_text(re.compile("gibt es nicht"))


def test_a_release_is_saved_as_a_table_with_a_row_for_each_of_its_labels(desk: OpenDesk, house: House) -> None:
    mara = desk(None)
    mara.open("/releases/1", "main table")
    page = mara.page
    rows = mara.get("/releases/1")["n_items"]
    for form, lines in (("CSV", rows + 1), ("JSONL", rows)):
        with page.expect_download() as saved:
            page.get_by_role("link", name=form, exact=True).click()
        assert saved.value.suggested_filename.endswith(f"-1.{form.lower()}")
        assert len(saved.value.path().read_text().splitlines()) == lines


@pytest.mark.parametrize("width", [1280, 700])
def test_the_steps_of_a_round_fill_their_row_however_many_there_are(desk: OpenDesk, house: House, width: int) -> None:
    mara = desk(None, viewport={"width": width, "height": 860})
    mara.open("", ".next article")
    page = mara.page
    filled = """(n) => {
        const row = document.querySelector('.next'), card = row.querySelector('article');
        row.replaceChildren(...Array.from({ length: n }, () => card.cloneNode(true)));
        const rows = Object.values(Object.groupBy([...row.children], (one) => Math.round(one.getBoundingClientRect().top)));
        return rows.map((cards) => Math.round(row.getBoundingClientRect().right - cards.at(-1).getBoundingClientRect().right));
    }"""
    for n in (1, 2, 3):
        assert set(page.evaluate(filled, n)) == {0}, f"{n} cards leave a gap"


def test_a_session_in_the_list_tells_how_many_answers_of_how_many_it_has(desk: OpenDesk, house: House) -> None:
    name = "films to talk about"
    add_films(house, name, FILMS, 1)
    people = [house.person(login, name) for login in ("sara", "tim")]
    mara = desk(None, name)
    body = {
        "id": "01890000-0000-7000-8000-00000000a001", "title": "Irony", "choosing": "random", "n_items": 3,
        "people": [one.id for one in people],
    }  # fmt: skip
    reply = mara.context.request.post(
        f"{mara.origin}/api/projects/{mara.project}/calibrations", data=body, headers={"X-Goldseam": "1"}
    )
    assert reply.ok, reply.text()
    mara.open("/sessions", "main a[href*='/sessions/']")
    expect(mara.page.locator("main li").filter(has_text="Irony")).to_contain_text("0 of 6 answers")
