"""A person decides about a model that is better on gold by less than chance would often give; on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldseam.edge.client import Client
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import people
from goldseam.edge.store import models, projects
from goldseam.edge.store.models import Outcome
from goldseam.vocab.errors import NotReady
from goldseam.vocab.people import Role
from tests.postgres import postgres
from tests.unit.edge.cli.call import goldseam
from tests.walk import small, story

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    return tmp_path


@pytest.mark.slow
def test_a_model_that_is_asked_about_changes_nothing_until_somebody_decides_and_once(folder: Path) -> None:
    small.write_project(folder, n_items=24, sample={"strategy": "random", "batch": 12}, rounds=2)
    with small.opened(folder) as project:
        small.round_trip(project)
        here, champion = project.facts.id, project.facts.model
        newest, first = project.world.store.read(lambda tx: tuple(reversed(models.listing(tx, here))))
        assert champion == first.id
        project.world.store.write(lambda tx: models.decide(tx, here, newest.id, Outcome.ASKED))
        boss = small.member(project, "boss", Role.MANAGER)
        token = people.make_token(project.world, here, boss, "test", None, None)
        with story.serving(project.world) as address, Client(address, token=token) as client:
            assert [one["outcome"] for one in client.models(here)] == ["asked", "promoted"]
            client.decide_model(here, newest.id, "promote")
            with pytest.raises(NotReady, match="promoted"):
                client.decide_model(here, newest.id, "keep")
        assert project.world.store.read(lambda tx: projects.get(tx, here)).model == newest.id
        project.seal()
        assert project.verify() == ()
    listed = goldseam(folder, "model", "list", "--json").json
    assert [(one["outcome"], one["champion"]) for one in listed] == [("promoted", True), ("promoted", False)]
    assert "No decision" in goldseam(folder, "model", "keep", first.id).err


def test_errors_of_a_model_that_learned_from_careless_people_are_told_on_the_command_line(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=40, sample={"strategy": "random", "batch": 30}, rounds=1)
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None], accuracy=0.6)
        small.round_trip(project)
    found = goldseam(tmp_path, "patterns", "--json").json
    assert found["n"] == 30
    assert 0 < found["wrong"] < 30
    assert {"kind", "name", "n", "wrong", "p", "low", "high", "advice", "items"} >= set().union(
        *found["patterns"], set()
    )
    assert "30 suggestions" in goldseam(tmp_path, "patterns").out
