"""The stopping rule: what labels changed is weighed after each model, and ends the labeling only where the project file says so."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from goldseam.edge.project import Project
from goldseam.edge.store import draws, log
from goldseam.edge.store.tx import Tx
from goldseam.edge.worker.rounds import Turn, keep_on
from goldseam.ledger.entries import EntryKind
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

STOP = {"rule": "end", "rounds": 1, "stable": 0.8}
"""Looser than by default, so that a project of forty texts comes to an end."""


def laid_out(folder: Path, stop: dict[str, Any], n_items: int = 60) -> dict[str, Any]:
    return small.write_project(folder, n_items, stop=stop, sample={"strategy": "random", "batch": 10})


def weighed(project: Project) -> list[dict[str, Any]]:
    """The bodies of the entries that tell what the rule said."""
    project.seal()
    here = project.facts.id

    def load(tx: Tx) -> list[dict[str, Any]]:
        every = [json.loads(row.body) for row in log.entries(tx, here, -1, 10_000)]
        return [one["body"] for one in every if one["kind"] == EntryKind.STOP_WEIGHED.value]

    return project.world.store.read(load)


def n_drawn(project: Project) -> int:
    """How many items were drawn in all rounds."""
    here = project.facts.id
    return len(project.world.store.read(lambda tx: draws.drawn(tx, here)).position)


def test_rounds_that_nobody_attends_end_when_labels_change_nothing_and_go_on_when_the_file_says_so(
    tmp_path: Path,
) -> None:
    laid_out(tmp_path, STOP)
    seen: list[Turn] = []
    with small.opened(tmp_path) as project:
        clock = project.world.clock

        def wait(due: datetime) -> bool:
            small.answer_all(project, [None])
            clock.advance(due - clock.now() + timedelta(seconds=1))  # type: ignore[attr-defined]  # the tests' clock
            return len(seen) < 6

        keep_on(project, "0 3 * * 1", wait, seen.append, threading.Event())
        plan = project.plan()
        assert plan.next is None
        assert "stop.rule" in plan.finished
        assert seen[-1].done == (), "a week in which nothing is asked of anybody"
        told = weighed(project)
        assert [one["stop"] for one in told] == [*([False] * (len(told) - 1)), True]
        assert told[-1]["reason"] in plan.finished
        drawn = n_drawn(project)
        assert drawn == 10 * told[-1]["round"] < 60
        assert project.verify() == ()
        small.write_rows(tmp_path / "items.csv", [], [["k60", small.text_of(60)]], mode="a")
        small.run(project)
        assert n_drawn(project) == drawn, "what comes later gets a suggestion, and is not asked about"
        assert "stop.rule" in project.plan().finished
    found = goldseam(tmp_path, "report", "--json").json
    assert [(one["round"], one["stop"]) for one in found if one["stop"] is not None] == [
        (one["round"], one["stop"]) for one in told
    ]
    assert f"says the rule after round {told[-1]['round']}" in goldseam(tmp_path, "report").out
    laid_out(tmp_path, STOP | {"rule": "advise"}, 61)
    with small.opened(tmp_path) as project:
        project.apply()
        small.run(project)
        assert n_drawn(project) == drawn + 10, "advice is no end"


def test_advice_is_given_and_ends_nothing_and_a_killed_run_gives_it_once(tmp_path: Path) -> None:
    laid_out(tmp_path, {"rounds": 1, "stable": 0.5}, 30)
    with small.opened(tmp_path) as project:
        while project.facts.round < 3:
            small.run(project)
            small.answer_all(project, [None])
        assert [one["stop"] for one in weighed(project)] == [True]
        small.round_trip(project)
        assert project.plan().finished == "The pool is empty: every item was drawn."
        assert [one["round"] for one in weighed(project)] == [2], "a model that leaves no pool is not weighed"


@pytest.mark.parametrize("change", ["UPDATE model_steps SET kappa = 1", "DELETE FROM model_steps"])
def test_a_step_that_was_changed_behind_the_logs_back_is_found(tmp_path: Path, change: str) -> None:
    laid_out(tmp_path, {}, 30)
    with small.opened(tmp_path) as project:
        while not weighed(project):
            small.run(project)
            small.answer_all(project, [None])

        def tamper(tx: Tx) -> None:
            for name in ("update", "delete"):
                tx.run(text(f"DROP TRIGGER model_steps_no_{name}"))
            tx.run(text(change))

        project.world.store.write(tamper)
        assert [one.file for one in project.verify()] == ["models"]
