"""Everybody can use it: axe finds nothing, the keyboard reaches everything, and where it is can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from goldseam.vocab.people import Role
from tests.browser.answering import SETTLED
from tests.browser.desk import ITEM, Desk, OpenDesk
from tests.browser.house import House
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"wide": (1280, 860), "narrow": (390, 844)}
COLORS = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colors: all others find the same in either scheme."""
SIDEWAYS = """[document.documentElement, document.querySelector('.desk')]
  .some((one) => one !== null && one.scrollWidth > innerWidth)"""
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
FOUND = """async (more) => {
  // A scheme that has just changed is painted within a few frames, and colors fade into the next.
  for (let left = 4; left; left--) await new Promise(requestAnimationFrame);
  await Promise.race([
    Promise.allSettled(document.getAnimations().map((one) => one.finished)),
    new Promise((done) => setTimeout(done, 1000)),
  ]);
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...more });
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 160)} `
    + node.any.concat(node.all, node.none).map((one) => one.message).join('; ')));
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not here: run npm ci in web/")
    return Path(AXE).read_text(encoding="utf-8")


def as_it_looks(page: Page, axe: str) -> list[str]:
    """What axe finds on this page as it looks now, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    return [str(line) for line in page.evaluate(FOUND, {})]


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds on this page, one line each: everything as it looks now, and the colors of the other scheme."""
    now, other = ("dark", "light") if page.evaluate(IS_DARK) else ("light", "dark")
    found = as_it_looks(page, axe)
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]  # one of two words
    found += [f"{other}: {line}" for line in page.evaluate(FOUND, {"runOnly": list(COLORS)})]
    page.emulate_media(color_scheme=now)  # type: ignore[arg-type]  # one of two words
    return found


STYLED_ANEW = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { --anew: 1; transition: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return getComputedStyle(document.body).color;
}"""
"""On a loaded machine Chromium now and then leaves texts in the ink of the scheme before: this has every element styled anew."""


def violations_at(page: Page, axe: str, sizes: Iterable[tuple[int, int]]) -> list[str]:
    """What axe finds in a light window of the first size and in a dark one of the second, and whether something is wider.

    A page that is made narrower has to be as good as one that was opened so, and costs half as much to look at: every rule
    is asked at each size, and those about colors in each scheme.
    """
    found = []
    first, second = sizes
    for (width, height), scheme in ((first, "light"), (second, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
        page.evaluate(STYLED_ANEW)
        page.evaluate(SETTLED)
        found += [f"{width}, {scheme}: {line}" for line in as_it_looks(page, axe)]
        if page.evaluate(SIDEWAYS):
            found.append(f"something is wider than {width}")
    page.set_viewport_size({"width": first[0], "height": first[1]})
    page.emulate_media(color_scheme="light")
    return found


def views(desk: Desk) -> Iterator[str]:
    """Bring up every view that a reviewer or manager can reach, one after another, by name."""
    page = desk.page
    page.goto(f"{desk.origin}/")
    page.locator(".card").first.wait_for()
    yield "projects"
    desk.open(wait_for=".figure")
    yield "project"
    desk.annotate()
    yield "annotate"
    desk.press("g")
    yield "annotate, guideline turned"
    for key, title in (("?", "Keys"), ("s", "Skip this item"), ("/", "Labels")):
        desk.press(key)
        desk.dialog(title).wait_for()
        yield title
        desk.close()
    page.locator("header [data-tone]").click()
    desk.dialog("Outbox").wait_for()
    yield "outbox"


def test_axe_finds_nothing_before_one_is_signed_in_or_in_any_view_of_a_manager(
    desk: OpenDesk, house: House, axe: str
) -> None:
    sizes = SIZES.values()
    out = desk(signed_in=False)
    out.page.goto(f"{out.origin}/sign-in")
    out.page.get_by_label("Login").wait_for()
    found = [f"sign-in: {line}" for line in violations_at(out.page, axe, sizes)]
    one = desk(house.person("axe", role=Role.MANAGER))
    for view in views(one):
        found += [f"{view}: {line}" for line in violations_at(one.page, axe, sizes)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("path", "shown"), [("/adjudicate", ITEM), ("/annotate", ".rest h1")])
def test_axe_finds_nothing_where_one_rules_or_rests(
    desk: OpenDesk, house: House, axe: str, path: str, shown: str
) -> None:
    name = "tied for good"
    tied = desk(house.person(f"axe{path.strip('/')}", name, role=Role.MANAGER), name)
    tied.open(path, shown)
    assert not violations_at(tied.page, axe, SIZES.values())


STOPS = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const there = document.activeElement;
  if (!there || there === document.body) return null;
  const style = getComputedStyle(there);
  const box = there.getBoundingClientRect();
  const shown = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  window.stopped ??= new Set();
  window.stopped.add(there);
  return { name: (there.getAttribute('aria-label') || there.innerText || there.getAttribute('name') || there.tagName).trim(), shown, inside };
}"""
LEFT_OUT = """() => [...document.querySelectorAll('a[href], button, input, summary, select, textarea, [tabindex="0"]')]
  .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && !window.stopped.has(one))
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", ["", "/annotate", "/adjudicate"])
def test_tab_reaches_everything_and_the_focus_is_seen(desk: OpenDesk, house: House, path: str) -> None:
    name = "tied for good" if path == "/adjudicate" else "digits"
    zoe = desk(house.person(f"zoe{path.strip('/')}", name, role=Role.MANAGER), name)
    zoe.open(path, ITEM if path else ".figure")
    zoe.page.wait_for_load_state("networkidle")
    # A page with an item begins at the item; Shift+Tab from there leads back to the top.
    zoe.page.locator(".to-main").focus()
    stops = [zoe.page.evaluate(STOPS)]
    for _ in range(80):
        zoe.press("Tab")
        stop = zoe.page.evaluate(STOPS)
        if stop is None or stop["name"] == stops[0]["name"]:
            break
        stops.append(stop)
    assert stops[0]["name"] == "To the content"
    assert not [stop["name"] for stop in stops if not stop["shown"]], "the focus cannot be seen"
    assert not [stop["name"] for stop in stops if not stop["inside"]], "the focus is off the screen"
    assert zoe.page.evaluate(LEFT_OUT) == [], "Tab does not reach these"


def test_a_whole_sitting_needs_no_mouse(desk: OpenDesk, house: House) -> None:
    amy = desk(house.person("amy"))
    amy.page.goto(f"{amy.origin}/")
    amy.page.locator(".card").first.wait_for()
    _tab_to(amy, "digits")
    amy.press("Enter")
    amy.page.locator(".facts").wait_for()
    _tab_to(amy, "Annotate")
    amy.press("Enter")
    amy.page.locator(ITEM).wait_for()
    amy.page.wait_for_load_state("networkidle")
    given = [(amy.answer("4"), "4")]
    _tab_to(amy, "2")  # a label's button, reached by Tab and the arrows, pressed by Enter
    amy.press("ArrowRight")
    given.append((amy.answer("Enter"), "3"))
    amy.press("s")
    before = amy.item
    assert before is not None
    _tab_to(amy, "None of the labels fits")
    amy.press("Enter")
    amy.changes_from(before)
    amy.all_sent()
    assert amy.given() == given


def _tab_to(desk: Desk, name: str) -> None:
    """Press Tab until what has the focus begins with this name."""
    for _ in range(60):
        desk.press("Tab")
        stop = desk.page.evaluate(STOPS)
        if stop and stop["name"].startswith(name):
            return
    raise AssertionError(f"Tab does not reach {name!r}")
