"""A disk that is full under a server process, as the system reports it: refused in our words, nothing half done, and healed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from bench.faults.processes import limit_files
from bench.faults.streams import a_process

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import check, log
from goldseam.vocab.people import Role
from tests.walk import program, story


@pytest.mark.slow
@pytest.mark.parametrize("n_bytes", [0, 30_000], ids=["nothing", "the middle of a commit"])
def test_what_has_no_room_is_refused_whole_and_taken_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_bytes: int
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, "")
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=6)
        token, project = made.token(Role.OWNER), f"/api/projects/{made.project.id}"
    with (
        a_process(tmp_path, program.ENVIRONMENT) as (pid, url),
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http,
    ):
        offers = http.post(f"{project}/assignments", json={"count": 2}).json()["assignments"]
        sent = [
            {
                "id": new_id(), "assignment": one["id"], "token": one["token"], "seconds": 1.0, "schema_version": 1,
                "guideline_version": 1, "answers": {"mood": {"kind": "abstain", "reason": "x" * 90_000}},
            }
            for one in offers
        ]  # fmt: skip
        limit_files(pid, n_bytes)
        for _ in range(3):
            refused = http.post(f"{project}/annotations", json={"annotations": sent})
            assert (refused.status_code, refused.json()["error"]["type"]) == (503, "StoreFailed"), refused.text
            assert str(tmp_path) not in refused.text
        assert http.get(f"{project}/history").json() == []
        assert http.get("/healthz").status_code == 200
        limit_files(pid, None)
        for status in ("saved", "repeated"):
            reply = http.post(f"{project}/annotations", json={"annotations": sent}).json()
            assert [one["status"] for one in reply["results"]] == [status, status]
        assert len(http.get(f"{project}/history").json()) == 2
    with story.opened(tmp_path) as world:
        log.seal(world)
        assert check.project(world, made.project) == ()
