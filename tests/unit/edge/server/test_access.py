"""Permits are remembered between calls, and never longer than the right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from goldseam.edge.runner import access as remembered
from goldseam.edge.runner import people
from goldseam.edge.runner.access import Access, Credential
from goldseam.edge.server.app import make_app
from goldseam.edge.store import people as people_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import NotAllowed, NotFound, NotSignedIn
from goldseam.vocab.people import Act, Role
from tests.walk import story
from tests.walk.story import Story


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stage(tmp_path: Path, clock: FakeClock) -> Iterator[Story]:
    with story.opened(tmp_path, clock) as world:
        yield story.set_up(world, tmp_path, n_items=4)


def test_a_call_after_the_first_reads_nothing_but_the_stamp(stage: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    access, credential = Access(stage.world), Credential(stage.token(), is_token=True)
    first = access.permit(credential, stage.project.id, Act.ANNOTATE)

    monkeypatch.setattr(type(stage.world.store), "read", lambda *_: pytest.fail("the store was read"))

    assert access.known(credential, stage.project.id, Act.ANNOTATE) is first
    assert access.known(credential, stage.project.id, Act.VIEW) is first


def test_a_role_taken_away_is_gone_with_the_next_call(stage: Story) -> None:
    secret = stage.token()
    with TestClient(make_app(stage.world)) as http:

        def lease() -> int:
            path = f"/api/projects/{stage.project.id}/assignments"
            return http.post(path, json={"count": 1}, headers={"Authorization": f"Bearer {secret}"}).status_code

        assert [lease(), lease()] == [200, 200]
        annotator, project = stage.members[Role.ANNOTATOR], stage.project.id
        stage.world.store.write(lambda tx: people_rows.set_role(tx, project, annotator, None, stage.world.clock.now()))
        assert lease() == 404


def test_another_process_that_revokes_a_token_is_heard_at_once(stage: Story, tmp_path: Path) -> None:
    access, credential = Access(stage.world), Credential(stage.token(), is_token=True)
    access.permit(credential, stage.project.id, Act.ANNOTATE)

    with story.opened(tmp_path) as elsewhere:
        found = elsewhere.store.read(people_rows.tokens)
        for token in found:
            elsewhere.store.write(lambda tx, token=token: people_rows.revoke_token(tx, token.id, elsewhere.clock.now()))

    assert access.known(credential, stage.project.id, Act.ANNOTATE) is None
    with pytest.raises(NotSignedIn):
        access.permit(credential, stage.project.id, Act.ANNOTATE)


def test_a_remembered_permit_does_not_stretch_to_another_act_or_project(stage: Story) -> None:
    access, credential = Access(stage.world), Credential(stage.token(), is_token=True)
    access.permit(credential, stage.project.id, Act.ANNOTATE)

    with pytest.raises(NotAllowed):
        access.permit(credential, stage.project.id, Act.MANAGE)
    with pytest.raises(NotFound):
        access.permit(credential, "another", Act.VIEW)
    session = Credential(credential.secret, is_token=False)
    assert access.known(session, stage.project.id, Act.ANNOTATE) is None


def test_a_remembered_permit_ends_when_its_token_does(stage: Story, clock: FakeClock) -> None:
    annotator = stage.members[Role.ANNOTATOR]
    secret = people.make_token(stage.world, stage.project.id, annotator, "short", None, 1)
    access, credential = Access(stage.world), Credential(secret, is_token=True)
    access.permit(credential, stage.project.id, Act.VIEW)

    clock.advance(timedelta(days=2))

    assert access.known(credential, stage.project.id, Act.VIEW) is None
    with pytest.raises(NotSignedIn):
        access.permit(credential, stage.project.id, Act.VIEW)


def test_a_new_round_is_seen_by_whoever_was_remembered(stage: Story) -> None:
    access, credential = Access(stage.world), Credential(stage.token(), is_token=True)
    assert access.permit(credential, stage.project.id, Act.VIEW).project.round == stage.project.round

    stage.world.store.write(lambda tx: _next_round(tx, stage))

    assert access.permit(credential, stage.project.id, Act.VIEW).project.round == stage.project.round + 1


def _next_round(tx, stage: Story) -> None:
    from goldseam.edge.store import projects

    projects.set_round(tx, stage.project.id, stage.project.round + 1)


def test_what_is_remembered_does_not_grow_without_end(stage: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT", 3)
    access = Access(stage.world)
    for _ in range(10):
        access.permit(Credential(stage.token(), is_token=True), stage.project.id, Act.VIEW)
    assert len(access._known) <= 3
