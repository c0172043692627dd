"""What models elsewhere said is kept once, and what they took is added up, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.store import model_answers as rows
from goldseam.flow.plan import Verb
from goldseam.prelabel.suggester import Said, Usage
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.options import QuestionName
from tests.walk import chat_server, small, story
from tests.walk.story import Story


@pytest.fixture
def stage(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setenv(DATABASE_SETTING, store_url)
    with story.opened(tmp_path, FakeClock()) as world:
        yield story.set_up(world, tmp_path, n_items=6)


def pos(n: int) -> Said:
    return Said({QuestionName("mood"): Choice(LabelName("pos"))}, "", f"why {n}", Usage(10, 2, 5))


def keep(stage: Story, version: str, *positions: int, round: int = 1) -> None:
    proba = np.array([[0.25, 0.75]] * len(positions), np.float32)
    said = [pos(n) for n in positions]
    if positions[-1] == 5:  # it abstained about the last
        said[-1], proba[-1] = Said(abstained="no", usage=Usage(10, 1, 5)), 0
    now = stage.world.clock.now()
    at = np.array(positions, np.int64)
    stage.world.store.write(lambda tx: rows.save(tx, stage.project.id, "gpt", version, at, proba, said, round, now))


def test_answers_are_known_by_version_and_the_first_stays(stage: Story) -> None:
    store, project = stage.world.store, stage.project.id
    keep(stage, "v1", 0, 2, 5)
    keep(stage, "v1", 2, 3)
    keep(stage, "v2", 1)

    assert store.read(lambda tx: rows.known(tx, project, "v1")).tolist() == [0, 2, 3, 5]
    assert store.read(lambda tx: rows.known(tx, project, "v3")).tolist() == []
    proba = store.read(lambda tx: rows.proba(tx, project, "v1", 6, 2))
    assert proba.tolist() == [[0.25, 0.75], [0, 0], [0.25, 0.75], [0.25, 0.75], [0, 0], [0, 0]]
    said = store.read(lambda tx: rows.said(tx, project, "v1", np.arange(6)))
    assert said[2] == pos(2)
    assert said[5] == Said(abstained="no", usage=Usage(10, 1, 5))
    assert said.keys() == {0, 2, 3, 5}
    (spent,) = store.read(lambda tx: rows.spending(tx, project))
    # The item that two runs asked about at the same time was paid for twice.
    assert (spent.n_asked, spent.n_abstained, spent.usage) == (6, 1, Usage(60, 11, 30))


def test_the_words_that_models_wrote_about_an_item_are_erased_in_every_version_and_nothing_else(stage: Story) -> None:
    store, project = stage.world.store, stage.project.id
    for version in ("v1", "v2"):
        keep(stage, version, 0, 2, 5)

    assert [store.write(lambda tx, at=at: rows.forget_words(tx, project, at)) for at in (2, 5, 2, 5)] == [2, 2, 0, 0]

    for version in ("v1", "v2"):
        said = store.read(lambda tx, version=version: rows.said(tx, project, version, np.arange(6)))
        assert said[0] == pos(0)
        assert said[2] == replace(pos(2), reasoning="")
        assert said[5] == Said(abstained=rows.ERASED, usage=Usage(10, 1, 5))
        assert store.read(lambda tx, version=version: rows.known(tx, project, version)).tolist() == [0, 2, 5]


def test_items_of_a_round_are_counted_from_its_beginning(stage: Story) -> None:
    keep(stage, "v1", 0, 1)
    keep(stage, "v1", 2)
    keep(stage, "v1", 3, round=2)

    (spent,) = stage.world.store.read(lambda tx: rows.spending(tx, stage.project.id))

    assert (spent.round, spent.n_here, spent.n_asked) == (2, 1, 4)


def test_what_is_spent_at_the_same_time_is_all_counted(stage: Story) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: keep(stage, f"v{n}", n % 5), range(12)))

    (spent,) = stage.world.store.read(lambda tx: rows.spending(tx, stage.project.id))

    assert spent.usage == Usage(120, 24, 60)


def test_models_suggest_and_vote_through_a_round(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, store_url)
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    with chat_server.served(tmp_path / "chat") as chat:
        models = [
            {"name": "mini", "url": chat.url, "model": "m"},
            {"name": "maxi", "url": chat.url, "model": "m", "gives": "votes"},
        ]
        policies = {
            "prelabel": {"suggester": "models", "models": models},
            "route": {"redundancy": 2},
            "gold": ["gold.csv"],
        }
        folder = tmp_path / "project"
        small.write_project(folder, 10, **policies)
        small.write_rows(folder / "gold.csv", ["key", "label"], [[f"k{n}", small.LABELS[n % 2]] for n in range(3)])
        with small.opened(folder) as project:
            done = {one.step.verb: one.outcome for one in project.run()}
            assert done[Verb.PROPOSE] == "10 suggestions; 10 answers asked for, 0 abstentions"
            assert done[Verb.VOTE] == "9 votes of 1 model, 0 abstentions"
            assert len(small.answer_all(project, [None])) == 6, "of two places each one is left"
            small.run(project)
            assert project.facts.round == 2
            assert len(chat.asked) == 10, "the same model under another name is the same version"
            assert project.verify() == ()
