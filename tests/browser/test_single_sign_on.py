"""Signing in through the provider's own page, in a real browser, with the provider on another site; and out of both again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from goldseam.edge.client import new_id
from goldseam.edge.runner import invitations, people
from goldseam.edge.runner.people import Principal
from goldseam.vocab.people import Act, Role
from tests.browser.desk import Desk
from tests.browser.house import PASSWORD, House
from tests.browser.server import Server
from tests.browser.windows import WAIT_MS
from tests.walk.provider import CLIENT, SECRET, ProviderProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, ProviderProcess, str]]:
    """A server that trusts a provider under another name than its own, and an invitation to it."""
    folder = tmp_path_factory.mktemp("single") / "house"
    shutil.copytree(built, folder)
    provider = ProviderProcess("localhost")
    secret = folder / ".goldseam" / "oidc.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    plain = {"issuer": provider.issuer, "client_id": CLIENT, "secret_file": secret.name, "name": "Example"}
    (secret.parent / "oidc.yaml").write_text(json.dumps(plain))
    house = House(folder)
    house.person("vera")
    world = house.world
    permit = people.permit(world, Principal(house.digits.me, ""), house.facts("films").id, Act.MANAGE)
    link = invitations.make(world, permit, new_id(), Role.ANNOTATOR, 1).secret
    house.close()
    server = Server(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDSEAM_REACH", "localhost,127.0.0.1")
        server.start()
    yield server, provider, str(link)
    server.stop()
    provider.stop()


@pytest.fixture
def window(chromium: Browser, place: tuple[Server, ProviderProcess, str]) -> Iterator[Desk]:
    server, provider, _ = place
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    made = Desk(context, server.url, "")
    for pattern in ("status of 401", f"left the origin: {provider.issuer}", "favicon"):
        made.watch.expect(pattern)
    yield made
    context.close()
    assert not made.watch.unexpected, made.watch.unexpected


def test_a_newcomer_signs_in_through_the_provider_and_out_of_both(
    window: Desk, place: tuple[Server, ProviderProcess, str]
) -> None:
    server, provider, link = place
    provider.tell(people={"nora-1": {"name": "Nora", "email": "nora@example.org", "email_verified": True}})
    page = window.page
    page.goto(f"{server.url}/sign-in#invitation={quote(link)}")
    expect(page.get_by_text("You are invited")).to_be_visible()
    page.get_by_role("button", name="Sign in with Example").click()
    page.get_by_label("Who").fill("nora-1")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{server.url}/")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(page.locator("main h2")).to_have_text(["films"])
    page.reload()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.get_by_role("button", name="sign out").click()
    expect(page).to_have_url(f"{server.url}/sign-in")
    page.get_by_role("button", name="Sign out of Example too").click()
    expect(page.get_by_role("heading", name="Goodbye")).to_be_visible()


def test_who_comes_back_without_a_proof_is_told_so_and_nobody_is_signed_in(
    window: Desk, place: tuple[Server, ProviderProcess, str]
) -> None:
    server, _, _ = place
    page = window.page
    for user, sentence in (("nobody", "was not finished there"), ("stranger", "no account here yet")):
        page.goto(f"{server.url}/sign-in?next=/p/x")
        page.get_by_role("button", name="Sign in with Example").click()
        page.get_by_label("Who").fill(user)
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".problem")).to_contain_text(sentence)
    page.goto(f"{server.url}/sign-in?trouble=<b>Call 555-0100</b>")
    expect(page.locator(".problem")).to_have_text("The sign-in came to nothing. Try again.")
    page.goto(f"{server.url}/")
    expect(page).to_have_url(f"{server.url}/sign-in?next=%2F")


def test_a_signed_in_person_links_the_account_from_the_page(
    window: Desk, place: tuple[Server, ProviderProcess, str]
) -> None:
    server, _, _ = place
    page = window.page
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("Login").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.goto(f"{server.url}/sign-in?link")
    page.get_by_role("button", name="Link your account to Example").click()
    page.get_by_label("Who").fill("vera-1")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    window.context.clear_cookies()
    page.goto(f"{server.url}/sign-in")
    page.get_by_role("button", name="Sign in with Example").click()
    page.get_by_label("Who").fill("vera-1")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main h2")).to_have_text(["digits"])
