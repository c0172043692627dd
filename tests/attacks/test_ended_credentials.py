"""What let somebody in yesterday lets nobody in today: no route answers a token that was revoked or is too old, or a session that ended.

Each is used once while it is good, so that a server which remembers it must also forget it; the calls are those of
tests/unit/edge/server/calls.py, and every one of them must be a call that its route takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import people
from goldseam.edge.server import app as server
from goldseam.edge.server.security import COOKIE
from goldseam.edge.store import people as people_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.people import Role
from tests.unit.edge.server.calls import ONESELF, SIGNED_IN, calls
from tests.walk import story
from tests.walk.story import Story

YEAR = timedelta(days=365)
PART = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Stage:
    """A project, its owner's credentials of every kind, and how each comes to its end."""

    made: Story
    http: TestClient
    clock: FakeClock

    def token(self, days: int | None, role: Role = Role.OWNER) -> dict[str, str]:
        member = self.made.members[role]
        made = people.make_token(self.made.world, self.made.project.id, member, "ends", None, days)
        return {"Authorization": f"Bearer {made}"}

    def session(self) -> dict[str, str]:
        world, owner = self.made.world, self.made.members[Role.OWNER]
        person = world.store.read(lambda tx: people_rows.annotator(tx, owner))
        return {"Cookie": f"{COOKIE}={people.new_session(world, person, 'owner').secret}"}

    def revoke(self, headers: Mapping[str, str]) -> None:
        at = f"/api/projects/{self.made.project.id}/tokens"
        (found,) = [one for one in self.http.get(at, headers=headers).json()["tokens"] if one["name"] == "ends"]
        assert self.http.post(f"{at}/{found['id']}/revoke", headers=headers).status_code == 200

    def sign_out(self, headers: Mapping[str, str]) -> None:
        assert self.http.delete("/api/session", headers=headers).status_code == 200

    def send_away(self, _headers: Mapping[str, str]) -> None:
        path = f"/api/projects/{self.made.project.id}/people/{self.made.members[Role.MANAGER]}/role"
        reply = self.http.post(path, json={"id": new_id(), "role": "none"}, headers=self.token(None))
        assert reply.status_code == 200, reply.text


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    clock = FakeClock(datetime(2026, 6, 1, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("ended")
    with story.opened(folder, clock) as world:
        made = story.set_up(world, folder, n_items=4)
        yield Stage(made, TestClient(server.make_app(world), headers={"X-Goldseam": "1"}), clock)


KINDS: dict[str, tuple[Callable[[Stage], dict[str, str]], Callable[[Stage, dict[str, str]], object]]] = {
    "a token that was revoked": (lambda stage: stage.token(None), Stage.revoke),
    "a token that is too old": (lambda stage: stage.token(7), lambda stage, _: stage.clock.advance(YEAR)),
    "a session that is too old": (Stage.session, lambda stage, _: stage.clock.advance(YEAR)),
    "a session that was ended": (Stage.session, Stage.sign_out),
    "a token of somebody who has left": (lambda stage: stage.token(None, Role.MANAGER), Stage.send_away),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_route_answers_what_has_ended(stage: Stage, kind: str) -> None:
    make, end = KINDS[kind]
    headers = make(stage)
    project = stage.made.project.id
    good = {path: stage.http.get(path, headers=headers).status_code for path in (f"/api/projects/{project}", "/api/me")}
    assert set(good.values()) == {200}

    end(stage, headers)

    wrong = []
    rows = {key: (call.path, call.query, call.body) for key, call in calls().items()}
    rows |= {key: (dict.fromkeys(PART.findall(key[1]), "no-such"), {}, {}) for key in SIGNED_IN | ONESELF}
    for (method, path), (ids, query, body) in rows.items():
        reply = stage.http.request(
            method, path.format(project=project, **ids), params=query, json=body, headers=headers
        )
        if reply.status_code != 401 or reply.json()["error"]["type"] != "NotSignedIn":
            wrong.append(f"{method} {path}: {reply.status_code} {reply.text[:100]}")
    assert not wrong


def test_every_row_of_the_table_is_a_call_that_its_route_takes(stage: Stage) -> None:
    # a row that is refused for its form is refused before anybody asks whose item it is about: it would prove nothing
    headers = stage.token(None)
    wrong = []
    for (method, path), call in calls().items():
        reply = stage.http.request(
            method, path.format(project=stage.made.project.id, **call.path), params=call.query, json=call.body,
            headers=headers,
        )  # fmt: skip
        said = reply.json() if reply.status_code >= 400 else {}
        if "problems" in said.get("error", {}).get("fields", {}) or reply.text.count("nothing at this address"):
            wrong.append(f"{method} {path}: {reply.text[:200]}")
    assert not wrong
