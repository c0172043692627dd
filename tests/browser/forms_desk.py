"""How each kind of question is answered, by keyboard alone and by mouse, and what the server has of it then.

In: a desk at an item that asks it. Out: keys, acts, the answer that they come to. Never: a check.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.answering import Plain, recorded
from tests.browser.desk import Desk

EDITOR = ".editor .gf >> nth=0"


def asking(desk: Desk) -> Desk:
    """Open the queue, answer its first question, and wait for the second."""
    desk.annotate()
    desk.press("1")
    desk.page.locator(EDITOR).wait_for()
    return desk


def sent(desk: Desk) -> Plain:
    """Wait until nothing is left to do, and return the server's record of the answer."""
    return recorded(desk, "q")


def typed(text: str) -> list[str]:
    return list(text)


def _g(turn: int, criterion: str, value: int) -> Plain:
    return {"turn": turn, "criterion": criterion, "value": value}


BY_KEYS: dict[str, tuple[list[str], Plain]] = {
    "choices": (["1", "3", "2", "2", "4", "z", "Enter"], {"kind": "choices", "labels": ["money", "name"]}),
    "taxonomy": (["/", *typed("sea li"), "Enter"], {"kind": "taxonomy", "labels": ["animal/mammal/sea lion"]}),
    "paths": (
        ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "Space", "/", *typed("quartz"), "Enter", "Enter"],
        {"kind": "taxonomy", "labels": ["mineral/quartz", "mineral/salt"]},
    ),
    "rating": (["ArrowRight", "ArrowRight", "z", "ArrowRight", "6"], {"kind": "rating", "value": 6}),
    "number": ([*typed("12,"), "Backspace", *typed(".0"), "ArrowUp", "Enter"], {"kind": "number", "value": 12.5}),
    "date": ([*typed("3 May 2024"), "ArrowUp", "ArrowDown", "Enter"], {"kind": "date", "value": "2024-05-03"}),
    "text": ([*typed("Paid."), "Enter", *typed("Ok"), "Control+Enter"], {"kind": "text", "text": "Paid.\nOk"}),
    "preference": (["ArrowRight"], {"kind": "preference", "chosen": 1, "strength": None}),
    "strength": (
        ["ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight", "Enter"],
        {"kind": "preference", "chosen": 0, "strength": 2},
    ),
    "ranking": (
        ["ArrowDown", "ArrowDown", "Space", "ArrowUp", "ArrowUp", "Space", "ArrowDown", "ArrowDown", "=", "Enter"],
        {"kind": "ranking", "order": [[2], [0, 1]]},
    ),
    "best": (["ArrowRight", "ArrowRight", "z", "2"], {"kind": "best", "chosen": 1}),
    "rubric": (
        ["4", "2", "5", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"],
        {"kind": "rubric", "grades": [_g(2, "brief", 2), _g(2, "correct", 4), _g(4, "brief", 2), _g(4, "correct", 5)]},
    ),
    "fields": (
        [*typed("1250"), "Enter", *typed("3.5.2024"), "Enter", "Space", "Tab", "Tab", "Tab", *typed("E"), "Tab",
         *typed("Okafor"), "Enter", *typed("Lind"), "Control+Enter"],
        {"kind": "key_values", "pairs": [
            {"key": "currency", "value": "EUR"}, {"key": "names", "value": "Okafor"}, {"key": "names", "value": "Lind"},
            {"key": "paid", "value": True}, {"key": "sent", "value": "2024-05-03"}, {"key": "total", "value": 1250},
        ]},
    ),
}  # fmt: skip


def button(desk: Desk, name: str) -> Locator:
    return desk.page.locator(".editor").get_by_role("button", name=name, exact=True)


def by_mouse_choices(desk: Desk) -> Plain:
    for one in ("place", "date", "place"):
        desk.page.get_by_role("checkbox", name=one).click()
    button(desk, "Submit").click()
    return {"kind": "choices", "labels": ["date"]}


def by_mouse_taxonomy(desk: Desk) -> Plain:
    rows = desk.page.get_by_role("treeitem")
    rows.filter(has_text="plant").click()
    rows.filter(has_text="family 3").last.click()
    rows.filter(has_text="species 181").click()
    return {"kind": "taxonomy", "labels": ["plant/family 3/species 181"]}


def by_mouse_rating(desk: Desk) -> Plain:
    desk.page.get_by_role("radio", name="7: a joy").click()
    return {"kind": "rating", "value": 7}


def by_mouse_number(desk: Desk) -> Plain:
    for name in ("One step more", "One step more", "One step less"):
        button(desk, name).click()
    button(desk, "Submit").click()
    return {"kind": "number", "value": 0}


def by_mouse_date(desk: Desk) -> Plain:
    desk.page.locator(".gf-calendar").evaluate(
        "(field) => { field.value = '2024-05-03'; field.dispatchEvent(new Event('input')); }"
    )
    expect(desk.page.locator(".gf-heard")).to_have_text("Friday, May 3, 2024")
    button(desk, "Submit").click()
    return {"kind": "date", "value": "2024-05-03"}


def by_mouse_strength(desk: Desk) -> Plain:
    desk.page.get_by_role("radio", name="B clearly better").click()
    return {"kind": "preference", "chosen": 1, "strength": 2}


def by_mouse_ranking(desk: Desk) -> Plain:
    grips = desk.page.locator(".gf-grip")
    start, end = grips.nth(2).bounding_box(), grips.nth(0).bounding_box()
    assert start is not None and end is not None
    desk.page.mouse.move(start["x"] + 20, start["y"] + 20)
    desk.page.mouse.down()
    desk.page.mouse.move(start["x"] + 20, start["y"] - 30, steps=4)
    desk.page.mouse.move(end["x"] + 20, end["y"] - 5, steps=4)
    desk.page.mouse.up()
    expect(desk.page.locator(".gf-letter")).to_have_text(["C", "A", "B"])
    button(desk, "B one up").click()
    button(desk, "A tied with the one above").click()
    button(desk, "Submit").click()
    return {"kind": "ranking", "order": [[2], [0, 1]]}


def by_mouse_best(desk: Desk) -> Plain:
    desk.page.get_by_role("radio").nth(2).click()
    return {"kind": "best", "chosen": 2}


def by_mouse_rubric(desk: Desk) -> Plain:
    for name, value in (("correct, turn 3", 5), ("brief, turn 3", 1), ("correct, turn 5", 4), ("brief, turn 5", 3)):
        desk.page.get_by_role("radiogroup", name=name).get_by_role("radio", name=str(value)).click()
    button(desk, "Submit").click()
    grades = [(2, "brief", 1), (2, "correct", 5), (4, "brief", 3), (4, "correct", 4)]
    return {"kind": "rubric", "grades": [dict(zip(("turn", "criterion", "value"), one, strict=True)) for one in grades]}


def by_mouse_fields(desk: Desk) -> Plain:
    desk.page.get_by_label("total").first.fill("1250.5")
    button(desk, "No").click()
    desk.page.get_by_label("currency").last.select_option("USD")
    button(desk, "Submit").click()
    pairs = [("currency", "USD"), ("paid", False), ("total", 1250.5)]
    return {"kind": "key_values", "pairs": [{"key": key, "value": value} for key, value in pairs]}


BY_MOUSE: dict[str, Callable[[Desk], Plain]] = {
    name.removeprefix("by_mouse_"): act for name, act in list(globals().items()) if name.startswith("by_mouse_")
}
