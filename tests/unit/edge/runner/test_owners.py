"""A project keeps an owner, whoever takes a role away and from wherever they call; and the ledger names who did."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.runner import people, roles
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.store import log as log_rows
from goldseam.edge.store import people as people_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import Conflict, NotSignedIn
from goldseam.vocab.people import AnnotatorId, Role
from tests.conftest import ROOT
from tests.unit.edge.cli.call import goldseam
from tests.walk import small, story
from tests.walk.story import Story


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("owners")
    with story.opened(folder, FakeClock()) as world:
        made = story.set_up(world, folder, n_items=2)
        owner, _ = people.add_person(world, made.project.id, "setup", "olga", Role.OWNER)
        people.grant(world, made.project.id, "setup", "olga", Role.OWNER)
        first = Permit(made.project, Role.OWNER, Principal(owner.id, ""))
        roles.change(world, first, new_id(), made.members[Role.OWNER], Role.AUDITOR)
        yield made


def by_adding(stage: Story, role: Role | None) -> None:
    people.add_person(stage.world, stage.project.id, "cli", "olga", role or Role.ANNOTATOR)


def by_granting(stage: Story, role: Role | None) -> None:
    people.grant(stage.world, stage.project.id, "cli", "olga", role)


def by_calling(stage: Story, role: Role | None) -> None:
    permit = Permit(stage.project, Role.OWNER, Principal(olga(stage), ""))
    roles.change(stage.world, permit, new_id(), olga(stage), role)


def olga(stage: Story) -> AnnotatorId:
    account = stage.world.store.read(lambda tx: people_rows.account(tx, "olga"))
    assert account is not None
    return account.annotator.id


@pytest.mark.parametrize("path", [by_adding, by_granting, by_calling])
@pytest.mark.parametrize("role", [None, Role.MANAGER, Role.ANNOTATOR])
def test_the_last_owner_is_neither_removed_nor_demoted(
    stage: Story, path: Callable[[Story, Role | None], None], role: Role | None
) -> None:
    with pytest.raises(Conflict, match="at least one owner"):
        path(stage, role)
    who = olga(stage)
    assert stage.world.store.read(lambda tx: people_rows.role(tx, stage.project.id, who)) is Role.OWNER


def test_roles_are_set_in_one_place_only() -> None:
    setters = [
        path.name
        for path in sorted((ROOT / "src" / "goldseam" / "edge" / "runner").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"set_role", "set_roles"}
    ]
    # a newcomer's first role, a new project's owner, services and models that had none: none of these takes a role from anybody
    assert sorted(setters) == ["granting.py", "invitations.py", "people.py", "projects.py", "voting.py"]


def test_the_command_line_names_its_user_as_the_actor_and_ends_tokens_with_the_role(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=4)
    assert goldseam(tmp_path, "people", "add", "ada").code == 0
    with small.opened(tmp_path) as project:
        token = project.make_token("ada", "laptop")
        people.by_token(project.world, token)
        me, log = project.me, project.facts.id
    assert goldseam(tmp_path, "people", "grant", "ada", "none").code == 0
    with small.opened(tmp_path) as project:
        with pytest.raises(NotSignedIn):
            people.by_token(project.world, token)
        project.seal()
        bodies = project.world.store.read(lambda tx: [row.body for row in log_rows.entries(tx, log, -1, 100)])
        granted = [json.loads(body) for body in bodies if b"role.granted" in bytes(body)]
        assert [(one["actor"], one["body"]["role"]) for one in granted][-2:] == [(me, "annotator"), (me, "none")]
        login = project.world.store.read(lambda tx: people_rows.account_of(tx, me))
        assert login is not None
        before = login.login
    said = goldseam(tmp_path, "people", "grant", before, "manager", "--json")
    assert said.code != 0
    assert "at least one owner" in said.refusal["message"]
    assert goldseam(tmp_path, "people", "unlink", "ada", "--json").json == {"login": "ada", "forgotten": 0}
