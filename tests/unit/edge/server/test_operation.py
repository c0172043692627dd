"""What whoever runs the server asks of it: does it live, can it answer, what does it count, what does it log."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.server import logs
from goldseam.edge.server.app import make_app
from goldseam.edge.server.routes.operation import METRICS_TOKEN
from tests.walk import story
from tests.walk.story import Story


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Story]:
    with story.opened(tmp_path) as world:
        yield story.set_up(world, tmp_path, n_items=4)


@pytest.fixture
def http(stage: Story) -> Iterator[TestClient]:
    with TestClient(make_app(stage.world), client=("127.0.0.1", 5)) as client:
        yield client


def figures(http: TestClient, **headers: str) -> dict[str, float]:
    text = http.get("/metrics", headers=headers).raise_for_status().text
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_a_server_that_can_answer_says_so(http: TestClient) -> None:
    assert http.get("/readyz").json() == {"ok": True, "database": True, "sealer": True}


def test_a_server_whose_database_is_gone_says_so(http: TestClient, stage: Story) -> None:
    stage.world.store.close()
    reply = http.get("/readyz")
    assert reply.status_code == 503
    assert reply.json()["database"] is False
    assert http.get("/healthz").status_code == 200


def test_calls_leases_and_annotations_are_counted(http: TestClient, stage: Story) -> None:
    path, head = f"/api/projects/{stage.project.id}", {"Authorization": f"Bearer {stage.token()}"}
    (offer,) = http.post(f"{path}/assignments", json={"count": 1}, headers=head).json()["assignments"]
    sent = {
        "id": new_id(), "assignment": offer["id"], "token": offer["token"], "seconds": 1.0,
        "answers": {"mood": {"kind": "choice", "label": "pos"}}, "schema_version": 1, "guideline_version": 1,
    }  # fmt: skip
    for _ in range(2):
        http.post(f"{path}/annotations", json={"annotations": [sent]}, headers=head).raise_for_status()

    found = figures(http)

    assert found["goldseam_leases_total"] == 1
    assert found['goldseam_annotations_total{fate="saved"}'] == 1
    assert found['goldseam_annotations_total{fate="repeated"}'] == 1
    route = "/api/projects/{project}/annotations"
    assert found[f'goldseam_http_requests_total{{method="POST",route="{route}",status="200"}}'] == 2
    assert found[f'goldseam_http_request_seconds_count{{route="{route}"}}'] == 2


def test_what_a_client_makes_up_never_names_a_series(http: TestClient, stage: Story) -> None:
    for n in range(30):
        http.get(f"/api/nothing-{n}")
        http.get(f"/api/projects/made-up-{n}")
        http.get(f"/some/page/{n}")
    text = http.get("/metrics").text
    assert "nothing-" not in text
    assert "made-up" not in text
    assert "/some/page" not in text
    assert stage.project.id not in text


def test_metrics_are_not_for_strangers(stage: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(make_app(stage.world), client=("203.0.113.9", 5)) as stranger:
        assert stranger.get("/metrics").status_code == 403
        monkeypatch.setenv(METRICS_TOKEN, "scrape me")
        assert stranger.get("/metrics").status_code == 403
        assert stranger.get("/metrics", headers={"Authorization": "Bearer scrape you"}).status_code == 403
        assert stranger.get("/metrics", headers={"Authorization": "Bearer scrape me"}).status_code == 200


def test_metrics_behind_a_proxy_want_the_token(http: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def lines_of(form: logs.Form, capsys: pytest.CaptureFixture[str], http: TestClient) -> list[str]:
    before = logging.getLogger("goldseam").handlers[:], logging.getLogger("goldseam").level
    try:
        logs.set_up(form)
        http.get("/healthz?token=secret", headers={"Authorization": "Bearer secret"})
        logging.getLogger("goldseam.server").warning("two\nlines")
    finally:
        logging.getLogger("goldseam").handlers[:], level = before
        logging.getLogger("goldseam").setLevel(level)
        logging.getLogger("goldseam").propagate = True
    assert sys.stderr is not None
    return capsys.readouterr().err.splitlines()


def test_a_call_is_one_line_of_json_under_its_request_id(capsys: pytest.CaptureFixture[str], http: TestClient) -> None:
    call, warning = (json.loads(line) for line in lines_of("json", capsys, http))
    assert (call["method"], call["path"], call["status"]) == ("GET", "/healthz", 200)
    assert len(call["request"]) == 32
    assert call["level"] == "info"
    assert "secret" not in json.dumps(call)
    assert warning["message"] == "two\nlines"


def test_text_lines_have_no_break_from_outside(capsys: pytest.CaptureFixture[str], http: TestClient) -> None:
    lines = lines_of("text", capsys, http)
    assert len(lines) == 2
    assert lines[1].endswith("two\\nlines")


def test_quiet_is_warnings_only(capsys: pytest.CaptureFixture[str], http: TestClient) -> None:
    assert len(lines_of("quiet", capsys, http)) == 1
