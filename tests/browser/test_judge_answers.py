"""Answers that are no labels are judged by keyboard alone: spans, boxes, cards, texts; and contested like any label."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House
from tests.browser.judging_house import add_letters, add_pictures, add_suggested
from tests.browser.test_access import axe, violations

__all__ = ["axe"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def letters(house: House) -> House:
    add_letters(house)
    return house


def open_case(reviewer: Desk, prompt: str) -> None:
    """Open the page of rulings, and put what is asked otherwise at the end until this question comes."""
    reviewer.open("/adjudicate", "article[data-item]")
    reviewer.page.wait_for_load_state("networkidle")
    asked = reviewer.page.locator("#ask")
    for _ in range(6):
        if asked.inner_text() == prompt:
            return
        before = asked.inner_text()
        expect(reviewer.page.locator("footer .tally")).not_to_contain_text("· 1 here")  # what can be put at the end
        reviewer.page.evaluate("document.activeElement.blur()")
        reviewer.press("s")
        expect(asked).not_to_have_text(before)
    raise AssertionError(f"nobody is asked {prompt!r}")


def ruled(desk: Desk, question: str) -> bool:
    """Whether no item waits for a ruling on this question any more."""
    return desk.get(f"/disagreements?question={question}") == []


def test_every_kind_is_ruled_from_a_vote_or_the_model_without_a_mouse(desk: OpenDesk, letters: House) -> None:
    rev = desk(letters.person("rev", "letters", role=Role.REVIEWER), "letters")
    open_case(rev, "Mark every name.")
    side = rev.page.locator(".side")
    expect(side).to_contain_text("A surname belongs to the name.")
    expect(side.locator(".votes .gs-tag").first).to_be_visible()  # what differs is drawn by the editor itself
    for name in ("ines", "jo"):
        expect(rev.page.locator("main")).not_to_contain_text(name, use_inner_text=True)
    rev.press("Alt+Digit1", "Enter")
    expect(rev.page.locator("footer .last")).to_contain_text("Ruled")
    open_case(rev, "What is it about?")
    expect(side.locator("table tbody tr th")).to_have_text(["places", "dates", "people"])
    expect(side.get_by_text("1 part on which all agree")).to_be_visible()
    rev.press("Alt+Digit2", "4", "Enter")  # begun with a vote, and mended in the editor
    expect(rev.page.locator("footer .last")).to_contain_text("Ruled")
    open_case(rev, "Fill in the card.")
    rev.page.get_by_label("year").wait_for()
    rev.press("Alt+Digit2")
    expect(rev.page.get_by_label("year")).to_have_value("1833")
    rev.press("Control+Enter")
    expect(rev.page.locator("footer .last")).to_contain_text("Ruled")
    rev.all_sent()
    assert all(ruled(rev, name) for name in ("names", "about", "card"))
    ines = desk(letters.person("ines", "letters"), "letters")
    said = {one["question"]: one["ruled"] for one in ines.get("/corrections")["corrections"]}
    assert said["about"] == {"kind": "choices", "labels": ["dates", "people", "sums"]}
    contest(ines)
    decide(desk, letters)


def contest(ines: Desk) -> None:
    """Contest the card, whose ruling says something else than the own answer, by keyboard."""
    ines.open("/corrections", "article")
    card = ines.page.locator("article", has_text="Kent")
    card.get_by_role("button", name="Contest it").press("Enter")
    card.get_by_label("Why").fill("It was in London.")
    card.get_by_label("Why").press("Enter")
    expect(card).to_contain_text("Contested")
    ines.all_sent()
    (made,) = ines.get("/disputes")
    assert (made["question"], made["label"], made["settled"]) == ("card", "", None)


def decide(desk: OpenDesk, letters: House) -> None:
    """Let somebody who did not rule decide it, beginning with what the annotator wants."""
    rob = desk(letters.person("rob", "letters", role=Role.REVIEWER), "letters")
    rob.open("/adjudicate", "article[data-item]")
    expect(rob.page.get_by_role("heading", name="Contested")).to_be_visible()
    rob.page.wait_for_load_state("networkidle")
    expect(rob.page.locator(".contest table").first).to_contain_text("1833")
    rob.page.evaluate("document.activeElement.blur()")
    rob.press("Alt+Digit2")
    rob.page.get_by_label("Why: whoever contests").fill("The letter says so.")
    rob.page.get_by_label("who", exact=True).press("Control+Enter")
    expect(rob.page.locator("footer .last")).to_contain_text("Ruled")
    rob.all_sent()
    assert [one["state"] for one in rob.get("/disputes")] == ["overruled"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_where_answers_are_judged(
    desk: OpenDesk, letters: House, axe: str, scheme: str, width: int
) -> None:
    if width == 1280:
        add_pictures(letters)
    name = "pictures" if width == 1280 else "letters"
    seen = desk(
        letters.person(f"seen-{scheme}", name, role=Role.REVIEWER),
        name,
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
    )
    seen.open("/adjudicate", "article[data-item]")
    seen.page.wait_for_load_state("networkidle")
    found = violations(seen.page, axe)
    assert not found, "\n".join(found)
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_suggested_answer_of_any_kind_is_taken_by_one_key_and_what_became_of_it_is_kept(
    desk: OpenDesk, house: House
) -> None:
    add_suggested(house)
    ann = desk(house.person("ann-s", "suggested"), "suggested")
    ann.annotate()
    expect(ann.page.locator(".gs-tag")).to_have_count(2)
    taken = ann.item
    ann.press("Enter")  # the spans as they are suggested
    expect(ann.page.get_by_role("heading", name="What is it about?")).to_be_visible()
    ann.page.wait_for_function("document.querySelector('.gf-proposal')?.checkVisibility()")
    ann.answer("x", "4", "Enter")  # put aside: something else is right
    ann.all_sent()
    kept = {one["question"]: one for one in ann.get("/history") if one["item"] == taken}
    assert len(kept["names"]["answer"]["spans"]) == 2
    assert {name: one["reaction"] for name, one in kept.items()} == {"names": "confirmed", "about": "rejected"}


def test_the_verify_stream_confirms_by_enter_and_says_no_by_x(desk: OpenDesk, house: House, axe: str) -> None:
    vera = desk(house.person("vera"), "digits")
    vera.open("/verify", "article[data-item]")
    vera.page.wait_for_load_state("networkidle")
    claim = vera.page.locator(".claim")
    said: dict[str, str] = {}
    for act in ("yes", "no", "digit"):
        # A share of items is shown blind: those are asked as ever.
        while vera.shown() is not None and not claim.count():
            vera.answer("5")
        item, shown = vera.item, claim.locator("strong").inner_text()
        assert item is not None
        wrong = "4" if shown != "3" else "5"
        match act:
            case "yes":
                vera.answer("Enter")
            case "no":
                vera.press("x")
                expect(claim).to_contain_text("You say it is not")
                assert not violations(vera.page, axe)
                vera.press("z")  # the no is taken back, and said again
                expect(claim.get_by_role("button", name="Yes")).to_be_visible()
                vera.press("x")
                vera.answer(wrong)
            case _:
                vera.answer(wrong)
        said[item] = "confirmed" if act == "yes" else "corrected"
    vera.all_sent()
    kept = {one["item"]: one["reaction"] for one in vera.get("/history")}
    assert said == {item: kept[item] for item in said}
    expect(vera.page.locator("footer .tally")).to_contain_text("1 confirmed, 2 not")
    assert not violations(vera.page, axe)


def test_a_sheet_is_confirmed_by_enter_but_for_what_was_pressed_and_taken_back_by_one_key(
    desk: OpenDesk, house: House, axe: str
) -> None:
    sid = desk(house.person("sid"), "digits")
    sid.open("/sheet", ".tile")
    tiles, label = sid.page.locator(".tile"), sid.page.get_by_label("Label")
    for one in "5983204716":  # a label with enough items for this story
        label.select_option(one)
        sid.page.wait_for_load_state("networkidle")
        expect(label).to_be_enabled()
        if tiles.count() > 2:
            break
    shown = [str(tiles.nth(nth).get_attribute("data-item")) for nth in range(tiles.count())]
    assert 2 < len(shown) <= 24 and not violations(sid.page, axe)
    sid.press("w", "e", "e")  # the second is wrong; the third was pressed by slip
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(tiles.nth(2)).to_have_attribute("aria-pressed", "false")
    sid.press("Enter")
    sid.page.locator("article[data-item]").wait_for()
    assert sid.item == shown[1]
    sid.press("4")
    expect(sid.page.get_by_role("heading", name="Your receipts")).to_be_visible()
    expect(sid.page.locator("footer .tally")).to_contain_text(
        re.compile(rf"\b{len(shown) - 1} confirmed\W+1 corrected")
    )
    sid.all_sent()
    kept = {one["item"]: one for one in sid.get("/history?limit=100")}
    assert {kept[item]["reaction"] for item in shown if item != shown[1]} == {"confirmed"}
    assert kept[shown[1]]["answer"]["label"] == "4"
    receipt = sid.page.locator("li[data-state]").first
    expect(receipt).to_contain_text("Somebody else looks at")
    assert not violations(sid.page, axe)
    sid.page.evaluate("document.activeElement.blur()")
    sid.press("z")
    expect(receipt).to_contain_text("Taken back")
    standing = [one["item"] for one in sid.get("/history?limit=100") if not one["withdrawn"]]
    assert standing == [shown[1]]
