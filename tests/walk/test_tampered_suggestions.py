"""Suggested answers that somebody changed behind the log's back are named; so is an entry that names no versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from goldseam.edge.project import Project
from goldseam.edge.runner import check_rows, people, suggesting
from goldseam.edge.runner.check_rows import Logged
from goldseam.edge.runner.suggesting import Proposed
from goldseam.ledger.entries import Entry, EntryKind
from goldseam.vocab.answers import Text
from goldseam.vocab.people import Act
from goldseam.vocab.schema import QuestionName
from tests.walk import small

ASKED = [{"name": "mood", "labels": list(small.LABELS)}, {"name": "why", "kind": "text"}]
CHANGES = {
    "an answer": (
        """UPDATE suggested_answers SET answer = '{"kind":"text","text":"no"}' WHERE seq = 1""",
        "is not what",
    ),
    "what is no answer": ("UPDATE suggested_answers SET answer = 'no' WHERE seq = 1", "is not what"),
    "how sure its source is": ("UPDATE suggested_answers SET confidence = 7 WHERE seq = 1", "is not what"),
    "a source": ("UPDATE suggested_answers SET source = 'me' WHERE seq = 1", "is not what"),
    "an answer that is gone": ("DELETE FROM suggested_answers WHERE seq = 2", "is not what"),
    "a delivery that is gone": ("DELETE FROM suggestion_deliveries", "is gone"),
    "an answer of nobody": (
        """INSERT INTO suggested_answers (project, position, question, source, answer, confidence)
        SELECT project, position, question, source, answer, confidence FROM suggested_answers WHERE seq = 1""",
        "belong to no delivery",
    ),
}


@pytest.fixture
def delivered(tmp_path: Path) -> Iterator[Project]:
    """A project to which a machine delivered two answers."""
    small.write_project(tmp_path, 4, schema={"questions": ASKED})
    with small.opened(tmp_path) as project:
        project.take_in()
        permit = project.permit(Act.MANAGE)
        ids = project.item_ids([2, 0])
        given = [Proposed(one, QuestionName("why"), Text("its words"), 0.7, "read twice") for one in ids]  # type: ignore[arg-type]  # plain values do where the hint is narrower
        suggesting.deliver(project.world, permit, people.fresh_id(project.world), "reader 1", given)
        assert project.verify() == ()
        yield project


@pytest.mark.parametrize("what", CHANGES)
def test_suggested_answers_that_were_changed_are_named(delivered: Project, what: str) -> None:
    statement, told = CHANGES[what]

    def change(tx) -> None:
        for name in ("update", "delete"):
            tx.run(text(f"DROP TRIGGER suggestion_deliveries_no_{name}"))
        assert tx.run(text(statement)).rowcount == 1

    delivered.world.store.write(change)

    found = delivered.verify()

    assert {one.file for one in found} == {"suggestions"}
    assert told in found[0].what


def test_an_entry_that_names_no_versions_is_a_finding_and_not_an_end(delivered: Project) -> None:
    """No release writes one, but whoever holds the key could: the check goes on with what else there is."""
    facts, now = delivered.facts, delivered.world.clock.now()
    forged = Entry(EntryKind.PROJECT_APPLIED, now, delivered.me, facts.id, facts.id, {"note": "no versions"})
    half = Entry(EntryKind.PROJECT_APPLIED, now, delivered.me, facts.id, facts.id, {"versions": {"schema": 1}})

    for compare in check_rows.ALL:
        logged = Logged({EntryKind.PROJECT_APPLIED: [(7, forged), (8, half)]}, is_whole=False)
        found = delivered.world.store.read(lambda tx, compare=compare, logged=logged: list(compare(tx, facts, logged)))
        if compare.__name__ == "_versions":
            assert [(one.file, one.where) for one in found][:1] == [("versions", "entry 7")]
            assert len(found) > 1
