"""Drawing at a desk: where a pixel of the photo is on the screen, strokes and clicks, what the table and the server say.

In: a desk at a photo. Out: acts; what came of them. Never: a check of a shape.
"""

from __future__ import annotations

from goldseam.vocab.masks import counts_of_text
from tests.browser.answering import SETTLED, Plain, recorded
from tests.browser.desk import Desk
from tests.browser.shapes_house import HEIGHT, WIDTH

STATUS = ".gs-image-status"
PLACE = """([x, y]) => {
  const stage = document.querySelector('.gs-stage');
  const { left, top } = stage.getBoundingClientRect();
  const way = new DOMMatrix(getComputedStyle(document.querySelector('.gs-photo')).transform);
  const { x: across, y: down } = way.transformPoint({ x, y });
  return [left + stage.clientLeft + across, top + stage.clientTop + down];
}"""


def drawing(desk: Desk) -> Desk:
    """Open the queue, answer its first question, and wait for the photo."""
    desk.annotate()
    desk.press("1")
    desk.page.locator(".gs-photo img").wait_for()
    desk.page.get_by_role(
        "button", name="Flag"
    ).wait_for()  # the last part to come: the photo has its size from then on
    desk.page.evaluate(SETTLED)
    return desk


def place(desk: Desk, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of an upright photo lies on the screen."""
    found = desk.page.evaluate(PLACE, [x, y])
    return found[0], found[1]


def drag(desk: Desk, *points: tuple[float, float]) -> None:
    mouse = desk.page.mouse
    mouse.move(*place(desk, *points[0]))
    mouse.down()
    for point in points[1:]:
        mouse.move(*place(desk, *point), steps=4)
    mouse.up()
    desk.page.evaluate(SETTLED)


def click(desk: Desk, *points: tuple[float, float]) -> None:
    for point in points:
        desk.page.mouse.click(*place(desk, *point))


def sent(desk: Desk) -> Plain:
    """Send what is drawn, and return the server's record of it."""
    desk.press("Enter")
    return recorded(desk, "shapes")


def drawn(desk: Desk) -> list[list[str]]:
    """What the table says of the shapes, row by row."""
    rows: list[list[str]] = desk.page.evaluate(
        "[...document.querySelectorAll('.gs-shape-table tbody tr[data-key]')].map((row) =>"
        " [...row.querySelectorAll('input, select')].map((field) => field.value))"
    )
    return rows


class Pixels:
    """A mask to ask for pixels."""

    def __init__(self, text: str) -> None:
        self.inside = [bool(nth % 2) for nth, run in enumerate(counts_of_text(text)) for _ in range(run)]
        assert len(self.inside) == WIDTH * HEIGHT

    def at(self, x: int, y: int) -> bool:
        return self.inside[x * HEIGHT + y]
