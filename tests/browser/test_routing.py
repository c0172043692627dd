"""The page of what is accepted unseen: the chosen point, what is promised, fixed thresholds beside, spot checks since."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from playwright.sync_api import expect

from goldseam.edge.runner.certificates import seen_whole
from goldseam.edge.store import certificates as rows
from goldseam.edge.store.certificates import Audited, AuditRow, CertificateRow, MonitorRow
from goldseam.edge.store.tx import new_id
from goldseam.ledger.canonical import canonical
from goldseam.route.certified import kept, prove
from tests.browser.desk import OpenDesk
from tests.browser.house import House
from tests.browser.test_access import axe, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

SIZES, POOL, LABELS, ERROR, DELTA = list(range(200, 700, 20)), 1000, 300, 0.1, 0.1
THRESHOLDS = [round(1.0 - size / 1500, 4) for size in SIZES]


def prove_some(house: House, project: str) -> None:
    """Keep two certificates of an audit in which every tenth of the less sure suggestions is wrong: one open, one not."""
    here, now = house.facts(project).id, datetime.now(UTC) - timedelta(hours=1)
    rank = np.linspace(0, 679, LABELS).astype(np.int64)
    confidence = 1.0 - rank / 1500
    right = ~((rank > 300) & (np.arange(LABELS) % 10 == 0))
    group = {"pool": POOL, "sizes": SIZES, "thresholds": THRESHOLDS, "n": LABELS}
    proof = prove(kept(POOL, SIZES, THRESHOLDS, LABELS, ERROR, DELTA), rank, right)
    assert proof.threshold is not None
    body = {
        **asdict(proof), "n": LABELS, "wrong": int((~right).sum()), "pool": POOL,
        **seen_whole(group, rank, confidence, right, ERROR, DELTA),
    }  # fmt: skip
    nothing = {
        **body,
        "threshold": None,
        "upper": None,
        "size": 0,
        "curve": [],
        "beside": [],
        "reason": "No zone has a chance to pass.",
    }
    audit = AuditRow(new_id(now), 1, "m", 1, "{}", now)
    empty = np.empty(0, np.int64)

    def save(tx: object) -> None:
        rows.add_audit(tx, here, audit, Audited(empty, empty.astype(object), empty, empty.astype(float), empty))  # type: ignore[arg-type]  # plain values do where the hint is narrower
        for name, said in (("likes it", body), ("does not", nothing)):
            made = CertificateRow(
                new_id(now), audit.id, 1, "m", "label", name, said["threshold"], LABELS, ERROR, DELTA,
                canonical(said).decode(), now,
            )  # fmt: skip
            rows.add(tx, here, made)  # type: ignore[arg-type]  # plain values do where the hint is narrower
            if said is body:
                rows.watch(tx, here, MonitorRow(made.id, 40, 2, 0.7, None, 0.01, 0.2, closed=False), now)  # type: ignore[arg-type]  # plain values do where the hint is narrower

    house.world.store.write(save)


@pytest.fixture(scope="module")
def proved(house: House) -> House:
    """The house with two certificates in the project of films."""
    prove_some(house, "films")
    return house


@pytest.mark.slow
@pytest.mark.usefixtures("proved")
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_shows_coverage_against_error_with_the_chosen_point_and_axe_finds_nothing(
    desk: OpenDesk,
    axe: str,  # noqa: F811 - a fixture is asked for by its name
    scheme: str,
    width: int,
) -> None:
    mara = desk(None, "films", color_scheme=scheme, viewport={"width": width, "height": 900})
    page = mara.page
    page.goto(f"{mara.origin}/p/{mara.project}/routing")
    page.get_by_role("heading", name="Accepted unseen", exact=True).wait_for()
    proved = page.get_by_role("region", name="likes it")
    expect(proved).to_contain_text("Wrong at most")
    expect(proved).to_contain_text("with a chance of 90.0 %, at most 10.0 % of what is accepted is wrong")
    expect(proved).to_contain_text("Spot checks since: 2 of 40 wrong")
    chart = proved.get_by_role("img", name=re.compile("^Error over the share"))
    expect(chart.locator("circle.chosen")).to_have_count(1)
    assert chart.locator(".range").count() >= 20
    assert chart.locator(".habit").count() >= 1
    proved.get_by_text("The same as a table").click()
    expect(proved.get_by_role("region", name="Error by coverage").locator("tbody tr").first).to_contain_text(
        "fixed 0.8"
    )
    refused = page.get_by_role("region", name="does not")
    expect(refused).to_contain_text("Not opened")
    expect(refused).to_contain_text("No zone has a chance to pass.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    assert violations(page, axe) == []


def test_a_project_without_a_promise_says_how_to_make_one(desk: OpenDesk) -> None:
    mara = desk(None, "tied for good")
    mara.page.goto(f"{mara.origin}/p/{mara.project}/routing")
    expect(mara.page.locator("main")).to_contain_text("Nothing was proved yet")
