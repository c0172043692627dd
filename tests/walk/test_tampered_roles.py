"""Whoever changes a role behind the server's back is found out: the log says who was given which."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from goldseam.vocab.people import Role
from tests.walk import small

BEHIND = {
    "made a manager": "UPDATE roles SET role = 'manager' WHERE role = 'annotator'",
    "shown out": "DELETE FROM roles WHERE role = 'annotator'",
    "let in again": "INSERT INTO roles (project, annotator, role, at) SELECT r.project, c.annotator, 'manager', 1 "
    "FROM accounts c, roles r WHERE c.login = 'eve' AND r.role = 'owner'",
    "demoted": "UPDATE roles SET role = 'auditor' WHERE role = 'owner'",
}


@pytest.mark.parametrize("what", BEHIND)
def test_a_role_that_the_log_does_not_know_is_found(tmp_path: Path, what: str) -> None:
    small.write_project(tmp_path)
    with small.opened(tmp_path) as project:
        small.member(project, "ada")
        project.add_person("eve", Role.REVIEWER, password="x" * 12)
        project.grant("eve", "manager")
        project.grant("eve", "none")
        assert project.verify() == ()
        project.world.store.write(lambda tx: tx.run(text(BEHIND[what])))
        found = project.verify()
        assert [one.file for one in found] == ["roles"]
        assert "the log says" in found[0].what
