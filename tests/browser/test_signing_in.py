"""Signing in: with a password, with the link from the terminal, and out again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk import OpenDesk
from tests.browser.house import PASSWORD, House
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_a_wrong_password_says_so_and_the_right_one_leads_to_the_projects(desk: OpenDesk, house: House) -> None:
    house.person("wren", "digits", "films")
    wren = desk(signed_in=False, service_workers="allow")
    wren.page.goto(f"{wren.origin}/")
    expect(wren.page).to_have_url(f"{wren.origin}/sign-in?next=%2F")
    # By keyboard alone: the first stop after the theme is the login.
    wren.page.get_by_label("Login").focus()
    wren.page.keyboard.type("wren")
    wren.press("Tab")
    wren.page.keyboard.type("wrong")
    wren.press("Enter")
    expect(wren.page.locator("form")).to_contain_text("password", ignore_case=True)
    problem = wren.page.locator(".problem")
    expect(problem).to_be_visible()
    assert "wren" not in (problem.text_content() or ""), "whether the login exists is nobody's business"
    wren.press("Control+a")
    wren.page.keyboard.type(PASSWORD)
    wren.press("Enter")
    expect(wren.page).to_have_url(f"{wren.origin}/")
    expect(wren.page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(wren.page.locator("main h2")).to_have_text(["digits", "films"])


def test_an_address_that_was_wanted_is_reached_after_the_sign_in_and_never_one_elsewhere(
    desk: OpenDesk, house: House
) -> None:
    house.person("xeno")
    xeno = desk(signed_in=False, service_workers="allow")
    for wanted, reached in (
        (f"/p/{xeno.project}/annotate", f"/sign-in?next=%2Fp%2F{xeno.project}%2Fannotate"),
        ("/sign-in?next=//elsewhere.invalid/", "/sign-in?next=//elsewhere.invalid/"),
    ):
        xeno.context.clear_cookies()
        xeno.page.goto(f"{xeno.origin}{wanted}")
        expect(xeno.page).to_have_url(f"{xeno.origin}{reached}")
        xeno.page.get_by_label("Login").fill("xeno")
        xeno.page.get_by_label("Password").fill(PASSWORD)
        xeno.press("Enter")
        expect(xeno.page).to_have_url(f"{xeno.origin}{wanted if wanted.startswith('/p/') else '/'}")


def test_the_link_from_the_terminal_signs_the_owner_in_once_and_leaves_no_trace(desk: OpenDesk, server: Server) -> None:
    owner = desk(signed_in=False)
    owner.page.goto(server.link)
    expect(owner.page.get_by_role("heading", name="Projects")).to_be_visible()
    assert "code" not in owner.page.url
    owner.page.get_by_role("button", name="sign out").click()
    expect(owner.page).to_have_url(f"{owner.origin}/sign-in")
    other = desk(signed_in=False)
    other.page.goto(server.link)
    expect(other.page.locator(".problem")).to_be_visible()
    assert "code" not in other.page.url
