"""Drawing on real photos, by mouse, by keyboard alone and by touch: what the server has is what was drawn, to the pixel."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from goldseam.vocab.masks import counts_of_text
from tests.browser import shapes_house
from tests.browser.answering import Plain, own, suggest, told
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House
from tests.browser.shapes_desk import STATUS, Pixels, click, drag, drawing, drawn, place, sent
from tests.browser.shapes_house import HEIGHT, LABELS, WIDTH
from tests.browser.test_access import SIZES, axe, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

house, server = own(shapes_house.build)


def suggested(desk: Desk, boxes: list[Plain]) -> None:
    suggest(desk, {"kind": "box", "boxes": boxes}, "roof", "detector")


def test_boxes_are_drawn_by_mouse_and_come_back_to_the_pixel(desk: OpenDesk, house: House) -> None:
    ada = drawing(desk(house.person("ada", "boxes"), "boxes"))
    drag(ada, (100, 50), (300, 210))
    told(ada, "Roof at 100, 50, 200 by 160")
    ada.press("2")
    told(ada, "Person at 100, 50, 200 by 160")
    drag(ada, (300, 210), (310, 220))  # its corner
    told(ada, "Changed: Person at 100, 50, 210 by 170")
    drag(ada, (200, 100), (205, 103))  # all of it
    told(ada, "Moved: Person at 105, 53, 210 by 170")
    ada.press("z", "z", "Shift+Z")
    told(ada, "Done again: Changed")
    ada.press("Escape", "e")
    click(ada, (400, 120), (360, 200), (420, 300), (500, 210))  # the four edges of a thing
    told(ada, "Person at 360, 120, 140 by 180")
    ada.press("1", "e", "Escape")
    drag(ada, (20, 300), (21, 300))  # a click that slipped is no box
    ada.press("t")
    before = drawn(ada)
    assert before == [["100", "50", "210", "170", "0", "person"], ["360", "120", "140", "180", "0", "roof"]]
    ada.page.reload()  # nothing was sent yet: it is there again
    ada.page.locator(".gs-label").first.wait_for()
    ada.press("1")
    ada.page.locator(".gs-stage").wait_for()
    ada.press("t")
    assert drawn(ada) == before
    assert sent(ada)["boxes"] == [
        {"x": 100, "y": 50, "width": 210, "height": 170, "label": "person", "rotation": 0},
        {"x": 360, "y": 120, "width": 140, "height": 180, "label": "roof", "rotation": 0},
    ]
    ada.press("z")  # the item is back, with what the server holds
    ada.page.locator(".gs-label").first.wait_for()
    ada.press("1")
    ada.page.locator(".gs-stage").wait_for()
    ada.press("t")
    assert drawn(ada) == before


def test_boxes_are_drawn_without_a_mouse(desk: OpenDesk, house: House) -> None:
    bo = drawing(desk(house.person("bo", "box keys"), "box keys"))
    expect(bo.page.locator(".gs-stage")).to_be_focused()
    bo.press("2", "n", "n", *["Shift+ArrowRight"] * 4, *["Shift+ArrowDown"] * 3, "ArrowDown", "Enter")
    told(bo, "Person at 320, 214, 40 by 31")
    bo.press("ArrowLeft", "ArrowLeft", "Shift+ArrowUp", "Alt+ArrowRight", "Alt+Shift+ArrowDown")
    told(bo, "Size: Person at 318, 204, 41 by 41")
    bo.press("r", "Shift+R", "Escape", "1", "n", "Control+ArrowLeft", "n", "Shift+ArrowLeft", "Shift+ArrowUp", "n")
    told(bo, re.compile("Roof at .*, 10 by 10"))
    bo.press("[", "Tab", "Delete", "z", "Shift+Tab")
    told(bo, re.compile("Person at .*, 1 of 2"))
    bo.press("t")
    bo.page.get_by_label("width of box 1").fill("44")
    bo.press("Tab")
    told(bo, "Typed: Person")
    bo.page.locator(".gs-stage").focus()
    answer = sent(bo)
    assert {"x": 318, "y": 204, "width": 44, "height": 41, "label": "person", "rotation": 0} in answer["boxes"]
    assert len(answer["boxes"]) == 2


def test_boxes_are_drawn_by_touch_on_a_phone(desk: OpenDesk, house: House) -> None:
    cy = desk(house.person("cy", "box touch"), "box touch", viewport={"width": 390, "height": 844}, has_touch=True)
    drawing(cy)
    wire = cy.context.new_cdp_session(cy.page)

    def touch(name: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        wire.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": spots})

    touch("touchStart", place(cy, 100, 100))
    touch("touchMove", place(cy, 150, 160))
    touch("touchMove", place(cy, 300, 250))
    touch("touchEnd")
    told(cy, re.compile("Roof at (99|100|101), (99|100|101), "))
    before = cy.page.locator(".gs-image-zoom").inner_text()
    (x, y), (u, v) = place(cy, 200, 200), place(cy, 300, 250)
    touch("touchStart", (x, y), (u, v))
    touch("touchMove", (x - 40, y - 20), (u + 40, v + 20))
    touch("touchEnd")
    expect(cy.page.locator(".gs-image-zoom")).not_to_have_text(before)
    cy.page.get_by_role("button", name="Person").tap()
    cy.page.get_by_role("button", name="Done").tap()
    cy.page.locator(".rest h1").wait_for()
    cy.all_sent()
    found = [one["answer"] for one in cy.get("/history") if one["question"] == "shapes"]
    assert [box["label"] for box in found[0]["boxes"]] == ["person"]


def test_a_photo_taken_on_its_side_is_seen_upright_and_answered_as_stored(desk: OpenDesk, house: House) -> None:
    dee = drawing(desk(house.person("dee", "turned"), "turned"))
    seen = dee.page.locator(".gs-photo").evaluate("(photo) => [photo.offsetWidth, photo.offsetHeight]")
    assert seen == [HEIGHT, WIDTH]
    drag(dee, (HEIGHT - 50, 100), (HEIGHT - 210, 300))  # as seen: x is the stored height less y
    told(dee, "Roof at 100, 50, 200 by 160")
    dee.press("ArrowDown")  # down on the screen is to the right in the file
    assert sent(dee)["boxes"] == [{"x": 101, "y": 50, "width": 200, "height": 160, "label": "roof", "rotation": 0}]


def test_outlines_and_lines_are_drawn_point_by_point(desk: OpenDesk, house: House) -> None:
    eve = drawing(desk(house.person("eve", "polygons"), "polygons"))
    click(eve, (100, 100), (200, 90), (210, 190), (110, 200))
    eve.press("z")  # the last point back
    told(eve, "Next: point 4")
    click(eve, (105, 205), (100, 100))  # the first point closes it
    told(eve, "Roof 4 points")
    eve.press("h")
    click(eve, (140, 130), (160, 130), (160, 160))
    eve.press("Enter")
    told(eve, "Hole: Roof 4 points")
    eve.page.mouse.dblclick(*place(eve, 150, 95))  # a point more on the edge
    told(eve, "Point added: Roof 5 points")
    drag(eve, (150, 95), (150, 60))
    eve.press(",", "ArrowLeft", "Delete", "z")  # the point before it
    told(eve, "Undone: Point removed")
    eve.press("Escape", "2", "n", *["n", "Shift+ArrowRight"] * 2, "n", "Shift+ArrowDown", "Space", "Enter")
    told(eve, "Person 4 points")
    whole = {"points": [[99, 100], [150, 60], [200, 90], [210, 190], [105, 205]], "label": "roof"}
    answer = sent(eve)
    assert answer["polygons"][0] == whole | {"holes": [[[140, 130], [160, 130], [160, 160]]]}
    assert [one["label"] for one in answer["polygons"]] == ["roof", "person"]

    fay = drawing(desk(house.person("fay", "polylines"), "polylines"))
    click(fay, (20, 400), (300, 380))
    fay.page.mouse.dblclick(*place(fay, 600, 400))
    told(fay, "Roof 3 points")
    assert sent(fay)["polylines"] == [{"points": [[20, 400], [300, 380], [600, 400]], "label": "roof"}]


def test_keypoints_are_placed_in_the_order_of_their_skeleton(desk: OpenDesk, house: House) -> None:
    gil = drawing(desk(house.person("gil", "poses"), "poses"))
    click(gil, (300, 100))
    told(gil, "Next: middle (2 of 3)")
    gil.page.mouse.move(*place(gil, 310, 200))
    gil.press("o", "a")
    told(gil, "Roof 2 of 3 points")
    gil.press(".", "ArrowDown", "ArrowDown", ".", "o")
    told(gil, "middle visible")
    gil.press("z", "t")
    assert drawn(gil) == [["300,102 310,200? -", "roof"]]
    top = {"name": "top", "sight": "visible", "x": 300, "y": 102}
    points = sent(gil)["poses"][0]["points"]
    found = {one["name"]: {k: v for k, v in one.items() if v is not None} for one in points}
    middle = {"name": "middle", "sight": "occluded", "x": 310, "y": 200}
    assert found == {"top": top, "middle": middle, "foot": {"name": "foot", "sight": "absent"}}
    gil.press("z")  # whatever order the server keeps them in
    gil.page.locator(".gs-label").first.wait_for()
    gil.press("1")
    gil.page.locator(".gs-stage").wait_for()
    gil.press("t")
    expect(gil.page.get_by_label("points of pose 1")).to_have_value("300,102 310,200? -")


def test_ellipses_are_drawn_and_turned(desk: OpenDesk, house: House) -> None:
    hal = drawing(desk(house.person("hal", "ellipses"), "ellipses"))
    drag(hal, (200, 100), (400, 200))
    hal.press("r", "r", "r", "Shift+R", "Alt+r")
    told(hal, "Turned: Roof at 300, 150, 100 by 50, turned 11°")
    x, y = place(hal, 300, 150)
    hal.press("Shift+R", "Shift+R", "Alt+Shift+R", "Alt+ArrowRight")
    told(hal, "Size: Roof at 300, 150, 100.5 by 50")
    hal.page.mouse.move(x, place(hal, 300, 100)[1] - 26)  # the handle above it turns it to the hand
    hal.page.mouse.down()
    hal.page.mouse.move(x + 200, y, steps=5)
    hal.page.mouse.up()
    told(hal, "turned 90°")
    assert sent(hal)["ellipses"] == [{"cx": 300, "cy": 150, "rx": 100.5, "ry": 50, "label": "roof", "rotation": 90}]


def test_masks_are_painted_erased_and_filled(desk: OpenDesk, house: House) -> None:
    ida = drawing(desk(house.person("ida", "masks"), "masks"))
    drag(ida, (100, 100), (200, 100))
    told(ida, re.compile("Roof [0-9,]+ pixels"))
    ida.press("e")
    drag(ida, (150, 60), (150, 140))
    told(ida, "Erased: Roof")
    ida.press("p")
    click(ida, (300, 100), (340, 100), (340, 130), (300, 130))
    ida.press("Enter")
    told(ida, "Painted: Roof")
    ida.press("b", "n", "2", ".", "Space")
    told(ida, re.compile("Person [0-9,]+ pixels"))
    person, roof = sorted(sent(ida)["masks"], key=lambda one: one["label"])
    pixels = Pixels(roof["counts"])
    # A brush of radius 8 counts each pixel whose center is within it.
    assert pixels.at(100, 100) and pixels.at(200, 107) and not pixels.at(200, 108) and not pixels.at(150, 100)
    assert all(pixels.at(x, y) for x in (300, 339) for y in (100, 129))
    assert not any(pixels.at(*spot) for spot in ((299, 100), (340, 100), (300, 99), (300, 130)))
    assert sum(counts_of_text(person["counts"])[1::2]) == sum(
        x**2 + y**2 <= 100 for x in range(-10, 11) for y in range(-10, 11)
    )


def test_the_object_in_a_box_becomes_a_mask_that_is_corrected_by_hand(desk: OpenDesk, house: House) -> None:
    joy = drawing(desk(house.person("joy", "objects"), "objects"))
    address = f"{joy.origin}/api/projects/{joy.project}/items/{joy.item}/outline"
    beyond = {"left": 0, "top": 0, "right": 641, "bottom": 10}
    reply = joy.context.request.post(address, data=beyond, headers={"X-Goldseam": "1"})
    assert reply.status == 422
    assert "640 x 427" in reply.text()
    joy.press("o")
    drag(joy, (165, 80), (450, 358))
    told(joy, re.compile("Roof [0-9,]+ pixels"))
    joy.press("e")
    drag(joy, (300, 200), (310, 200))
    told(joy, "Erased: Roof")
    (mask,) = sent(joy)["masks"]
    pixels = Pixels(mask["counts"])
    assert pixels.at(230, 250) and pixels.at(400, 200), "petals"
    assert not pixels.at(170, 85) and not pixels.at(440, 350) and not pixels.at(600, 50), "what is behind them"
    assert not pixels.at(305, 200), "what was erased"


def test_suggestions_look_different_one_is_put_aside_and_enter_takes_the_rest(desk: OpenDesk, house: House) -> None:
    jo = desk(house.person("jo", "suggested"), "suggested")
    boxes = [{"x": 100 * n, "y": 50, "width": 80, "height": 60, "label": "roof"} for n in range(1, 4)]
    suggested(jo, [one | {"confidence": 0.3 * n} for n, one in enumerate(boxes, 1)])
    drawing(jo)
    expect(jo.page.locator(".gs-image-proposed-words")).to_have_text("3 suggested · 84 % sure · detector")
    expect(jo.page.locator(STATUS)).to_have_text("0 drawn")
    jo.press("]", "]")
    told(jo, "Roof at 200, 50, 80 by 60, suggested 60 %, 2 of 3")
    jo.press("x")
    told(jo, "Rejected: Roof at 200")
    jo.press("[", "2")  # corrected: a person's own from now on
    told(jo, "Person at 100, 50")
    found = sent(jo)["boxes"]
    assert [(one["x"], one["label"]) for one in found] == [(100, "person"), (300, "roof")]


OPENED = """() => new Promise((done) => {
  const started = performance.now();
  dispatchEvent(new KeyboardEvent('keydown', { key: '1', code: 'Digit1', bubbles: true }));
  const look = () => {
    if (document.querySelector('.gs-image-proposed-words')?.textContent.startsWith('10,000')) {
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started)));
    } else requestAnimationFrame(look);
  };
  look();
})"""
PRESSED = """async (keys) => {
  const took = [];
  for (const [key, shiftKey] of keys) {
    const started = performance.now();
    document.querySelector('.gs-stage').dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    took.push(performance.now() - started);
  }
  return took.sort((a, b) => a - b);
}"""


@pytest.mark.slow
def test_ten_thousand_boxes_open_move_and_arrive(desk: OpenDesk, house: House) -> None:
    kim = desk(house.person("kim", "many"), "many")
    boxes = [
        {"x": 6 * (n % 100), "y": 4 * (n // 100), "width": 5, "height": 3, "label": LABELS[n % 2]["name"]}
        for n in range(10_000)
    ]
    suggested(kim, boxes)
    kim.annotate()
    opened = kim.page.evaluate(OPENED)
    walked = kim.page.evaluate(PRESSED, [["]", False]] * 20)
    parts = kim.page.evaluate(
        "performance.getEntriesByType('measure').map((one) => `${one.name} ${one.duration.toFixed(0)} ms`)"
    )
    moved = kim.page.evaluate(PRESSED, [["ArrowRight", False], ["ArrowDown", True]] * 10)
    print(
        f"10,000 boxes: open {opened:.0f} ms; next shape {walked[-2]:.0f} ms, move {moved[-2]:.0f} ms (p95 of 20); {parts}"
    )
    kim.press("z")
    kim.page.locator(".gs-stage").focus()
    answer = sent(kim)["boxes"]
    assert len(answer) == 10_000
    want = sorted((one["y"], one["x"], one["label"]) for one in boxes)
    assert [(one["y"], one["x"], one["label"]) for one in answer] == want


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_while_drawing(desk: OpenDesk, house: House, axe: str, size: str) -> None:  # noqa: F811 - a fixture is asked for by its name
    width, height = SIZES[size]
    name = f"looks {size}"
    lea = desk(house.person(f"lea-{size}", name), name, viewport={"width": width, "height": height})
    boxes = [{"x": 420, "y": 150, "width": 150, "height": 120, "label": "person", "confidence": 0.62}]
    suggested(lea, boxes)
    drawing(lea)
    drag(lea, (100, 100), (260, 220))
    lea.press("b", "m")
    assert violations(lea.page, axe) == []
    picture(lea, f"draw-{size}")
    lea.press("b", "m", "t", "Escape", "n", "n", "Shift+ArrowLeft", "Shift+ArrowUp")
    assert violations(lea.page, axe) == []
    picture(lea, f"table-{size}")
    wide = """[...document.querySelectorAll('.gs-image *')].filter((one) => one.getBoundingClientRect().right > innerWidth
      && !one.closest('.gs-image-chips, .gs-image-tools, .gs-shape-table > *, .gs-stage')).map((one) => one.className)"""
    assert lea.page.evaluate(wide) == []


def picture(desk: Desk, name: str) -> None:
    """Keep what is on screen, where somebody asked for it."""
    if folder := os.environ.get("PICTURES_OF_SHAPES"):
        desk.page.screenshot(path=f"{folder}/{name}.png")
