"""Rulings leave rules behind, reasons lead somewhere, and the day's share and long work are taken care of."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import FILMS, House, _add, tie
from tests.browser.test_access import axe, violations, violations_at

__all__ = ["axe"]

pytestmark = pytest.mark.browser


def add(house: House, name: str, more: Mapping[str, object] | None = None, redundancy: int = 2) -> None:
    """Add a project of films to the house, with these settings beside the usual ones."""
    plain = {
        "schema": {
            "questions": [{"name": "mood", "prompt": "Does the writer like it?", "labels": ["likes it", "does not"]}]
        },
        "guideline": {"text": "Judge the *writer*, not the film.\n\n- Irony counts as what it means."},
        "source": {"text": "text"},
    }
    _add(house, name, plain | dict(more or {}), [{"text": text} for text in FILMS], redundancy)


def says(desk: Desk, words: str) -> None:
    """Wait until the line under the item says this."""
    expect(desk.page.locator("footer .last")).to_contain_text(words)


def test_rulings_cite_and_propose_clauses_and_the_annotator_sees_and_contests_them(
    desk: OpenDesk, house: House
) -> None:
    add(house, "judged")
    tie(house, "judged", FILMS[:3])
    wren = desk(house.person("wren", "judged", role=Role.REVIEWER), "judged")
    wren.watch.expect("status of 40")
    wren.open("/adjudicate", "article[data-item]")
    wren.page.wait_for_load_state("networkidle")
    wren.press("c")
    wren.page.keyboard.type("irony")
    wren.press("Enter", "w")
    expect(wren.page.locator(".clause")).to_contain_text("Irony counts as what it means.")
    first = wren.answer("1")
    wren.press("c")
    wren.page.keyboard.type("A wish is no verdict.")
    wren.press("Enter")
    expect(wren.page.locator(".clause")).to_contain_text("New clause")
    wren.answer("2")
    wren.press("e")  # no tier is above this one: the page says so, and the item stays
    wren.dialog("Hand this item up").get_by_role("button", name="Hand up").press("Enter")
    expect(wren.page.get_by_role("alert")).not_to_be_empty()
    wren.close()
    wren.answer("1")
    wren.all_sent()
    owner = desk(project="judged")
    proposed = {one["about"]: one for one in owner.get("/proposals")}
    assert set(proposed) == {"clause", "worked_example"}
    assert (proposed["clause"]["text"], proposed["worked_example"]["item"]) == ("A wish is no verdict.", first)
    contested = contest(desk, house)
    val = desk(house.person("val", "judged", role=Role.REVIEWER), "judged")
    val.open("/adjudicate", "article[data-item]")
    expect(val.page.get_by_role("heading", name="Contested")).to_be_visible()
    val.press("1")
    says(val, "write a reason first")
    val.page.keyboard.type("It says wonder.")
    val.press("Tab")
    val.answer("1")
    val.all_sent()
    assert [one["state"] for one in contested.get("/disputes")] == ["upheld"]


def contest(desk: OpenDesk, house: House) -> Desk:
    """Let somebody whose answers were ruled otherwise look at them, and contest one whose ruling was 'likes it'."""
    for login in ("ines", "jo"):
        one = desk(house.person(login, "judged"), "judged")
        found = one.get("/corrections")["corrections"]
        assert all(each["answer"] != each["ruled"] for each in found)
        wrong = [each for each in found if each["ruled"].get("label") == "likes it"]
        if not wrong:
            continue
        assert any("Irony counts" in each["reason"] for each in wrong)
        one.open("/corrections", "article")
        expect(one.page.locator("article")).to_have_count(len(found))
        card = one.page.locator("article", has_text="By the clause")
        card.get_by_role("button", name="Contest it").press("Enter")
        card.get_by_label("Why").fill("It is not meant so.")
        card.get_by_label("Why").press("Enter")
        expect(card).to_contain_text("Contested")
        one.all_sent()
        return one
    raise AssertionError("nobody was ruled otherwise")


def test_f_flags_and_asks_and_the_share_for_the_day_is_said_kindly(desk: OpenDesk, house: House) -> None:
    add(house, "shares", {"annotate": {"per_day": {"tasks": 2}, "prefetch": 1}}, redundancy=1)
    sol = desk(house.person("sol", "shares"), "shares")
    sol.annotate()
    flagged = sol.item
    sol.page.get_by_role("button", name="Flag").wait_for()
    sol.press("f")
    sol.dialog("Flag or ask").get_by_role("button", name="Personal data").wait_for()
    sol.press("6")
    says(sol, "Flagged")
    sol.all_sent()
    owner = desk(project="shares")
    assert [one["item"]["id"] for one in owner.get("/flagged")] == [flagged]
    sol.answer("1")
    asked = sol.item
    sol.press("f")
    sol.dialog("Flag or ask").get_by_label("Ask, or say more").fill("Is irony meant here?")
    sol.press("Control+Enter")
    says(sol, "Asked")
    sol.answer("2")
    expect(sol.page.get_by_role("heading", name="Enough for today")).to_be_visible()
    sol.all_sent()
    assert [one["item"]["id"] for one in owner.get("/threads")] == [asked]


def test_whoever_is_at_work_keeps_the_item_beyond_its_first_lease(desk: OpenDesk, house: House) -> None:
    add(house, "slow work", {"annotate": {"lease_minutes": 0.1}}, redundancy=1)
    tam = desk(house.person("tam", "slow work"), "slow work")
    tam.annotate()
    tam.page.get_by_role("button", name="Flag").wait_for()
    for _ in range(2):  # twice a lease: without it the answer would come too late
        with tam.page.expect_response(lambda reply: reply.url.endswith("/leases/extend")) as longer:
            tam.press("ArrowDown")
        assert all(one["error"] is None for one in longer.value.json()["results"])
    given = [(tam.answer("1"), "likes it")]
    tam.all_sent()
    assert tam.given() == given


def test_the_guideline_says_once_what_changed_and_takes_a_proposal(
    desk: OpenDesk,
    house: House,
    axe: str,
) -> None:
    add(house, "rules", redundancy=1)
    vea = desk(house.person("vea", "rules"), "rules")
    vea.annotate()
    panel = vea.page.get_by_role("complementary", name="Guideline")
    expect(panel).to_contain_text("Irony counts")
    expect(panel).not_to_contain_text("Changed since")
    read = '{"version": 0, "clauses": ["Judge the film.", "Irony counts as what it means."]}'
    vea.page.evaluate("([name, read]) => localStorage.setItem(name, read)", [f"goldseam.read.{vea.project}", read])
    vea.annotate()
    expect(panel.get_by_role("region", name="Changed since you last read")).to_contain_text("Judge the writer")
    expect(panel.locator("s")).to_have_text("Judge the film.")
    panel.get_by_text("Propose a change").press("Enter")
    panel.get_by_label("In place of").select_option(index=2)
    panel.get_by_label("The clause as it should stand").fill("Irony counts as its opposite.")
    panel.get_by_role("button", name="Propose").press("Enter")
    expect(panel).to_contain_text("Proposed.")
    assert not violations(vea.page, axe)
    vea.all_sent()
    made = vea.get("/proposals")[0]
    assert (made["text"], made["why"]) == (
        "Irony counts as its opposite.",
        "In place of “Irony counts as what it means.”.",
    )
    vea.annotate()
    expect(panel).to_contain_text("Irony counts")
    expect(panel).not_to_contain_text("Changed since")


def test_axe_finds_nothing_where_one_judges(desk: OpenDesk, house: House, axe: str) -> None:
    name, sizes = "tied for good", [(1280, 844), (390, 844)]
    uli = desk(house.person("uli", name, role=Role.REVIEWER), name)
    uli.open("/adjudicate", "article[data-item]")
    uli.page.wait_for_load_state("networkidle")
    found = []
    for key in ("c", "e"):
        uli.press(key)
        uli.page.get_by_role("dialog").wait_for()
        found += violations_at(uli.page, axe, sizes)
        uli.close()
    uli.press("w")
    found += violations_at(uli.page, axe, sizes)
    uli.open("/corrections", "h1")
    found += violations_at(uli.page, axe, sizes)
    assert not found, "\n".join(found)
