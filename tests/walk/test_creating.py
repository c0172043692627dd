"""A project made over HTTP: pieces of a file, a look at its rows, the project, and its round begun without anybody waiting."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import people, projects
from goldseam.edge.runner.incoming import FOLDER
from goldseam.edge.server import app as server
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story

ROWS = [
    ("7", "A quiet wonder.", "pos", "shop"),
    ("8", "Two hours lost.", "neg", "web"),
    ("9", "Hard to forget.", "pos", "web"),
]
HEADER = "id;review;sentiment;site\n"
TABLE = (
    HEADER
    + "".join(";".join(row) + "\n" for row in ROWS * 1)
    + "10;Small, and right.;pos;web\n11;;neg;web\n12;too;many;cells;here\n"
)
QUESTION = {"name": "mood", "prompt": "Does the writer like it?", "labels": ["pos", "neg"]}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, TestClient]]:
    folder = tmp_path_factory.mktemp("creating")
    with story.opened(folder) as world:
        own = story.set_up(world, folder)
        with TestClient(server.make_app(world)) as http:
            yield own, http


@pytest.fixture
def owner(stage: tuple[Story, TestClient]) -> TestClient:
    return signed_in(*stage, Role.OWNER)


def signed_in(own: Story, http: TestClient, role: Role) -> TestClient:
    http.headers.update({"X-Goldseam": "1"})
    reply = http.post("/api/session", json={"code": people.make_code(own.world, own.members[role])})
    assert reply.status_code == 200, reply.text
    return http


def piece(name: str, data: bytes, at: int = 0) -> dict[str, Any]:
    return {"name": name, "at": at, "data": base64.b64encode(data).decode()}


def upload(http: TestClient, *pieces: dict[str, Any], name: str | None = None) -> tuple[str, Any]:
    name = name or new_id()
    return name, http.post(f"/api/incoming/{name}/pieces", json={"pieces": list(pieces)})


def settled(http: TestClient, project: str) -> dict[str, Any]:
    for _ in range(200):
        far: dict[str, Any] = http.get(f"/api/projects/{project}/go-on").json()
        if not far["goes_on"]:
            return far
        time.sleep(0.05)
    raise AssertionError(f"it never came to rest: {far}")


def test_a_table_that_nobody_described_becomes_a_project_with_work_to_do(stage: Any, owner: TestClient) -> None:
    data = TABLE.encode()
    name, first = upload(owner, piece("films.csv", data[:30]))
    assert first.status_code == 200, first.text
    for _ in range(2):  # a piece that is sent twice is kept once
        _, second = upload(owner, piece("films.csv", data[30:], 30), name=name)
        assert second.json() == {"id": name, "n_files": 1, "n_bytes": len(data)}

    found = owner.post(f"/api/incoming/{name}/look", json={}).json()
    assert {one["name"]: one["role"] for one in found["columns"]} == {
        "id": "key", "review": "text", "sentiment": "label", "site": "metadata"
    }  # fmt: skip
    assert (found["n_read"], found["n_refused"], found["whole"]) == (6, 2, True)
    assert [one["line"] for one in found["refused"]] == [6, 7]
    assert "5 cells" in found["refused"][1]["reason"]

    body = {"incoming": name, "name": "films over http", "questions": [QUESTION], "text": "review", "key": "id"}
    made = owner.post("/api/projects", json=body)
    assert made.status_code == 200, made.text
    assert owner.post("/api/projects", json=body).json() == made.json(), "a repeat answers like the first"
    far = settled(owner, made.json()["project"])
    assert far["error"] == ""
    assert "4 accepted, 0 duplicate, 2 refused" in far["outcomes"][0]
    counts = owner.get(f"/api/projects/{made.json()['project']}/round").json()["counts"]
    assert counts["items"] == counts["open"] == 4
    again = owner.post("/api/projects", json=body | {"incoming": upload(owner, piece("films.csv", data))[0]})
    assert again.status_code == 409
    assert "exists already" in again.json()["error"]["message"]


def test_only_an_owner_signed_in_as_themselves_makes_projects(stage: tuple[Story, TestClient]) -> None:
    own, http = stage
    for role in Role:
        if role is Role.SERVICE:
            continue
        signed_in(own, http, role)
        assert http.get("/api/incoming").json() == {"may": role is Role.OWNER}
        _, reply = upload(http, piece("a.csv", b"text\nx\n"))
        assert reply.status_code == (200 if role is Role.OWNER else 403), role
    http.cookies.clear()
    token = {"Authorization": f"Bearer {own.token(Role.OWNER)}"}
    reply = http.post(f"/api/incoming/{new_id()}/look", json={}, headers=token)
    assert reply.status_code == 403, "a token is for one project"


@pytest.mark.parametrize(
    "name", ["../goldseam.yaml", "/etc/passwd.csv", "a/../../b.png", ".goldseam/x.png", "a\\b.png", "a//b.png", "x.zip", "sub/a.csv", "C:x.csv"]
)  # fmt: skip
def test_a_file_never_leaves_its_upload(owner: TestClient, stage: tuple[Story, TestClient], name: str) -> None:
    before = sorted(path for path in stage[0].world.home.root.rglob("*") if FOLDER not in path.parts)
    _, reply = upload(owner, piece(name, b"text\nx\n"))
    assert reply.status_code == 422, reply.text
    assert sorted(path for path in stage[0].world.home.root.rglob("*") if FOLDER not in path.parts) == before


def test_an_upload_is_ones_own_and_grows_without_gaps(owner: TestClient, stage: tuple[Story, TestClient]) -> None:
    name, _ = upload(owner, piece("a.csv", b"text\n"))
    assert upload(owner, piece("a.csv", b"x", 99), name=name)[1].status_code == 422
    assert upload(owner, piece("b.csv", b"text\n"), name=name)[1].status_code == 422
    own, http = stage
    people.add_person(own.world, own.project.id, "test", "second-owner", Role.OWNER, password=story.PASSWORD)
    http.post("/api/session", json={"login": "second-owner", "password": story.PASSWORD})
    assert http.post(f"/api/incoming/{name}/look", json={}).status_code == 404
    assert http.post("/api/projects", json={"incoming": name, "name": "x", "questions": [QUESTION]}).status_code == 404


def test_settings_that_reach_outside_of_the_upload_are_refused(owner: TestClient) -> None:
    name, _ = upload(owner, piece("a.csv", b"text\nx\n"))
    body = {"incoming": name, "name": "reach", "questions": [QUESTION], "text": "text"}
    for more in (
        {"sources": [{"path": "../secret.csv"}]},
        {"gold": ["/etc/passwd"]},
        {"qualification": {"files": ["x"]}},
    ):
        assert owner.post("/api/projects", json=body | more).status_code == 422
    wrong = owner.post("/api/projects", json=body | {"questions": [QUESTION | {"labels": []}]})
    assert wrong.status_code == 422
    assert "needs labels" in wrong.json()["error"]["message"]


def test_a_folder_of_images_says_which_are_none(
    owner: TestClient, stage: tuple[Story, TestClient], tmp_path: Path
) -> None:

    file = tmp_path / "a.png"
    Image.new("L", (8, 6), 200).save(file)
    name, _ = upload(owner, piece("photos/a.png", file.read_bytes()), piece("photos/b.png", b"no image"))
    found = owner.post(f"/api/incoming/{name}/look", json={}).json()
    assert (found["form"], found["n_files"], found["n_refused"]) == ("images", 2, 1)
    assert found["rows"] == [["photos/a.png", "8 x 6"]]
    made = owner.post("/api/projects", json={"incoming": name, "name": "photos", "questions": [QUESTION]})
    assert settled(owner, made.json()["project"])["error"] == ""
    facts = projects.by_name(stage[0].world, "photos")
    assert (facts.modality.value, facts.n_items) == ("image", 1)
