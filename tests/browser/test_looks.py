"""Every page of a project at each width and in both schemes: axe finds nothing, and nothing is wider than the screen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.browser.desk import OpenDesk
from tests.browser.test_access import SIDEWAYS, axe, violations_at
from tests.browser.test_project_pages import go

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = [(1280, 860), (360, 740)]
WALL = {"width": 3840, "height": 2160}
PAGES = (
    ("/people", "Members"), ("/people?tab=skills", "Grant a skill"), ("/people?tab=promotions", "People"),
    ("/people?tab=flagged", "People"), ("/people?tab=pay", "Make a statement"), ("/me", "Your work"), ("/items", "Items"),
    ("/items?where=state%3Dsettled", "Items"), ("/guideline", "Guideline"), ("/guideline?tab=changes", "Guideline"),
    ("/guideline?tab=proposals", "Guideline"), ("/guideline?tab=write", "Guideline"), ("/sessions", "Calibration sessions"),
    ("/releases", "Releases"), ("/releases/1", "Files"), ("/models", "Models"), ("/ledger", "Ledger"),
    ("/findings", "Findings"), ("/settings", "Settings"),
)  # fmt: skip
"""Addresses, and the heading that says that each is there."""


@pytest.mark.parametrize("pages", [PAGES[:8], PAGES[8:]], ids=["people", "rules"])
def test_axe_finds_nothing_on_the_pages_of_a_project(
    desk: OpenDesk, axe: str, pages: Sequence[tuple[str, str]]
) -> None:
    mara = desk(None, "digits", viewport={"width": SIZES[0][0], "height": SIZES[0][1]})
    page = mara.page
    found: list[str] = []

    def look(name: str) -> None:
        page.wait_for_load_state("networkidle")
        found.extend(f"{name}: {line}" for line in violations_at(page, axe, SIZES))
        page.set_viewport_size(WALL)  # type: ignore[arg-type]  # a width and a height
        assert not page.evaluate(SIDEWAYS), f"{name} is wider than a wall"
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})

    for path, ready in pages:
        go(mara, path, ready)
        look(path)
        if path.endswith("settled"):
            page.locator(".what a").first.click()
            page.get_by_role("heading", name="Its label").wait_for()
            look("item")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_where_a_project_begins(desk: OpenDesk, axe: str) -> None:
    mara = desk(None, "digits")
    mara.page.goto(f"{mara.origin}/new")
    mara.page.get_by_role("heading", name="New project").wait_for()
    mara.page.wait_for_load_state("networkidle")
    assert not violations_at(mara.page, axe, SIZES)
