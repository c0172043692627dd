"""Production that becomes another kind is noticed, and what is new in it is handed to people; what stays the same is left alone."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from sqlalchemy import text

from goldseam.edge.client import Output
from goldseam.edge.project import Project
from goldseam.edge.runner import drifting, producing, production
from goldseam.edge.store import draws, items
from goldseam.edge.worker.worker import Worker
from goldseam.source.captured import Capture
from goldseam.vocab.errors import NotReady
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

N, WINDOW = 120, 60
STRANGE = ("invoice overdue since march", "refund of invoice wanted", "invoice sent to wrong address")


def capture(project: Project, first: int, n_strange: int) -> None:
    sent = [
        Output("v1", f"{STRANGE[n % 3]}, number {first + n}", label="neg", confidence=0.97)
        if n < n_strange
        else Output("v1", small.text_of(first + n), label=small.LABELS[n % 2], confidence=0.97)
        for n in range(WINDOW)
    ]
    made = [Capture(one.id, one.model, one.label, one.confidence, one.text) for one in sent]
    production.capture(project.world, project.permit(Act.CAPTURE), made, ())
    producing.take_up(project.world, project.facts, project.me)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plain = {"production": {"drift": 0.05, "window": WINDOW, "most": 20}}
    small.write_project(tmp_path, n_items=N, sample={"strategy": "random", "batch": 10}, **plain)
    return tmp_path


@pytest.mark.slow
def test_a_third_of_strangers_is_noticed_and_people_are_asked_about_them(folder: Path) -> None:
    with small.opened(folder) as project:
        small.run(project)
        with pytest.raises(NotReady, match="at least 5 outputs"):
            drifting.measure(project.world, project.facts, project.me)
        for turn in range(2):
            capture(project, 1000 + turn * WINDOW, 0)
        same = drifting.measure(project.world, project.facts, project.me, hand_over=10)
        assert not same.inputs_moved
        assert not same.labels_moved
        assert (same.groups, same.n_handed) == ((), 0)
        capture(project, 2000, WINDOW * 3 // 10)
    said = goldseam(folder, "drift", "--hand-over", "12", "--figure", "drift.svg", "--json").json
    assert said["inputs_moved"]
    assert said["inputs"]["p"] <= 0.025
    assert said["compared_with"] == "the items of the project's sources"
    assert said["n_handed"] == 12
    assert all("invoice" in one for group in said["groups"] for one in group["examples"])
    assert [one["n"] for one in said["windows"]] == [WINDOW] * 3
    distances = [one["statistic"] for one in said["windows"]]
    assert distances[2] > said["windows"][2]["usual"] > distances[1]
    assert ET.fromstring((folder / "drift.svg").read_text()).tag.endswith("svg")
    with small.opened(folder) as project:
        small.run(project)
        here = project.facts.id

        def load(tx):
            made = [one for one in draws.listing(tx, here) if one.strategy == "production"]
            position = np.concatenate([draws.drawn(tx, here, draw=one.id).position for one in made])
            return [items.at(tx, here, at).content for at in position.tolist()]

        asked = project.world.store.read(load)
        assert len(asked) == 12
        assert all("invoice" in one for one in asked)
        small.answer_all(project, [None])
        small.run(project)
        assert project.verify() == ()
    assert "of another kind than" in goldseam(folder, "drift").out


def test_the_worker_looks_by_night_and_says_what_it_saw(folder: Path) -> None:
    with small.opened(folder) as project:
        small.run(project)
        worker = Worker(project)
        worker.plan()

        def look() -> str:
            project.world.store.write(lambda tx: tx.run(text("UPDATE jobs SET due = 0 WHERE name LIKE 'drift%'")))
            return Worker(project).once()["drift"]

        assert look() == "nothing was captured"
        capture(project, 1000, WINDOW * 3 // 10)
        said = look()
        assert said.startswith("inputs")
        assert " 0 items handed" not in said
