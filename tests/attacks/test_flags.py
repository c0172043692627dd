"""Flags and reasons as a way in: to tell gold from the rest, to speak for others, to get markup onto the manager's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import people
from goldseam.edge.server.app import make_app
from goldseam.edge.store import queue
from goldseam.vocab.annotations import AssignmentId, Purpose
from goldseam.vocab.people import Role
from tests.walk import story
from tests.walk.story import Story

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Story]:
    with story.opened(tmp_path) as world:
        policies = {"annotate": {"gold_rate": 0.5}, "route": {"redundancy": 3}}
        yield story.set_up(world, tmp_path, n_items=16, n_gold=8, policies=policies)


def http(stage: Story, token: str) -> TestClient:
    return TestClient(make_app(stage.world), headers={"Authorization": f"Bearer {token}"})


def purpose(stage: Story, assignment: str) -> Purpose:
    found = stage.world.store.read(lambda tx: queue.assignment(tx, AssignmentId(assignment)))
    assert found is not None
    return found.purpose


def answers_to(stage: Story, client: TestClient, offer: dict[str, Any], reason: str) -> list[object]:
    """Everything that is said back about one assignment, but for ids that the client made itself."""
    at = f"/api/projects/{stage.project.id}"
    flagged = client.post(f"{at}/assignments/{offer['id']}/flag", json={"id": new_id(), "reason": reason, "note": "?"})
    sent = {
        "id": new_id(), "assignment": offer["id"], "token": offer["token"], "seconds": 1.0,
        "answers": {"mood": {"kind": "abstain", "reason": reason}}, "schema_version": 1, "guideline_version": 1,
    }  # fmt: skip
    answered = client.post(f"{at}/annotations", json={"annotations": [sent]})
    told = answered.json()
    told["results"][0].pop("id")
    skipped = client.post(
        f"{at}/assignments/{offer['id']}/skip", json={"id": new_id(), "token": offer["token"], "reason": reason}
    )
    refused = skipped.json()
    refused["error"]["fields"].pop("request", None)
    heads = [sorted(set(one.headers) - {"x-request-id"}) for one in (flagged, answered, skipped)]
    return [flagged.status_code, flagged.json(), answered.status_code, told, skipped.status_code, refused, heads]


@pytest.mark.parametrize("reason", ["unsure", "no_label", "harmful", "unreadable"])
def test_no_reason_tells_gold_from_the_rest(stage: Story, reason: str) -> None:
    said: dict[bool, list[object]] = {}
    for name in ("ann", "bob", "cat"):  # enough people that items leave the queue
        client = http(stage, stage.annotator(name))
        offers = client.post(f"/api/projects/{stage.project.id}/assignments", json={"count": 12}).json()["assignments"]
        for offer in offers:
            is_gold = purpose(stage, offer["id"]) is Purpose.GOLD
            said.setdefault(is_gold, []).append(answers_to(stage, client, offer, reason))
    assert set(said) == {True, False}
    assert all(one == said[True][0] for one in [*said[True], *said[False]])


def test_a_note_comes_back_as_it_was_typed_and_only_to_whoever_manages(stage: Story) -> None:
    at = f"/api/projects/{stage.project.id}"
    ann = http(stage, stage.annotator("ann"))
    (offer,) = ann.post(f"{at}/assignments", json={"count": 1}).json()["assignments"]
    ann.post(f"{at}/assignments/{offer['id']}/flag", json={"id": new_id(), "reason": "harmful", "note": SCRIPT})
    reply = http(stage, stage.token(Role.MANAGER)).get(f"{at}/flagged")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert [one["note"] for one in reply.json()[0]["flags"]] == [SCRIPT]
    for role in (Role.ANNOTATOR, Role.REVIEWER, Role.AUDITOR, Role.SERVICE):
        assert http(stage, stage.token(role)).get(f"{at}/flagged").status_code == 403
    assert SCRIPT not in str(ann.get(f"{at}/history").json())


def test_nobody_flags_or_decides_in_another_project(stage: Story, tmp_path: Path) -> None:
    ann = http(stage, stage.annotator("ann"))
    at = f"/api/projects/{stage.project.id}"
    (offer,) = ann.post(f"{at}/assignments", json={"count": 1}).json()["assignments"]
    (tmp_path / "other").mkdir()
    other = story.set_up(stage.world, tmp_path / "other", name="others", n_items=2)
    elsewhere = people.make_token(stage.world, other.project.id, other.members[Role.MANAGER], "test", None, None)
    foreign = http(stage, elsewhere)
    body = {"id": new_id(), "reason": "harmful"}
    assert foreign.post(f"{at}/assignments/{offer['id']}/flag", json=body).status_code == 404
    there = f"/api/projects/{other.project.id}"
    assert foreign.post(f"{there}/assignments/{offer['id']}/flag", json=body).status_code == 404
    ann.post(f"{at}/assignments/{offer['id']}/flag", json=body)
    decision = {"id": new_id(), "decision": "put_back"}
    assert foreign.post(f"{there}/flagged/{offer['item']['id']}/decision", json=decision).status_code == 404
    assert foreign.get(f"{there}/flagged").json() == []
