"""Labeling real digits by keyboard: every answer is on the server once, whatever was undone, skipped or looked up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response, expect

from tests.browser.desk import ITEM, OpenDesk
from tests.browser.house import House

pytestmark = pytest.mark.browser


def test_digits_answer_enter_accepts_and_each_answer_is_on_the_server_once(desk: OpenDesk, house: House) -> None:
    ann = desk(house.person("ann"), service_workers="allow")
    ann.annotate()
    expected = []
    for wanted in ("3", "7", "Enter", "0", "Enter", "9"):
        assert ann.shown() is not None
        # A few items come without a suggestion, to measure how much it sways.
        key = wanted if wanted != "Enter" or ann.suggestion else "5"
        label = ann.suggestion if key == "Enter" else key
        expected.append((ann.answer(key), label))
    assert len({item for item, _ in expected}) == len(expected), "an item was shown twice"
    ann.all_sent()
    assert ann.given() == expected
    expect(ann.page.locator("footer .tally")).to_have_text("6 answered")


def test_enter_accepts_what_is_suggested_and_x_puts_it_aside(desk: OpenDesk, house: House) -> None:
    ben = desk(house.person("benno"))
    ben.annotate()
    for _ in range(10):
        if ben.shown() is not None and ben.suggestion is not None:
            break
        ben.answer("1")
    suggested = ben.suggestion
    assert suggested is not None, "ten items without a suggestion"
    item = ben.answer("Enter")
    ben.all_sent()
    assert ben.given()[-1] == (item, suggested)
    while ben.shown() is not None and ben.suggestion is None:
        ben.answer("2")
    before = ben.item
    ben.press("x")
    expect(ben.page.locator(".gs-proposal strong")).to_have_count(0)
    ben.page.locator(ITEM).focus()
    ben.press("Enter")
    assert ben.item == before, "an answer was made of nothing"
    expect(ben.page.locator("footer .last")).to_have_text("Choose a label first")


def test_z_takes_three_answers_back_and_the_new_ones_count(desk: OpenDesk, house: House) -> None:
    cy = desk(house.person("cy"))
    cy.annotate()
    items = [cy.answer(key) for key in "12345"]
    cy.all_sent()  # so that the undo is a new event on the server, not a letter taken back
    items.append(cy.answer("6"))  # and this one has not left yet
    for item in reversed(items[-4:]):
        before = cy.item
        assert before is not None
        cy.press("z")
        cy.changes_from(before)
        assert cy.item == item
    expect(cy.page.locator("[data-state=chosen] .gs-title")).to_have_text("3")
    for key, item in zip("7890", items[-4:], strict=True):
        assert cy.answer(key) == item
    cy.all_sent()
    assert dict(cy.given()) == dict(zip(items, "127890", strict=True))
    assert len(cy.given()) == 6


def test_s_skips_with_a_reason_and_the_item_does_not_come_back(desk: OpenDesk, house: House) -> None:
    dora = desk(house.person("dora"))
    dora.annotate()
    skipped = dora.item
    assert skipped is not None
    dora.press("s")
    expect(dora.dialog("Skip this item")).to_be_visible()
    with dora.page.expect_response(lambda reply: reply.url.endswith("/skip")) as sent:
        dora.press("1")
        dora.changes_from(skipped)
    assert sent.value.request.post_data_json["reason"] == "language"
    seen = [dora.answer(key) for key in "1234567"]
    assert skipped not in seen
    dora.all_sent()
    assert [item for item, _ in dora.given()] == seen


def test_u_says_that_it_cannot_be_decided(desk: OpenDesk, house: House) -> None:
    emil = desk(house.person("emil"))
    emil.annotate()
    item = emil.answer("u")
    emil.all_sent()
    assert [(one["item"], one["answer"]["kind"]) for one in emil.get("/history")] == [(item, "abstain")]


def test_panels_open_and_close_by_key_and_no_digit_falls_through_them(desk: OpenDesk, house: House) -> None:
    fay = desk(house.person("fay"))
    fay.annotate()
    item = fay.item
    guideline = fay.page.get_by_role("complementary", name="Guideline")
    expect(guideline).to_be_visible()  # there is room for it
    fay.press("g")
    expect(guideline).to_be_hidden()
    fay.press("g")
    expect(guideline).to_be_visible()
    expect(guideline).to_contain_text("Which digit is it?")
    for key, title in (("?", "Keys"), ("/", "Labels"), ("s", "Skip this item")):
        fay.press(key)
        expect(fay.dialog(title)).to_be_visible()
        fay.press("g", "z")
        if title == "Keys":
            fay.press("3")
        fay.close()
        assert fay.item == item
    fay.press("/")
    expect(fay.page.get_by_role("combobox")).to_be_focused()
    fay.page.keyboard.type("eight")  # no label is called so
    expect(fay.dialog("Labels")).to_contain_text("No label of that name")
    fay.press("Control+a")
    fay.page.keyboard.type("8")
    expect(fay.dialog("Labels").get_by_role("option").first).to_contain_text("look twice whether it is a 3")
    assert item is not None
    fay.press("Enter")
    fay.changes_from(item)
    fay.all_sent()
    assert fay.given() == [(item, "8")]


def test_a_reload_in_the_middle_brings_the_same_items_back(desk: OpenDesk, house: House) -> None:
    gus = desk(house.person("gus"))
    gus.annotate()

    def begins(reply: Response) -> bool:
        """Whether a page that was just opened asked for this: it says what others of this browser hold."""
        return reply.url.endswith("/assignments") and "holding" in reply.request.post_data_json

    with gus.page.expect_response(begins) as first:
        gus.page.reload()
    done = [gus.answer(key) for key in "12"]
    leased = {one["item"]["id"] for one in first.value.json()["assignments"]} - set(done)
    gus.all_sent()
    shown = gus.item
    assert shown is not None
    with gus.page.expect_response(begins) as again:
        gus.page.reload()
    back = {one["item"]["id"] for one in again.value.json()["assignments"]}
    assert not back & set(done)
    assert shown in back
    assert leased <= back, "items that were in hand did not come back"
    rest = [gus.answer("4") for _ in leased]
    gus.all_sent()
    assert [item for item, _ in gus.given()] == [*done, *rest]


def test_ten_labels_the_item_and_the_footer_are_on_one_screen(desk: OpenDesk, house: House) -> None:
    hal = desk(house.person("hal"))
    hal.annotate()
    expect(hal.page.locator(".gs-label")).to_have_count(10)
    assert hal.fits()
    for part in (hal.page.locator(".gs-label").last, hal.page.locator(f"{ITEM} img"), hal.page.locator("footer")):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 860
    middle = hal.page.evaluate(
        """() => {
          const [image, desk] = ['article img', '.desk'].map((where) => document.querySelector(where).getBoundingClientRect());
          return Math.abs((image.left + image.right) / 2 - (desk.left + desk.right) / 2);
        }"""
    )
    assert middle < 2, "the image is not in the middle"
