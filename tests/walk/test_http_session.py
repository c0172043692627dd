"""Signing in over HTTP: the cookie, the code, the guard against guessing, and the way out. A real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from goldseam.edge.client import Client
from goldseam.edge.runner import people
from goldseam.edge.server.security import COOKIE
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import NotSignedIn, TooManyTries
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import PASSWORD, Story

OURS = {"X-Goldseam": "1"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, str, FakeClock]]:
    folder = tmp_path_factory.mktemp("session")
    clock = FakeClock()
    with story.opened(folder, clock) as world:
        made = story.set_up(world, folder, accounts=True)
        with story.serving(world) as url:
            yield made, url, clock


def sign_in(url: str, login: str = "annotator-moods", password: str = PASSWORD) -> httpx.Response:
    return httpx.post(f"{url}/api/session", json={"login": login, "password": password}, headers=OURS)


def test_a_session_is_a_cookie_that_no_script_reads_and_no_foreign_page_sends(
    told: tuple[Story, str, FakeClock],
) -> None:
    _, url, _ = told
    reply = sign_in(url)
    assert reply.status_code == 200
    cookie = reply.headers["set-cookie"]
    for part in (f"{COOKIE}=", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=1209600"):
        assert part in cookie
    assert "Secure" not in cookie  # plain HTTP on this very machine; behind TLS it is set
    secret = reply.cookies[COOKIE]
    assert secret not in reply.text
    me = httpx.get(f"{url}/api/me", cookies={COOKIE: secret}).json()
    assert me == reply.json()["me"]
    assert me["login"] == "annotator-moods"
    assert [p["role"] for p in me["projects"]] == ["annotator"]


def test_behind_a_proxy_with_tls_the_cookie_is_secure(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    body = {"login": "annotator-moods", "password": PASSWORD}
    reply = httpx.post(f"{url}/api/session", json=body, headers={**OURS, "X-Forwarded-Proto": "https"})
    assert "Secure" in reply.headers["set-cookie"]


def test_an_unknown_login_and_a_wrong_password_are_told_alike(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    wrong, unknown = sign_in(url, password="wrong"), sign_in(url, login="nobody-here", password="wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers


def test_guessing_is_stopped_for_a_while(told: tuple[Story, str, FakeClock]) -> None:
    _, url, clock = told
    with Client(url, tries=1) as client:
        for _ in range(10):
            with pytest.raises(NotSignedIn):
                client.sign_in("reviewer-moods", "wrong")
        with pytest.raises(TooManyTries):
            client.sign_in("reviewer-moods", PASSWORD)
        clock.advance(timedelta(minutes=16))
        client.sign_in("reviewer-moods", PASSWORD)


def test_a_code_of_the_terminal_signs_in_once(told: tuple[Story, str, FakeClock]) -> None:
    made, url, _ = told
    code = people.make_code(made.world, made.members[Role.OWNER])
    first = httpx.post(f"{url}/api/session", json={"code": code}, headers=OURS)
    assert first.status_code == 200
    assert first.json()["me"]["id"] == made.members[Role.OWNER]
    assert httpx.post(f"{url}/api/session", json={"code": code}, headers=OURS).status_code == 401


def test_signing_in_again_ends_the_session_before_it(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    with httpx.Client(base_url=url, headers=OURS) as browser:
        body = {"login": "annotator-moods", "password": PASSWORD}
        first = browser.post("/api/session", json=body).cookies[COOKIE]
        second = browser.post("/api/session", json=body).cookies[COOKIE]
    assert first != second
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: first}).status_code == 401
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: second}).status_code == 200


def test_a_session_that_the_client_made_up_is_never_taken_over(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    chosen = "chosen-by-somebody-else"
    reply = httpx.post(
        f"{url}/api/session",
        json={"login": "annotator-moods", "password": PASSWORD},
        headers=OURS,
        cookies={COOKIE: chosen},
    )
    assert reply.cookies[COOKIE] != chosen
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: chosen}).status_code == 401


def test_signing_out_ends_the_session_on_the_server_too(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    with httpx.Client(base_url=url, headers=OURS) as browser:
        secret = browser.post("/api/session", json={"login": "annotator-moods", "password": PASSWORD}).cookies[COOKIE]
        assert browser.delete("/api/session").json() == {"done": True}
        assert browser.get("/api/me").status_code == 401
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: secret}).status_code == 401


def test_a_session_ends_by_itself(told: tuple[Story, str, FakeClock]) -> None:
    _, url, clock = told
    secret = sign_in(url).cookies[COOKIE]
    clock.advance(timedelta(days=15))
    try:
        assert httpx.get(f"{url}/api/me", cookies={COOKIE: secret}).status_code == 401
    finally:
        clock.advance(-timedelta(days=15))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "a", "password": "b", "code": "c"},
        {"login": "a", "password": "b", "role": "owner"},
        {"login": 3, "password": "b"},
        {"login": "a", "password": "x" * 2_000},
        {"login": {"$ne": ""}, "password": "b"},
        [],
        "text",
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_sign_in_of_the_wrong_form_is_refused_without_repeating_it(
    told: tuple[Story, str, FakeClock], body: object
) -> None:
    _, url, _ = told
    reply = httpx.post(f"{url}/api/session", json=body, headers=OURS)
    assert reply.status_code == 422
    assert reply.json()["error"]["type"] == "BadValue"
    assert "xxx" not in reply.text


def test_a_body_that_is_no_json_is_refused_in_the_one_form(told: tuple[Story, str, FakeClock]) -> None:
    _, url, _ = told
    for content in (b"{", b"\xff\xfe", b'{"login": "a", "password": "\\ud800"}', b'{"login": NaN}'):
        reply = httpx.post(f"{url}/api/session", content=content, headers={**OURS, "Content-Type": "application/json"})
        assert reply.status_code in {400, 422}, content
        assert reply.json()["error"]["type"] == "BadValue"


def test_what_anybody_may_ask_without_signing_in_says_nothing_of_projects(told: tuple[Story, str, FakeClock]) -> None:
    made, url, _ = told
    health = httpx.get(f"{url}/healthz").json()
    assert health["ok"] is True
    assert set(health) == {"ok", "version"}
    described = httpx.get(f"{url}/api/openapi.json")
    assert described.status_code == 200
    assert made.project.id not in described.text
    assert httpx.get(f"{url}/api/docs").status_code == 404
    assert httpx.get(f"{url}/api/no/such/thing").json()["error"]["type"] == "NotFound"


def test_the_server_says_neither_what_it_is_made_of_nor_answers_other_names(
    told: tuple[Story, str, FakeClock], tmp_path: Path
) -> None:
    _, url, _ = told
    reply = httpx.get(f"{url}/healthz")
    assert "server" not in reply.headers
    assert httpx.get(f"{url}/healthz", headers={"Host": "rebound.example"}).status_code == 403
