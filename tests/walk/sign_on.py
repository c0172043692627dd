"""A server whose people sign on at a provider in a process of its own, and the browser they do it with.

In: fixtures that a test module imports; settings of `oidc.yaml`. Out: a server's address; what a browser was told.
Never: a mock; provider, server and store are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from goldseam.edge.client import new_id
from goldseam.edge.runner import invitations
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.server.security import COOKIE
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.provider import CLIENT, SECRET, ProviderProcess
from tests.walk.story import Story

WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "an audience of several without the party": {"claims": {"aud": [CLIENT, "somebody-else"]}},
    "another party": {"claims": {"azp": "somebody-else"}},
    "another nonce": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": 1_700_000_000}},
    "no end": {"claims": {"exp": None}},
    "made long ago": {"claims": {"iat": 1_700_000_000}},
    "made in the future": {"claims": {"iat": 4_000_000_000}},
    "nobody's": {"claims": {"sub": ""}},
    "unsigned": {"sign": "none"},
    "signed with what everybody knows": {"sign": "public"},
    "signed by a stranger": {"sign": "stranger"},
    "signed with a key that it brought along": {"sign": "own key"},
    "come back from another issuer": {"reply": {"iss": "https://elsewhere.example"}},
    "come back from no issuer": {"reply": {"iss": None}},
}


OURS = {"X-Goldseam": "1"}


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderProcess]:
    made = ProviderProcess()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def well_behaved(provider: ProviderProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    provider.tell()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("sign-on")
    with story.opened(folder) as world:
        yield story.set_up(world, folder, n_items=2)


@contextmanager
def serving(stage: Story, provider: ProviderProcess, **settings: Any) -> Iterator[str]:
    """Serve with this provider and these settings."""
    hidden = stage.world.home.hidden
    secret = hidden / "oidc.secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    plain = {"issuer": provider.issuer, "client_id": CLIENT, "secret_file": "oidc.secret", "name": "Example"}
    (hidden / "oidc.yaml").write_text(json.dumps(plain | settings))
    with story.serving(stage.world) as url:
        yield url


@pytest.fixture(scope="module")
def url(stage: Story, provider: ProviderProcess) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, serving(stage, provider) as found:
        patch.setenv("GOLDSEAM_REACH", "127.0.0.1")
        httpx.get(f"{found}/api/oidc")  # the settings are read once, and others are written later
        httpx.post(f"{found}/api/oidc", json={"path": "/"}, headers=OURS)
        yield found


class Browser:
    """A browser with its cookies, which goes one step at a time."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers=OURS, trust_env=False)
        self.url = url

    def begin(self, path: str = "/", **body: Any) -> str:
        reply = self.http.post("/api/oidc", json={"path": path} | body)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["address"])

    def prove(self, address: str, user: str) -> str:
        """Sign in at the provider, and return where it sends the browser back to."""
        reply = httpx.get(address.replace("/authorize?", "/confirm?") + f"&user={user}", trust_env=False)
        return reply.headers["location"]

    def back(self, address: str) -> httpx.Response:
        return self.http.get(address)

    def sign_on(self, user: str, path: str = "/", **body: Any) -> httpx.Response:
        return self.back(self.prove(self.begin(path, **body), user))

    @property
    def me(self) -> dict[str, Any] | None:
        reply = self.http.get("/api/me")
        return reply.json() if reply.status_code == 200 else None


def trouble(reply: httpx.Response) -> str:
    """Why a sign-on came to nothing, as the page is told."""
    assert reply.status_code == 303
    assert COOKIE not in reply.cookies
    where = urlsplit(reply.headers["location"])
    assert (where.netloc, where.path) == ("", "/sign-in")
    return parse_qs(where.query)["trouble"][0]


def invitation(stage: Story, role: Role = Role.ANNOTATOR) -> str:
    owner = Permit(stage.project, Role.OWNER, Principal(stage.members[Role.OWNER], ""))
    made = invitations.make(stage.world, owner, new_id(), role, 1)
    assert made.secret is not None
    return made.secret


def invited(stage: Story, url: str, user: str, **claims: Any) -> Browser:
    browser = Browser(url)
    reply = browser.sign_on(user, invitation=invitation(stage))
    assert reply.headers["location"] == "/", reply.headers["location"]
    return browser
