"""A disk that is full under PostgreSQL: refused in our words, nothing acknowledged is lost, and work goes on once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from bench.faults.streams import a_process

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import check, log
from goldseam.vocab.people import Role
from tests import postgres as servers
from tests.walk import program, story

ROOM = "160m"
SMALL = f"{servers.ROOM} -c min_wal_size=32MB -c max_wal_size=32MB"
PATIENCE = 60.0


@pytest.fixture
def on_a_small_disk() -> Iterator[servers.Server]:
    """A PostgreSQL whose files lie on a disk of their own, which a test can fill."""
    programs = servers.binaries()
    folder = Path(tempfile.mkdtemp(prefix="goldseam-disk-"))  # the account that PostgreSQL runs under has to reach it
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=755", "goldseam-test", str(folder)]
    if programs is None or os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("needs PostgreSQL, and the right to mount a disk in memory")
    try:
        with servers.running(folder, programs, SMALL) as server:
            yield server
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Leave no room on the disk of a folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65_536):
            pass
    assert shutil.disk_usage(folder).free < 65_536
    return ballast


def runs_again(server: servers.Server) -> None:
    """Do what whoever looks after the database does: start it again, if the full disk has stopped it."""
    until = time.monotonic() + PATIENCE
    ask = [server.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(server.port)]
    while subprocess.run(ask, check=False).returncode != 0:
        assert time.monotonic() < until, "PostgreSQL does not come back"
        if not server.processes() or not Path(f"/proc/{server.processes()[0]}").exists():
            with suppress(subprocess.CalledProcessError):
                server.start()
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(180)
def test_a_full_disk_of_postgresql_loses_nothing_that_was_acknowledged(
    on_a_small_disk: servers.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = on_a_small_disk
    monkeypatch.setenv(DATABASE_SETTING, database.fresh())
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=40)
        token, project = made.token(Role.OWNER), f"/api/projects/{made.project.id}"
    environment = program.ENVIRONMENT | {DATABASE_SETTING: os.environ[DATABASE_SETTING]}
    with (
        a_process(tmp_path, environment) as (_, url),
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60) as http,
    ):

        def submit(one: dict[str, Any]) -> httpx.Response:
            return http.post(f"{project}/annotations", json={"annotations": [one]})

        offers = http.post(f"{project}/assignments", json={"count": 20}).json()["assignments"]
        sent = [
            {
                "id": new_id(), "assignment": one["id"], "token": one["token"], "seconds": 1.0, "schema_version": 1,
                "guideline_version": 1, "answers": {"mood": {"kind": "abstain", "reason": f"{os.urandom(45_000).hex()}"}},
            }
            for one in offers
        ]  # fmt: skip
        assert submit(sent[0]).json()["results"][0]["status"] == "saved"
        ballast = fill(database.folder)
        kept, refused = {sent[0]["id"]}, []
        while not refused or len(refused) < 3:
            for one in sent[1:]:
                reply = submit(one)
                if reply.status_code == 200 and reply.json()["results"][0]["status"] in {"saved", "repeated"}:
                    kept.add(one["id"])
                else:
                    refused.append(reply)
        for reply in refused:
            assert (reply.status_code, reply.json()["error"]["type"]) == (503, "StoreFailed"), reply.text
            assert str(database.folder) not in reply.text
        said = {reply.json()["error"]["message"] for reply in refused}
        print(len(kept), said)
        assert http.get("/healthz").status_code == 200

        ballast.unlink()
        runs_again(database)
        for one in sent:
            (fate,) = submit(one).json()["results"]
            assert fate["status"] in ({"repeated"} if one["id"] in kept else {"saved", "repeated"}), fate
        assert {one["id"] for one in http.get(f"{project}/history").json()} == {one["id"] for one in sent}
        assert http.get("/readyz").status_code == 200
    with story.opened(tmp_path) as world:
        log.seal(world)
        assert check.project(world, made.project) == ()
