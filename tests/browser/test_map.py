"""The map of items: a lasso around what looks alike chooses it, by mouse and by keys, and what is chosen is acted on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from sklearn.datasets import load_digits

from goldseam.edge.runner import mapping, people
from goldseam.edge.runner.people import Principal
from goldseam.edge.store import items
from goldseam.vocab.people import Act
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import FILMS, House, add_films
from tests.browser.test_access import axe, violations_at  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

MARGIN = 14
"""Pixels around the unit square on the canvas."""
WHOLE = (1.0, 0.5, 0.5)
"""A view of the map: its zoom, and the place in the middle of the plane."""
View = tuple[float, float, float]


def make(house: House, name: str, method: mapping.Method) -> None:
    permit = people.permit(house.world, Principal(house.digits.me, "x"), house.facts(name).id, Act.MEASURE)
    mapping.make(house.world, permit, 1_797, method, seed=7)


@pytest.fixture(scope="module")
def mapped(house: House) -> House:
    """The house with a map of all digits."""
    make(house, "digits", "tsne")
    return house


def spot(canvas: Locator, x: float, y: float, view: View = WHOLE) -> tuple[float, float]:
    """Where a place of the map is on the screen."""
    box = canvas.bounding_box()
    assert box is not None
    zoom, at, down = view
    side = zoom * (min(box["width"], box["height"]) - 2 * MARGIN)
    return (
        box["x"] + box["width"] / 2 + side * (x - at),
        box["y"] + box["height"] / 2 + side * (y - down),
    )


def open_map(desk: Desk) -> tuple[Page, Locator, dict[str, Any]]:
    desk.open("/items", "h1")
    desk.page.get_by_role("link", name="Map", exact=True).click()
    canvas = desk.page.get_by_role("application", name=re.compile("^Map of"))
    canvas.wait_for()
    return desk.page, canvas, desk.get("/map")["points"]


def chosen(page: Page) -> list[str]:
    """The ids in the table of what is chosen."""
    more = page.get_by_role("button", name="Show more")
    while more.count():
        more.click()
    links = page.get_by_role("region", name="Chosen items").get_by_role("link")
    return [str(one).rpartition("/")[2] for one in links.evaluate_all("all => all.map((one) => one.href)")]


def lasso(page: Page, canvas: Locator, x: float, y: float, radius: float, view: View = WHOLE) -> None:
    angles = np.linspace(0, 2 * np.pi, 24)
    for nth, angle in enumerate(angles):
        page.mouse.move(*spot(canvas, x + radius * np.cos(angle), y + radius * np.sin(angle), view))
        if not nth:
            page.mouse.down()
    page.mouse.up()


def truth(house: House, ids: list[str]) -> dict[str, str]:
    """The true digit of items, by the number in their file's name."""
    facts, target = house.facts(), load_digits().target
    position = house.world.store.read(lambda tx: items.positions_of(tx, facts.id, ids))  # type: ignore[arg-type]  # plain values do where the hint is narrower
    whole = house.world.store.read(lambda tx: items.some(tx, facts.id, position))
    return {str(one.id): str(target[int(one.origin.key[:4])]) for one in whole}


@pytest.mark.slow
def test_a_lasso_around_a_dense_cluster_chooses_mostly_items_of_its_label(desk: OpenDesk, mapped: House) -> None:
    page, canvas, points = open_map(desk(viewport={"width": 1440, "height": 900}))
    is_zero = truth(mapped, points["id"])
    xy = np.array([points["x"], points["y"]]).T
    zeros = xy[[is_zero[one] == "0" for one in points["id"]]]
    (x, y), far = np.median(zeros, axis=0), np.linalg.norm(zeros - np.median(zeros, axis=0), axis=1)
    radius = float(np.quantile(far, 0.7))
    lasso(page, canvas, x, y, radius)
    found = chosen(page)
    assert len(found) >= 0.6 * len(zeros)
    assert np.mean([is_zero[one] == "0" for one in found]) > 0.9
    expect(page.get_by_text(re.compile(r"^Chosen: \d+ items; \d+ of them: 0$"))).to_be_visible()

    # Without those that nobody labeled, what is chosen was settled as that digit.
    page.get_by_role("button", name=re.compile("^no label yet")).click()
    lasso(page, canvas, x, y, radius)
    settled = chosen(page)
    assert settled
    assert set(settled) < set(found)
    label = dict(zip(points["id"], points["label"], strict=True))
    assert np.mean([label[one] == 0 for one in settled]) > 0.5
    nth = points["id"].index(settled[0])
    page.mouse.move(*spot(canvas, xy[nth, 0], xy[nth, 1]))
    expect(page.locator(".tip")).to_contain_text("settled")
    expect(page.locator(".tip img")).to_have_js_property("complete", value=True)


def test_a_lasso_on_a_map_that_was_zoomed_and_dragged_takes_what_lies_in_it(desk: OpenDesk, mapped: House) -> None:
    page, canvas, points = open_map(desk())
    xy = np.array([points["x"], points["y"]]).T
    canvas.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.get_by_text("225 %")).to_be_visible()
    # What is at the pointer stays there when the wheel turns; a drag with the middle button takes the map along.
    page.mouse.move(*spot(canvas, 0.5, 0.5))
    page.mouse.wheel(0, -150)
    zoom = 1.5**2 * float(np.exp(0.3))
    expect(page.get_by_text(f"{zoom:.0%}".replace("%", " %"))).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    side = zoom * (min(box["width"], box["height"]) - 2 * MARGIN)
    page.mouse.down(button="middle")
    page.mouse.move(*spot(canvas, 0.5 + 0.05, 0.5 + 0.08), steps=3)
    page.mouse.up(button="middle")
    view = (zoom, 0.5 - 0.05 / zoom, 0.5 - 0.08 / zoom)
    near = np.linalg.norm(xy - np.array(view[1:]), axis=1)
    radius = float(np.sort(near)[20]) + 0.3 / side
    lasso(page, canvas, view[1], view[2], radius, view)
    found, slack = set(chosen(page)), 2.5 / side
    ids = np.array(points["id"])
    # A line drawn by hand is a polygon on whole pixels: what lies on it may fall on either side.
    assert {*ids[near < radius * np.cos(np.pi / 23) - slack]} <= found <= {*ids[near < radius + slack]}
    assert len(found) > 10

    # A row of the table shows where it lies, with what it holds.
    link = page.get_by_role("region", name="Chosen items").get_by_role("link").first
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    expect(page.get_by_text("100 %")).to_be_visible()
    lasso(page, canvas, xy[0, 0], xy[0, 1], 0.03)
    link.focus()
    expect(page.locator(".tip")).to_be_visible()
    expect(page.locator(".tip img")).to_have_attribute(
        "src", re.compile(str(link.get_attribute("href")).rpartition("/")[2])
    )


def test_by_keys_alone_items_are_chosen_put_ahead_and_asked_about_again(desk: OpenDesk, house: House) -> None:
    add_films(house, "films on a map", FILMS, 1)
    mara = desk(None, "films on a map")
    mara.open("/map", "h1")
    expect(mara.page.locator("main")).to_contain_text("run goldseam map in its folder")
    make(house, "films on a map", "pca")
    page, canvas, points = open_map(mara)
    canvas.focus()
    mara.press("ArrowRight", *["ArrowLeft"] * 40, *["ArrowUp"] * 40)
    mara.press(*["Shift+ArrowRight"] * 15, *["Shift+ArrowDown"] * 50, "Enter")  # the left half of the map
    half = {one for one, x in zip(points["id"], points["x"], strict=True) if x <= 0.5}
    assert 0 < len(half) < len(FILMS)
    assert set(chosen(page)) == half
    expect(page.get_by_role("region", name="Chosen items")).to_contain_text("The" if len(half) > 4 else "is")
    for button, said in (
        ("Put ahead in the queue", f"{len(half)} of {len(half)} items moved"),
        ("Ask about them again", f"{len(half)} items asked about again"),
    ):
        act = page.get_by_role("button", name=button)
        expect(act).to_be_enabled()
        act.focus()
        mara.press("Enter")
        expect(page.locator(".good")).to_contain_text(said)
    first = mara.context.request.post(
        f"{mara.origin}/api/projects/{mara.project}/assignments", data={"count": 1}, headers={"X-Goldseam": "1"}
    ).json()
    assert first["assignments"][0]["item"]["id"] in half
    canvas.focus()
    mara.press("Escape")
    expect(page.get_by_text("Nothing yet. Draw around points")).to_be_visible()


@pytest.mark.slow
@pytest.mark.usefixtures("mapped")
def test_axe_finds_nothing_on_the_map(desk: OpenDesk, axe: str) -> None:  # noqa: F811 - a fixture is asked for by its name
    mara = desk(None, viewport={"width": 1440, "height": 900})
    page, canvas, _ = open_map(mara)
    canvas.focus()
    mara.press("ArrowRight", *["Shift+ArrowRight"] * 5, "Enter")
    expect(page.get_by_role("region", name="Chosen items")).to_be_visible()
    assert violations_at(page, axe, [(1440, 900), (390, 900)]) == []
