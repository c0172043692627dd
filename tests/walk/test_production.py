"""What a model does in production comes in over HTTP and from files: doubtful outputs are asked about, signals vote, once each."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from goldseam.edge.client import Client, Output, SignalAbout, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import Project
from goldseam.edge.runner import people, producing
from goldseam.edge.store import captures, draws, items
from goldseam.edge.worker.worker import Worker
from goldseam.route.tiers import Tier
from goldseam.stats import truth
from goldseam.vocab.errors import BadValue, Conflict, NotAllowed, NotFound
from goldseam.vocab.people import Act, Role
from tests.postgres import postgres
from tests.unit.edge.cli.call import goldseam
from tests.walk import small, story
from tests.walk.program import die, in_a_child

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    small.write_project(tmp_path, n_items=12, sample={"strategy": "random", "batch": 6})
    return tmp_path


def client_of(project: Project, address: str, *acts: Act) -> Client:
    service = small.member(project, "model in production", Role.SERVICE)
    return Client(address, token=people.make_token(project.world, project.facts.id, service, "p", frozenset(acts), 1))


def outputs() -> list[Output]:
    """Six outputs of texts that the project does not have, one of a text that it has."""
    sure = [0.99, 0.95, 0.4, 0.97, 0.98, 0.96]
    seen = [Output("v1", small.text_of(100 + n), label="neg", confidence=one) for n, one in enumerate(sure)]
    return [*seen, Output("v1", small.text_of(0), label="neg", confidence=0.9)]


def doubts(seen: list[Output]) -> list[SignalAbout]:
    return [
        SignalAbout(seen[1].id, "correction", "pos"),
        SignalAbout(seen[3].id, "escalation"),
        SignalAbout(seen[2].id, "click"),
        SignalAbout(seen[5].id, "rejection"),
        SignalAbout(seen[0].id, "click"),
    ]


def asked(project: Project) -> dict[str, int]:
    """Return the tier of each item that production put into the queue, by its capture."""
    here = project.facts.id

    def load(tx: Any) -> dict[str, int]:
        made = [one for one in draws.listing(tx, here) if one.strategy == "production"]
        position = np.concatenate([draws.drawn(tx, here, draw=one.id).position for one in made]) if made else []
        tier = dict(
            zip(
                *(part.tolist() for part in (draws.routed(tx, here).position, draws.routed(tx, here).tier)), strict=True
            )
        )
        return {items.at(tx, here, at).origin.key: tier[at] for at in map(int, position)}

    return project.world.store.read(load)


@pytest.mark.slow
def test_doubtful_outputs_are_asked_about_and_signals_become_votes_whose_reliability_is_learned(folder: Path) -> None:
    with small.opened(folder) as project, story.serving(project.world) as address:
        small.run(project)
        seen = outputs()
        with client_of(project, address, Act.CAPTURE) as client:
            assert client.capture(project.facts.id, seen, doubts(seen)) == {"captures": 7, "signals": 5, "repeated": 0}
            again = client.capture(project.facts.id, seen, ())
            assert again == {"captures": 0, "signals": 0, "repeated": 7}
        assert project.status()["counts"]["items"] == 12, "a call makes no item"  # type: ignore[index]  # plain values
        small.run(project)
        assert project.status()["counts"]["items"] == 18  # type: ignore[index]  # plain values
        assert asked(project) == {
            seen[1].id: Tier.CONSENSUS, seen[2].id: Tier.CONSENSUS, seen[3].id: Tier.EXPERT, seen[5].id: Tier.CONSENSUS,
        }  # fmt: skip
        votes = project.votes()
        names = {one.id: one.name for one, _ in project.people()}
        said = {names[who] for who in votes.annotators}
        assert said == {"production correction", "production click", "production rejection"}
        assert votes.label.size == 3, "a click about what nobody is asked about is no vote"
        before = project.status()["counts"]["wanted"]  # type: ignore[index]  # plain values
        small.answer_all(project, [None, small.member(project, "ada")])
        found = truth.infer(project.votes())
        assert {names[who] for who in project.votes().annotators if who in names} >= said
        assert len(found.reliability) == project.votes().n_annotators
        small.run(project)
        assert project.status()["counts"]["wanted"] >= before  # type: ignore[index]  # plain values
        assert project.verify() == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE captures SET text = 'never seen' WHERE seq = 1",
        "UPDATE captures SET confidence = 0.123 WHERE seq = 2",
        "UPDATE signals SET label = 'neg' WHERE kind = 'correction'",
        "DELETE FROM signals WHERE kind = 'escalation'",
    ],
)
def test_a_capture_that_was_changed_behind_everybodys_back_is_found(tmp_path: Path, change: str) -> None:
    small.write_project(tmp_path)
    with small.opened(tmp_path) as project, story.serving(project.world) as address:
        seen = outputs()
        with client_of(project, address, Act.CAPTURE) as client:
            client.capture(project.facts.id, seen[:3], doubts(seen)[:1])
            client.capture(project.facts.id, seen[3:], doubts(seen)[1:])
        assert project.verify() == ()
        project.world.store.write(lambda tx: tx.run(text(change)))
        assert [one.file for one in project.verify()] == ["captures"]


def test_a_call_is_refused_whole_and_says_what_would_be_right(folder: Path) -> None:
    with small.opened(folder) as project, story.serving(project.world) as address:
        here = project.facts.id
        with client_of(project, address, Act.CAPTURE) as client:
            one = Output("v1", "seen", confidence=0.5)
            with pytest.raises(BadValue, match="no label 'neutral'"):
                client.capture(here, [one], [SignalAbout(one.id, "override", "neutral")])
            with pytest.raises(NotFound, match="no capture"):
                client.capture(here, [one], [SignalAbout(new_id(), "click")])
            assert client.capture(here, [one])["captures"] == 1, "nothing of the refused calls was kept"
            with pytest.raises(Conflict, match="used before"):
                client.capture(here, [Output("v2", "seen", confidence=0.5, id=one.id)])
            with pytest.raises(NotAllowed):
                client.project(here)
        with client_of(project, address, Act.VIEW) as reader, pytest.raises(NotAllowed):
            reader.capture(here, [Output("v1", "seen")])


@pytest.mark.slow
def test_a_file_is_taken_in_once_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=12, sample={"strategy": "random", "batch": 6})
    with small.opened(tmp_path) as project:
        small.run(project)
    rows: list[dict[str, object]] = [
        {"id": f"call {n}", "model": "v1", "text": small.text_of(200 + n), "label": "neg", "confidence": 0.3 + 0.1 * n}
        for n in range(5)
    ]
    rows.append({"signal": "correction", "capture": "call 4", "label": "pos"})
    (tmp_path / "out.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    first = goldseam(tmp_path, "capture", "out.jsonl", "--json").json
    assert (first["captures"], first["signals"], first["repeated"]) == (5, 1, 0)
    assert (first["became_n_items"], first["became_n_asked"], first["became_n_votes"]) == (5, 4, 1)
    again = goldseam(tmp_path, "capture", "out.jsonl", "--json").json
    assert (again["captures"], again["repeated"], again["became_n_items"]) == (0, 6, 0)
    for wrong, why in (
        ('{"model": "v1", "txt": "x"}', "'txt' is not known"),
        ('{"model": "v1", "text": "x", "confidence": 3}', "lies between 0 and 1"),
        ("{", "is no JSON"),
        ('{"signal": "shrug", "capture": "call 1"}', "correction, override"),
    ):
        (tmp_path / "wrong.jsonl").write_text("\n" + wrong + "\n")
        said = goldseam(tmp_path, "capture", "wrong.jsonl")
        assert said.code in {2, 3}, said
        assert "line 2" in said.err
        assert why in said.err.replace("\n", " ")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["place", "voted", "to_ask"])
def test_killed_while_it_takes_up_nothing_is_lost_and_nothing_comes_twice(
    folder: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_up() -> None:
        with small.opened(folder) as project:
            producing.take_up(project.world, project.facts, project.me)

    with small.opened(folder) as project:
        small.run(project)
        seen = outputs()
        with story.serving(project.world) as address, client_of(project, address, Act.CAPTURE) as client:
            client.capture(project.facts.id, seen, doubts(seen))
    with monkeypatch.context() as patched:
        patched.setattr(captures, where, lambda *_: die())
        assert in_a_child(take_up) == -signal.SIGKILL
    take_up()
    take_up()
    with small.opened(folder) as project:
        assert project.status()["counts"]["items"] == 18  # type: ignore[index]  # plain values
        assert len(asked(project)) == 4
        assert project.votes().label.size == 3
        assert project.verify() == ()


def test_the_worker_takes_up_what_was_captured_and_no_more_than_the_project_file_allows(tmp_path: Path) -> None:
    plain = {"production": {"ask_below": 0.99, "most": 2}}
    small.write_project(tmp_path, n_items=12, sample={"strategy": "random", "batch": 6}, **plain)
    with small.opened(tmp_path) as project:
        small.run(project)
        with story.serving(project.world) as address, client_of(project, address, Act.CAPTURE) as client:
            client.capture(project.facts.id, outputs())
        Worker(project).plan()
        project.world.store.write(lambda tx: tx.run(text("UPDATE jobs SET due = 0 WHERE name LIKE 'production%'")))
        said = Worker(project).once()
        assert said["production"] == "from production: 6 items, 2 of them asked about, 0 signals voted"
        assert len(asked(project)) == 2
        small.round_trip(project)
        assert project.verify() == ()
