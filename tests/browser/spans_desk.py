"""Marking at a desk: where words are on the screen, strokes over them, what the server has of it.

In: a desk at a text. Out: acts; what came of them. Never: a check of a span.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.answering import LAST, SETTLED, Plain, recorded
from tests.browser.desk import Desk

TAGS = ".gs-tag"
STATUS = ".gs-where"
BOX = """([words, nth, from]) => {
  const walker = document.createTreeWalker(document.querySelector('.gs-text'), NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) { nodes.push([text.length, node]); text += node.data; }
  let at = -1;
  for (let n = 0; n <= nth; n++) at = text.indexOf(words, at + 1);
  const place = (unit) => { const [start, node] = nodes.findLast(([start]) => start <= unit); return [node, unit - start]; };
  const range = document.createRange();
  range.setStart(...place(at));
  range.setEnd(...place(at + words.length - 1));
  const last = place(at + words.length - 1);
  range.setEnd(last[0], last[1] + 1);
  const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
  const rtl = getComputedStyle(nodes[0][1].parentElement.closest('.gs-line')).direction === 'rtl' && /[\\u0590-\\u05ff]/.test(words);
  const [first, final] = [boxes[0], boxes.at(-1)];
  const ends = rtl ? [boxes.at(-1).right, boxes[0].left] : [first.left, final.right];
  return { from: [ends[0], first.top + first.height / 2], to: [ends[1], final.top + final.height / 2] };
}"""


def marking(desk: Desk) -> Desk:
    """Open the queue, answer its first question, and wait for the text."""
    desk.annotate()
    desk.press("1")
    desk.page.locator(".gs-text").wait_for()
    desk.page.evaluate(SETTLED)  # the room grows wider for a text, within a frame or two
    return desk


def drag(desk: Desk, words: str, nth: int = 0, *, inset: float = 1.5, alt: bool = False) -> None:
    """Draw the mouse over these words, once the lines stand still."""
    desk.page.evaluate(SETTLED)
    box = desk.page.evaluate(BOX, [words, nth, 0])
    side = 1 if box["to"][0] > box["from"][0] else -1
    desk.page.mouse.move(box["from"][0] + side * inset, box["from"][1])
    desk.page.mouse.down()
    desk.page.mouse.move(box["to"][0] - side * inset, box["to"][1], steps=3)
    if alt:
        desk.page.keyboard.down("Alt")
    desk.page.mouse.up()
    if alt:
        desk.page.keyboard.up("Alt")
    expect(desk.page.locator(LAST)).to_contain_text("Selected")


def click(desk: Desk, words: str, nth: int = 0, times: int = 1, holding: str = "") -> None:
    """Click into the middle of these words, once or twice, holding a key or none."""
    desk.page.evaluate(SETTLED)
    box = desk.page.evaluate(BOX, [words, nth, 0])
    if holding:
        desk.page.keyboard.down(holding)
    desk.page.mouse.click((box["from"][0] + box["to"][0]) / 2, box["from"][1], click_count=times)
    if holding:
        desk.page.keyboard.up(holding)


def mark(desk: Desk, words: str, key: str, nth: int = 0) -> None:
    drag(desk, words, nth)
    desk.press(key)
    expect(desk.page.locator(LAST)).to_contain_text(words[:50])


def sent(desk: Desk) -> Plain:
    """Send what is marked, and return the server's record of it."""
    desk.press("Enter")
    return recorded(desk, "names")


def texts(answer: dict[str, Any], text: str) -> list[tuple[str, str]]:
    """What the spans of an answer cover, as Python cuts it, with their labels."""
    return [(text[span["start"] : span["end"]], span["label"]) for span in answer["spans"]]
