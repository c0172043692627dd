"""The page of labeling functions: a table with coverage, conflicts and accuracy, and below a row the items it is wrong on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from goldseam.edge.runner import functions_set, guarding
from goldseam.vocab.people import Role
from tests.browser.answering import own
from tests.browser.desk import OpenDesk
from tests.browser.house import House
from tests.browser.test_access import axe, violations  # noqa: F401 (a fixture)
from tests.walk import small
from tests.walk import test_functions as story
from tests.walk import test_guard as guard

pytestmark = pytest.mark.browser
NAME = "moods"


def build(folder: Path) -> House:
    """Make a folder whose functions were applied; one of them is wrong on purpose."""
    folder.mkdir()
    policies = {
        "route": {"redundancy": 2},
        "sample": {"strategy": "random", "batch": 30},
        "guard": {"planted_share": 0.5},
    }
    with story.made(folder, blind=0.4, **policies) as project:
        story.changed(project, 'return "pos" if "wonderful "', 'return "neg" if "wonderful "')
        functions_set.apply(project.world, project.facts, project.me)
        small.run(project)
        guard.answer(project, small.member(project, "Follows"), follows=True)
        guarding.measure(project.world, project.facts, project.me)
    return House(folder)


house, server = own(build)


def test_a_row_opens_to_where_a_function_is_wrong_by_keys_alone(desk: OpenDesk, house: House, axe: str) -> None:  # noqa: F811 - a fixture is asked for by its name
    mia = desk(house.person("mia", NAME, role=Role.MANAGER), NAME)
    mia.open("/functions", "table")
    page = mia.page
    expect(page.get_by_role("link", name="Labeling functions")).to_have_attribute("aria-current", "page")
    expect(page.locator("tbody tr")).to_have_count(4)
    row = page.get_by_role("row", name="wonderful")
    expect(row).to_contain_text("0 %")
    button = page.get_by_role("button", name="wonderful")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("where gold is pos")).to_be_visible()
    expect(page.locator(".inside li").first).to_contain_text("wonderful story")
    assert violations(page, axe) == []
    page.get_by_role("button", name="fails").click()
    expect(page.get_by_text("which counts as abstaining")).to_contain_text("KeyError in line")
    expect(page.locator("tr.open td[colspan]")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark")
    assert violations(page, axe) == []
    page.get_by_role("button", name="fails").click()
    expect(page.locator("tr.open")).to_have_count(0)


def test_a_reviewer_learns_nothing_of_gold_and_an_annotator_is_not_let_in(desk: OpenDesk, house: House) -> None:
    rob = desk(house.person("rob", NAME, role=Role.REVIEWER), NAME)
    rob.open("/functions", "table")
    rob.page.get_by_role("button", name="wonderful").click()
    rob.page.locator(".inside li, .inside p.muted").first.wait_for()
    expect(rob.page.get_by_text("gold is pos.")).to_have_count(0)
    ann = desk(house.person("ann", NAME), NAME)
    ann.open("/functions", "h1")
    expect(ann.page.locator("table")).to_have_count(0)
    expect(ann.page.get_by_role("link", name="Labeling functions")).to_have_count(0)


def test_a_manager_sees_who_follows_suggestions_and_switches_a_label_off(
    desk: OpenDesk,
    house: House,
    axe: str,  # noqa: F811 - a fixture is asked for by its name
) -> None:
    ned = desk(house.person("ned", NAME, role=Role.MANAGER), NAME)
    ned.open("/people?tab=suggestions", "table")
    page = ned.page
    expect(page.get_by_role("row", name="Follows", exact=False).first).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("button", name="Yes, switch off: pos").click()
    page.get_by_label("Why").fill("It is waved through.")
    page.get_by_role("button", name="Suggest it no more").click()
    expect(page.get_by_role("button", name="No, switch on: pos")).to_be_visible()
    expect(page.get_by_text("It is waved through.")).to_be_visible()
    assert violations(page, axe) == []
