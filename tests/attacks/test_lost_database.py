"""A disk without room and a database that is gone, in the middle of calls: said in our words, nothing half done, and healed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner.world import World
from goldseam.edge.server.app import make_app
from goldseam.vocab.people import Role
from tests.postgres import Server, postgres
from tests.walk import story
from tests.walk.story import Story

__all__ = ["postgres"]


def http_of(made: Story, role: Role = Role.OWNER) -> TestClient:
    headers = {"Authorization": f"Bearer {made.token(role)}"}
    return TestClient(make_app(made.world), headers=headers, raise_server_exceptions=False)


def leased(http: TestClient, project: str, n: int) -> list[dict[str, Any]]:
    """Lease items, and return an answer to each, large enough to fill a small disk."""
    found = http.post(f"/api/projects/{project}/assignments", json={"count": n}).json()["assignments"]
    answer = {"kind": "abstain", "reason": "x" * 200_000}
    return [
        {
            "id": new_id(), "assignment": one["id"], "token": one["token"], "seconds": 1.0, "schema_version": 1,
            "guideline_version": 1, "answers": {"mood": answer},
        }
        for one in found
    ]  # fmt: skip


def in_our_words(reply: Any, folder: Path) -> bool:
    """Whether this says that the store failed, and nothing of its inside."""
    assert reply.status_code == 503, reply.text
    said = reply.json()["error"]
    assert said["fields"] == {"request": reply.headers["x-request-id"]}
    assert not [word for word in ("sqlite", "postgres", "psycopg", "full", str(folder)) if word in reply.text.lower()]
    return bool(said["type"] == "StoreFailed")


def pages(world: World, limit: int | None) -> int:
    """Set how many pages the database may have, from now on or (None) again as many as it likes; returns how many it has."""
    now = int(world.store.write(lambda tx: tx.run(text("PRAGMA page_count")).scalar_one()))
    most = 10**9 if limit is None else now + limit
    world.store.write(lambda tx: tx.run(text(f"PRAGMA max_page_count={most}")).scalar_one())
    return now


def test_a_full_disk_refuses_what_has_no_room_and_takes_it_once_there_is_some(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=6)
        http, project = http_of(made), made.project.id
        (sent,) = leased(http, project, 1)
        pages(world, 10)  # SQLite says the same at a limit of its own as on a disk without room

        reply = http.post(f"/api/projects/{project}/annotations", json={"annotations": [sent]})

        assert in_our_words(reply, tmp_path)
        assert http.get("/healthz").status_code == 200
        assert http.get("/api/projects").status_code == 200
        assert http.get(f"/api/projects/{project}/history").json() == []
        pages(world, None)
        for status in ("saved", "repeated"):
            reply = http.post(f"/api/projects/{project}/annotations", json={"annotations": [sent]})
            assert reply.json()["results"][0]["status"] == status, reply.text
        assert len(http.get(f"/api/projects/{project}/history").json()) == 1


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Server) -> Iterator[tuple[Story, Any]]:
    """A project on PostgreSQL, and a switch that takes its database away and gives it back."""
    url = postgres.fresh()
    monkeypatch.setenv(DATABASE_SETTING, url)
    name = url.rpartition("/")[2]
    main = f"{url.removesuffix(name)}postgres"

    def switch(*, there: bool) -> None:
        words = [f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(there).lower()}"]
        if not there:
            words.append(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        for one in words:
            subprocess.run([postgres.bin / "psql", "-q", "-X", "-d", main, "-c", one], check=True, capture_output=True)

    with story.opened(tmp_path) as world:
        yield story.set_up(world, tmp_path, n_items=6), switch
        switch(there=True)


@pytest.mark.postgres
def test_a_database_that_is_gone_is_said_and_calls_go_on_when_it_is_back(
    tmp_path: Path, gone: tuple[Story, Any]
) -> None:
    made, switch = gone
    http, project = http_of(made), made.project.id
    (sent,) = leased(http, project, 1)
    body = {"annotations": [sent]}

    switch(there=False)
    for _ in range(3):
        assert in_our_words(http.post(f"/api/projects/{project}/annotations", json=body), tmp_path)
        for path in ("/api/projects", "/api/me", f"/api/projects/{project}/history"):
            assert in_our_words(http.get(path), tmp_path)
        assert in_our_words(http.post("/api/session", json={"login": "a", "password": "b"}), tmp_path)
    assert http.get("/healthz").status_code == 200

    switch(there=True)
    for status in ("saved", "repeated"):
        reply = http.post(f"/api/projects/{project}/annotations", json=body)
        assert reply.json()["results"][0]["status"] == status, reply.text
    assert len(http.get(f"/api/projects/{project}/history").json()) == 1


@pytest.mark.postgres
def test_connections_cut_between_calls_are_made_anew_without_a_word(gone: tuple[Story, Any]) -> None:
    made, switch = gone
    http, project = http_of(made), made.project.id
    for _ in range(3):
        assert http.get(f"/api/projects/{project}/history").status_code == 200
        switch(there=False)
        switch(there=True)
    assert http.post(f"/api/projects/{project}/assignments", json={"count": 2}).status_code == 200
