"""The project's page: where the round stands and how good the labels are, for those who may know."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from goldseam.vocab.people import Role
from tests.browser.desk import OpenDesk
from tests.browser.house import House

pytestmark = pytest.mark.browser

STAGES = ["source", "sample", "prelabel", "route", "annotate", "adjudicate", "audit", "release", "retrain"]


def test_it_shows_steps_agreement_accuracy_apart_from_it_and_releases(desk: OpenDesk, house: House) -> None:
    rex = desk(house.person("rex", role=Role.MANAGER))
    rex.open(wait_for=".figure")
    stages = rex.page.get_by_role("list", name="Stages of the round").get_by_role("listitem")
    expect(stages).to_have_count(9)
    for nth, stage in enumerate(STAGES):
        expect(stages.nth(nth)).to_contain_text(stage)
    expect(stages.nth(4)).to_contain_text(re.compile("next|waits for a person"))
    expect(rex.page.get_by_role("region", name="What to do next").get_by_role("link", name="Annotate")).to_be_visible()

    report, gate = house.digits.quality() or (None, None)
    assert report is not None
    assert gate is not None
    assert report.agreement.value is not None
    agreement, accuracy = (rex.page.locator(".sheet", has=rex.page.get_by_role("heading", name=name, exact=True))
                           for name in ("Agreement", "Accuracy on gold"))  # fmt: skip
    expect(agreement.locator(".figure")).to_contain_text(f"{report.agreement.value:.2f}")
    expect(agreement).to_contain_text("alpha")
    expect(agreement).not_to_contain_text("gold")
    expect(accuracy).to_contain_text(f"{report.accuracy.k} of {report.accuracy.n} right")
    for name in ("ada", "ben", "cleo"):
        expect(rex.page.get_by_role("rowheader", name=name)).to_be_visible()
    releases = rex.page.locator(".sheet", has=rex.page.get_by_role("heading", name="Releases"))
    expect(releases.get_by_role("row")).to_have_count(2)
    expect(releases).to_contain_text(str(house.digits.releases()[0]["n_items"]))
    expect(rex.page.locator(".verdict")).to_contain_text("A release may be published" if gate.passes else "Closed")


def test_an_annotator_sees_the_round_and_no_figure_about_people(desk: OpenDesk, house: House) -> None:
    sam = desk(house.person("sam"))
    sam.open(wait_for=".facts")
    sam.page.wait_for_load_state("networkidle")
    words = sam.page.locator("main").inner_text()
    for hidden in ("alpha", "single vote", "ada", "Releases", "quarantine", "Gate"):
        assert not re.search(rf"\b{hidden}\b", words), f"an annotator reads {hidden!r}"
    for path in ("/quality", "/releases", "/disagreements", "/quarantine", "/ledger", "/items"):
        reply = sam.context.request.get(f"{sam.origin}/api/projects/{sam.project}{path}")
        assert reply.status == 403, path
    assert not any("/disagreements" in url or "/releases" in url for url in sam.watch.calls)
    expect(sam.page.get_by_role("link", name="Adjudicate")).to_have_count(0)


def test_a_page_that_is_not_ones_own_says_what_to_do(desk: OpenDesk, house: House) -> None:
    tom = desk(house.person("tom", "films"), "digits")
    tom.watch.expect(r"status of 404")
    tom.open(wait_for="h1")
    expect(tom.page.locator("main")).to_contain_text("no role in it")
    expect(tom.page.locator("main").get_by_role("link").first).to_be_visible()
