"""A calibration session about spans and labels, and one about boxes: answered, compared and agreed on in their editors."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from goldseam.annotate.calibrate import Choosing
from goldseam.edge.client import new_id
from goldseam.edge.runner import calibration, people, projects
from goldseam.edge.runner.people import Principal
from goldseam.edge.store import items
from goldseam.flow.settings import settings_from_plain
from goldseam.formats.plain import answer_to_plain
from goldseam.vocab.people import Act
from goldseam.vocab.schema import QuestionName
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House, Person
from tests.browser.judging_house import CUP, PLATE, TEXTS, Said, add_pictures, boxes, settings
from tests.browser.test_access import axe, violations

__all__ = ["axe"]

pytestmark = pytest.mark.browser
WHO = ("vera", "wim")


def start(house: House, name: str, n_items: int) -> str:
    """Start a session of two people about the first items."""
    project = house.facts(name)
    manager = people.permit(house.world, Principal(house.digits.me, "owner"), project.id, Act.MANAGE)
    ids = house.world.store.read(lambda tx: items.all_ids(tx, project.id))
    who = tuple(house.person(login, name).id for login in WHO)
    asked = calibration.Start(new_id(), "Marks", Choosing.GIVEN, n_items, who, tuple(ids[:n_items]))
    calibration.start(house.world, manager, asked)
    return asked.id


def answer(house: House, name: str, session: str, person: Person, said: Said) -> None:
    """Answer every item of a session alike, without the page."""
    permit = people.permit(house.world, Principal(person.id, person.login), house.facts(name).id, Act.ANNOTATE)
    given = {QuestionName(question): one for question, one in said.items()}
    calibration.answer(house.world, permit, session, new_id(), 1, given, f"{person.login} says so.", 2.0)


def whole(desk: Desk, axe: str) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    found = violations(desk.page, axe)
    assert not found, "\n".join(found)
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def card(desk: Desk, number: int) -> Locator:
    return desk.page.locator(f"details[data-number='{number}']")


def test_spans_and_labels_are_answered_by_keyboard_compared_and_agreed_on(
    desk: OpenDesk, house: House, axe: str
) -> None:
    name = "marks"
    (house.folder / f"{name}.csv").write_text('text\n"Ada met Charles in London."\n"Ada wrote."\n', encoding="utf-8")
    made = settings(name, TEXTS[:2], sources=[{"path": f"{name}.csv"}], source={"text": "text"})
    projects.apply(house.world, settings_from_plain(made), house.digits.me)
    house.run(name)
    session = start(house, name, 2)
    for login, marks in (("vera", ["ArrowRight", "1"]), ("wim", ["ArrowRight", "2"])):
        one = desk(house.person(login, name), name)
        one.open(f"/sessions/{session}", ".gs-text")
        for nth in (1, 2):
            expect(one.page.get_by_text(f"Item {nth} of 2")).to_be_visible()
            one.page.locator(".gs-text").wait_for()
            expect(one.page.locator(".gs-text")).to_be_focused()
            one.press(*marks)
            expect(one.page.locator(".gs-tag")).to_have_count(1)
            if login == "vera" and nth == 1:
                one.page.reload()
                expect(one.page.locator(".gs-tag")).to_have_count(1)  # what was marked and not sent outlives a reload
                whole(one, axe)
                one.page.locator(".gs-text").focus()
            one.press("Enter")
            expect(one.page.get_by_role("heading", name="What is it about?")).to_be_visible()
            one.press("1", "Enter")
            why = one.page.get_by_label("Why, in a few words")
            expect(why).to_be_focused()
            why.fill(f"So says {login}.")
            one.press("Enter")
    expect(one.page.locator("summary", has_text="answers are 100 % apart")).to_have_count(2)
    assert "vera" not in one.page.locator("main").inner_text().replace("So says vera.", ""), "names stay covered"

    mara = desk(None, name)
    mara.open(f"/sessions/{session}", "article")
    first = card(mara, 1)
    expect(first.locator(".votes .gs-tag").first).to_be_visible()
    expect(first).to_contain_text("So says vera.")
    expect(first.get_by_text("1 part on which all agree")).to_have_count(0)
    expect(first.get_by_text("All said the same.")).to_be_visible()
    expect(card(mara, 2).locator("article")).to_have_count(0)
    whole(mara, axe)
    names = first.locator("section", has=mara.page.get_by_role("heading", name="Mark every name.")).first
    names.get_by_role("button", name="Begin with this").first.click()
    form = names.locator("form")
    expect(form.locator(".gs-tag")).to_have_count(1)
    form.locator(".gs-text").focus()
    mara.press("]", "Delete")
    expect(form.locator(".gs-tag")).to_have_count(0)
    mara.press("Enter", "Enter")
    expect(form.get_by_text("Agreed is now: 0 spans")).to_be_visible()
    expect(form.get_by_label(re.compile("^The clause"))).to_be_focused()
    form.get_by_label(re.compile("^The clause")).fill("A pronoun is no name.")
    form.get_by_role("button", name="Keep what was agreed").click()
    expect(names.get_by_text("Agreed: 0 spans")).to_be_visible()
    expect(first).to_contain_text("The clause is not in the guideline yet.")
    (kept,) = next(one for one in mara.get(f"/calibrations/{session}")["items"] if one["number"] == 1)["agreed"]
    assert (kept["question"], kept["answer"]["spans"]) == ("names", [])
    first.get_by_label("Say something about it").fill("It was clear to all.")
    first.get_by_role("button", name="Say", exact=True).click()
    expect(first).to_contain_text("It was clear to all.")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1280)])
def test_boxes_are_compared_side_by_side_and_one_vote_is_agreed_on(
    desk: OpenDesk, house: House, axe: str, scheme: str, width: int
) -> None:
    name = f"cups {scheme}"
    add_pictures(house, name)
    session = start(house, name, 1)
    both, one = boxes(CUP, PLATE), boxes(CUP)
    for login, said in zip(WHO, (both, one), strict=True):
        answer(house, name, session, house.person(login, name), {"things": said})
    mara = desk(None, name, color_scheme=scheme, viewport={"width": width, "height": 844})
    mara.open(f"/sessions/{session}", ".votes canvas")
    first = card(mara, 1)
    expect(first.locator(".votes > li")).to_have_count(2)
    expect(first).to_contain_text("answers are 33 % apart")
    whole(mara, axe)
    first.get_by_role("button", name="Begin with this").first.click()
    expect(first.locator("form canvas").first).to_be_visible()
    whole(mara, axe)
    first.get_by_role("button", name="Keep what was agreed").click()
    expect(first.locator("summary", has_text="✓ agreed")).to_be_visible()
    (item,) = mara.get(f"/calibrations/{session}")["items"]
    assert [each["answer"] for each in item["agreed"]] in ([answer_to_plain(both)], [answer_to_plain(one)])
