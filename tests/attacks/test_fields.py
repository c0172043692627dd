"""What a client may say and what it hears: no field by which it makes itself more than it is, none that was not meant to be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import people
from goldseam.edge.server.app import make_app
from goldseam.edge.store.declare import METADATA
from goldseam.vocab.people import Role
from tests.attacks import fields
from tests.unit.edge.server.calls import calls
from tests.walk import small, story
from tests.walk.story import Story

FORBIDDEN = {
    "is_admin": True, "admin": 1, "annotator": "x", "author": "x", "actor": "x", "at": "2026-01-01T00:00:00Z", "time": 0,
    "created_at": 0, "project": "x", "purpose": "gold", "surplus": False, "reaction": "none", "expires_at": 0,
    "password_hash": "x", "__proto__": {}, "__class__": "x", "_id": 1, "ID": 1,
}  # fmt: skip
"""What no body says: author and time come from the session and the server, the project from the path."""
WHOLE = fields.document()
BODIES = {
    f"{method.upper()} {path}": operation["requestBody"]["content"]["application/json"]["schema"]
    for path, operations in WHOLE["paths"].items()
    for method, operation in operations.items()
    if "requestBody" in operation
}
SECRET = re.compile("password|hash|salt|secret|digest")
HOLDS_SECRETS = re.compile("account|token|session|code|annotation|invit|oidc|webhook")


@dataclass(frozen=True)
class Stage:
    """A project and its owner."""

    story: Story
    http: TestClient


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("fields")
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=6)
        headers = {"Authorization": f"Bearer {made.token(Role.OWNER)}"}
        yield Stage(made, TestClient(make_app(world), headers=headers, raise_server_exceptions=False))


@pytest.mark.parametrize("route", BODIES)
def test_every_body_and_every_part_of_it_names_all_its_fields(route: str) -> None:
    parts = fields.objects(BODIES[route], WHOLE)
    assert parts
    assert not [place for place, one in parts.items() if one.get("additionalProperties") is not False]


@pytest.mark.parametrize("route", BODIES)
def test_no_body_takes_a_field_that_makes_its_sender_more_than_they_are(stage: Stage, route: str) -> None:
    method, _, path = route.partition(" ")
    call = calls().get((method, path))
    body = {"code": "x"} if call is None else call.body or {}
    at = path.format(project=stage.story.project.id, incoming=new_id(), **(call.path if call else {}))
    allowed = set(fields.resolved(BODIES[route], WHOLE)["properties"])
    for name in FORBIDDEN.keys() - allowed:
        reply = stage.http.request(method, at, json=body | {name: FORBIDDEN[name]}, headers={"X-Goldseam": "1"})
        assert reply.status_code == 422, (name, reply.text)
        assert name in reply.text


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_annotation_names_its_author_or_its_time(stage: Stage, name: str) -> None:
    path = f"/api/projects/{stage.story.project.id}/annotations"
    sent = (calls()["POST", "/api/projects/{project}/annotations"].body or {})["annotations"][0]
    for changed in (sent | {name: FORBIDDEN[name]}, sent | {"answers": {"mood": sent["answers"]["mood"] | {name: 1}}}):
        (fate,) = stage.http.post(path, json={"annotations": [changed | {"id": new_id()}]}).json()["results"]
        assert fate["status"] == "refused"
        assert fate["error"]["type"] in {"BadValue", "BadAnswer"}
        assert name in json.dumps(fate["error"])


def test_a_field_more_in_a_reply_is_somebodys_decision() -> None:
    kept = json.loads(fields.KEPT.read_text(encoding="utf-8"))
    now = fields.replied()
    changed = {route for route in kept.keys() | now.keys() if kept.get(route) != now.get(route)}
    assert not changed, f"look at what these replies show now; if it may be seen: {fields.COMMAND}"


def secrets_of(made: Story) -> set[str]:
    """Every value in the store that is a hash of a secret, or a salt."""

    def load(tx: Any) -> set[str]:
        found: set[str] = set()
        for table in METADATA.sorted_tables:
            found |= _secrets_in(tx, table)
        return found

    return made.world.store.read(load)


def _secrets_in(tx: Any, table: Table) -> set[str]:
    columns = [column for column in table.c if SECRET.search(column.name)]
    if not HOLDS_SECRETS.search(table.name) or not columns:
        return set()
    return {str(value) for row in tx.run(select(*columns)) for value in row if value and len(str(value)) >= 16}


def test_no_reply_to_anybody_holds_a_secret_of_the_store_or_the_place_of_the_folder(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=12)
    with small.opened(tmp_path) as project:
        guest = small.member(project, "guest")
        small.round_trip(project, [None, guest])
        owner = next(who.id for who, role in people.members(project.world, project.facts.id) if role is Role.OWNER)
        people.add_person(
            project.world, project.facts.id, owner, "with-account", Role.ANNOTATOR, password=story.PASSWORD
        )
        made = Story(project.world, project.facts, {Role.OWNER: owner, Role.ANNOTATOR: guest})
        secrets = secrets_of(made)
        assert len(secrets) > 12, "there was nothing to give away"
        for role in (Role.OWNER, Role.ANNOTATOR):
            token = made.token(role)
            http = TestClient(make_app(project.world), headers={"Authorization": f"Bearer {token}"})
            for (method, path), call in calls().items():
                at = path.format(project=made.project.id, **call.path)
                said = http.request(method, at, params=call.query, json=call.body).text
                assert str(tmp_path) not in said, (role, path)
                assert not [one for one in secrets if one in said], (role, path)
                assert token not in said
                # what is made by a call may be shown by it, once: an invitation's secret, a new token
                named = (
                    r'"(password_hash|token_hash|salt)"' if method == "POST" else r'"[^"]*(password|_hash|salt|secret)"'
                )
                assert not re.search(rf"{named}\s*:", said), (role, path)
