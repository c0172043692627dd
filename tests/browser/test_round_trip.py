"""What is drawn on the page, released, exported, suggested elsewhere and confirmed there is what was drawn: to the code point and
to the pixel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from goldseam.vocab.errors import BadValue
from tests.browser import round_house
from tests.browser import shapes_desk as shapes
from tests.browser import spans_desk as spans
from tests.browser.answering import SETTLED, own, told
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House
from tests.browser.round_house import TEXT
from tests.browser.spans_house import ACUTE, FAMILY

pytestmark = pytest.mark.browser

Plain = Mapping[str, Any]

house, server = own(round_house.build)


def begin(desk: Desk) -> None:
    """Open the queue, and wait until what is to be marked has its place."""
    desk.annotate()
    desk.page.locator(".gs-text, .gs-photo img").first.wait_for()
    desk.page.get_by_role("button", name="Flag").wait_for()
    desk.page.evaluate(SETTLED)


def sent(desk: Desk) -> Plain:
    """Send what is on screen, and return the server's record of it."""
    desk.press("Enter")
    desk.page.locator(".rest h1").wait_for()
    desk.all_sent()
    ((answer, reaction),) = [(one["answer"], one["reaction"]) for one in desk.get("/history")]
    return {**answer, "reaction": reaction}


def mark_text(desk: Desk) -> None:
    """Mark clusters of code points, letters with marks, text that runs to the left, nested spans, and one over a line's end."""
    for words, key in (
        (f"Rene{ACUTE}", "1"),
        (FAMILY, "4"),
        ("Paris", "2"),
        ("\N{THUMBS UP SIGN}\U0001f3fd", "4"),
        ("\u05d3\u05d5\u05d3 \u05d1\u05df \u05d2\u05d5\u05e8\u05d9\u05d5\u05df", "1"),
        ("University of Cambridge", "3"),
        ("Cambridge", "2"),
        ("England", "2"),
        ("Alan Turing", "1"),
    ):
        spans.mark(desk, words, key)
    desk.press("Escape")
    spans.click(desk, "Haifa")
    desk.press("Shift+ArrowDown", "4")
    spans.click(desk, "Cambridge")
    spans.click(desk, "England", holding="Shift")
    desk.press("1")
    told(desk, "Joined: “Cambridge” is in “England”")
    desk.press("Escape")


def draw_boxes(desk: Desk) -> None:
    """Draw a box, and one that is turned."""
    shapes.drag(desk, (101, 57), (303, 211))
    told(desk, "Roof at 101, 57, 202 by 154")
    desk.press("Escape")
    shapes.drag(desk, (333, 91), (457, 180))
    desk.press("2", "r", "r", "Alt+r")
    told(desk, "turned 11°")
    desk.press("Escape")


def draw_ellipse(desk: Desk) -> None:
    shapes.drag(desk, (200, 100), (401, 203))
    desk.press("r", "Alt+ArrowRight")
    told(desk, re.compile("by 51.5, turned .*°"))
    desk.press("Escape")


def draw_polygons(desk: Desk) -> None:
    shapes.click(desk, (100, 100), (203, 91), (211, 190), (111, 200), (100, 100))
    desk.press("h")
    shapes.click(desk, (140, 130), (160, 131), (160, 160))
    desk.press("Enter")
    told(desk, "Hole: Roof 4 points")
    desk.press("Escape", "2")
    shapes.click(desk, (301, 101), (333, 117), (307, 149), (301, 101))
    told(desk, "Person 3 points")
    desk.press("Escape")


def paint(desk: Desk) -> None:
    shapes.drag(desk, (100, 100), (205, 131))
    desk.press("e")
    shapes.drag(desk, (150, 60), (153, 140))
    told(desk, "Erased: Roof")
    desk.press("b", "n", "2")
    shapes.drag(desk, (301, 303), (340, 280))
    told(desk, "Person")


def pose(desk: Desk) -> None:
    shapes.click(desk, (300, 100))
    told(desk, "Next: middle (2 of 3)")
    desk.page.mouse.move(*shapes.place(desk, 311, 203))
    desk.press("o", "a")
    told(desk, "Roof 2 of 3 points")
    desk.press("Escape")


def same_marks(answer: Plain) -> Any:
    """Return a text's answer without its spans' ids, which mean nothing outside of it."""
    at = {one.get("id"): (one["start"], one["end"], one["label"]) for one in answer["spans"]}
    joined = {(at[one["head"]], one["label"], at[one["tail"]]) for one in answer.get("relations", ())}
    return sorted((one["start"], one["end"], one["label"]) for one in answer["spans"]), joined


def without_relations(answer: Plain) -> Any:
    return same_marks(answer)[0]


def near(answer: Plain) -> Any:
    """Return boxes to compare within a billionth of a pixel: a turned one has no round place, and percentages of it are not exact."""
    return [
        {name: pytest.approx(part, abs=1e-9) if isinstance(part, float) else part for name, part in one.items()}
        for one in answer["boxes"]
    ]


def whole(answer: Plain) -> Any:
    return {name: part for name, part in answer.items() if name != "reaction"}


Same = Callable[[Plain], Any]
TRIPS: Mapping[str, tuple[Callable[[Desk], None], Mapping[str, Same], Mapping[str, str]]] = {
    "span": (
        mark_text,
        {"jsonl": whole, "label_studio": same_marks, "spacy": without_relations},
        {"conll": "overlap"},
    ),
    "box": (draw_boxes, {"jsonl": whole, "coco": whole, "label_studio": near}, {"voc": "turned box"}),
    "ellipse": (draw_ellipse, {"coco": whole, "label_studio": whole}, {}),
    "polygon": (draw_polygons, {"jsonl": whole, "coco": whole}, {"label_studio": "holes", "yolo": "holes"}),
    "mask": (paint, {"jsonl": whole, "coco": whole, "label_studio": whole}, {}),
    "keypoints": (pose, {"parquet": whole, "coco": whole, "label_studio": whole}, {}),
}
"""By kind: how it is drawn; the forms that hold it, with what of it they hold; and those that refuse it, and with which words."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRIPS)
def test_what_is_drawn_comes_back_through_every_form_that_holds_it(desk: OpenDesk, house: House, kind: str) -> None:
    draw, forms, refused = TRIPS[kind]
    ada = desk(house.person("ada", kind), kind)
    begin(ada)
    draw(ada)
    first = sent(ada)
    if kind == "span":
        check_places(first)
    for form, words in refused.items():
        with pytest.raises(BadValue, match=words):
            round_house.exported(house, kind, form)
    for form, same in forms.items():
        file = round_house.exported(house, kind, form)
        found = round_house.suggested(house, kind, form, file)
        assert (found.answers, found.left_out) == (1, ()), found
        house.person("ada", f"{kind} from {form}")
        ada.project = house.facts(f"{kind} from {form}").id
        begin(ada)
        again = sent(ada)
        assert same(again) == same(first), f"{form}: {json.dumps(again)}"
        assert again["reaction"] == "confirmed"


def check_places(first: Plain) -> None:
    """Check that each span covers, as Python cuts the text, what was marked on the page."""
    covered = {TEXT[one["start"] : one["end"]] for one in first["spans"]}
    assert {FAMILY, f"Rene{ACUTE}", "\N{THUMBS UP SIGN}\U0001f3fd", "Cambridge", "Alan Turing"} <= covered
    assert any("\n" in words for words in covered), covered
    assert len(first["relations"]) == 1
