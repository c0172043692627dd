"""Rounds that nobody attends: on a schedule, through failures and kills in every step, they end as if nothing had been."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import steps
from goldseam.edge.store import draws, models, suggestions
from goldseam.edge.store.engine import Store
from goldseam.edge.worker.rounds import Turn, keep_on, waits
from goldseam.flow.plan import Verb
from goldseam.vocab.errors import StoreFailed
from tests.unit.edge.cli.call import goldseam
from tests.walk import small
from tests.walk.program import ENVIRONMENT, PROGRAM, die, in_a_child
from tests.walk.test_bad_input import state as outcome

WEEK = timedelta(days=7)


def test_four_rounds_run_by_themselves_and_a_week_that_fails_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = {"price_per_answer": 0.05}
    small.write_project(tmp_path, n_items=40, sample={"strategy": "random", "batch": 10}, budget=budget)
    seen: list[Turn] = []
    ended = threading.Event()
    with small.opened(tmp_path) as project:
        clock, here = project.world.clock, project.facts.id
        real = Project.run

        def failing(self: Project, *args: Any) -> Any:
            if len(seen) == 2:
                raise StoreFailed("The disk is full.")
            return real(self, *args)

        monkeypatch.setattr(Project, "run", failing)

        def wait(due: datetime) -> bool:
            assert clock.now() < due <= clock.now() + WEEK
            assert (due.weekday(), due.hour) == (0, 3)
            small.answer_all(project, [None])
            clock.advance(due - clock.now() + timedelta(seconds=1))  # type: ignore[attr-defined]  # the tests' clock
            return len(seen) < 6

        keep_on(project, "0 3 * * 1", wait, seen.append, ended)
        assert [one.error is None for one in seen] == [True, True, False, True, True, True]
        assert project.status()["finished"]
        assert [row["number"] for row in project.releases()] == [4, 3, 2, 1]
        assert len(project.world.store.read(lambda tx: models.listing(tx, here))) == 4
        assert project.verify() == ()
    found = goldseam(tmp_path, "report", "--figure", "rounds.svg", "--json").json
    assert [(one["round"], one["n_drawn"], one["n_answers"], one["cost"]) for one in found] == [
        (number, 10, 10, 0.5) for number in (1, 2, 3, 4)
    ]
    assert [one["release"] for one in found] == [1, 2, 3, 4]
    assert all(one["n_settled"] == 10 and one["model_outcome"] and one["coverage"] == 0.0 for one in found)
    assert "accepted unseen" in (tmp_path / "rounds.svg").read_text()
    assert "0.500" in goldseam(tmp_path, "report").out


def test_a_process_that_waits_looks_at_the_clock_and_ends_at_once_when_told_to(tmp_path: Path) -> None:
    small.write_project(tmp_path)
    ended = threading.Event()
    with small.opened(tmp_path) as project:
        clock = project.world.clock
        wait = waits(clock, ended)
        assert wait(clock.now() - timedelta(seconds=1))
        ended.set()
        assert not wait(clock.now() + WEEK)


def test_a_round_waits_for_people_as_long_as_the_project_file_says_and_then_goes_on_without(tmp_path: Path) -> None:
    small.write_project(tmp_path, schedule={"close_after_days": 3.0}, route={"redundancy": 2})
    with small.opened(tmp_path) as project:
        clock = project.world.clock
        small.run(project)
        first = project.lease(1).offers[0]
        small.answer_all(project, [None])
        clock.advance(timedelta(days=2, hours=23))  # type: ignore[attr-defined]  # the tests' clock
        assert small.run(project) == []
        assert small.waits_for(project) is Verb.COLLECT
        clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]  # the tests' clock
        done = small.run(project)
        assert done[0] is Verb.COLLECT
        assert Verb.PUBLISH in done
        assert done[-1] is not Verb.COLLECT, "the next round's time has only begun"
        assert small.waits_for(project) is Verb.COLLECT
        assert project.facts.round == 2
        assert first.item.id in set(project.labels()["item"])
        assert project.verify() == ()


def test_no_time_that_is_over_passes_a_ruling_or_a_closed_gate(tmp_path: Path) -> None:
    small.write_project(
        tmp_path,
        schedule={"close_after_days": 1.0},
        route={"redundancy": 2},
        audit={"draws": 20, "escalated": "block"},
        adjudicate={"method": "majority", "escalate_below": 0.9},
    )
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.answer_all(project, [small.member(project, "ben")], accuracy=0.0)
        small.run(project)
        assert small.waits_for(project) is Verb.RULE
        project.world.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]  # the tests' clock
        assert small.run(project) == []
        assert small.waits_for(project) is Verb.RULE


# --- killed in every step -------------------------------------------------------------------------------------------

ROUTE = {"redundancy": 1, "error": 0.1, "delta": 0.1, "audit": 60, "spot_check": 0.1}
WHEN = ("before its first write is kept", "after its first write", "at its end")
MOST_KILLS = 60


class Steady(small.Ticking):
    """Now, with the same chance in every process: a step that is done again does the same."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))

    def seed(self) -> int:
        return 7


def laid_out(folder: Path) -> None:
    small.write_project(folder, n_items=200, sample={"strategy": "random", "batch": 30}, route=ROUTE, rounds=2)


def deadly(marks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process die once at every step, each time at the next place that no process died at yet."""
    known = set(marks.read_text().splitlines()) if marks.exists() else set()
    now: list[tuple[Verb, int]] = []
    do, write = steps.do, Store.write

    def dies(verb: Verb, when: str) -> None:
        mark = f"{verb.value}: {when}"
        if mark not in known:
            with marks.open("a") as file:
                file.write(mark + "\n")
            die()

    def doing(world: Any, project: Any, verb: Verb, *rest: Any) -> str:
        now[:] = [(verb, 0)]
        said = do(world, project, verb, *rest)
        dies(verb, WHEN[2])
        now.clear()
        return said

    def writing(self: Store, fn: Callable[[Any], Any]) -> Any:
        if not now or now[0][1]:
            return write(self, fn)
        verb = now[0][0]
        now[:] = [(verb, 1)]

        def half(tx: Any) -> Any:
            found = fn(tx)
            dies(verb, WHEN[0])
            return found

        found = write(self, half)
        dies(verb, WHEN[1])
        return found

    monkeypatch.setattr(steps, "do", doing)
    monkeypatch.setattr(Store, "write", writing)


def finish(folder: Path) -> set[str]:
    """Run to the end with people who answer, and return what was done."""
    done: set[str] = set()
    with small.opened(folder, Steady()) as project:
        while True:
            done |= {verb.value for verb in small.run(project)}
            if small.waits_for(project) is None:
                return done
            assert small.answer_all(project, [None])


def end_of(folder: Path) -> dict[str, Any]:
    """Return what a project came to: with the same chance it is the same to the last bit."""
    with small.opened(folder, Steady()) as project:
        here = project.facts.id

        def load(tx: Any) -> dict[str, Any]:
            drawn, routed = draws.drawn(tx, here), draws.routed(tx, here)
            trained = models.listing(tx, here)
            last = trained[-1].id
            return {
                "drawn": (drawn.position.tolist(), drawn.chance.tolist()),
                "routed": sorted(zip(routed.position.tolist(), routed.tier.tolist(), routed.spot_check.tolist(), strict=True)),
                "models": [(one.round, one.blob, one.outcome) for one in trained],
                "unscored": suggestions.n_unscored(tx, here, last),
            }  # fmt: skip

        return project.world.store.read(load) | outcome(folder)


@pytest.mark.slow
def test_killed_in_each_step_and_run_again_it_comes_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("killed", "spared"):
        laid_out(tmp_path / name)
        with small.opened(tmp_path / name, Steady()):
            pass
    marks = tmp_path / "marks"
    for _ in range(MOST_KILLS):
        with monkeypatch.context() as patched:
            code = in_a_child(lambda patched=patched: (deadly(marks, patched), finish(tmp_path / "killed")))
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with small.opened(tmp_path / "killed", Steady()) as project:
            assert [one for one in project.verify() if not one.file.startswith("releases/")] == []
    assert code == 0
    died = marks.read_text().splitlines()
    steps_done = finish(tmp_path / "spared")
    assert len(steps_done) >= 10
    for when in WHEN[:2]:
        assert {one.split(":")[0] for one in died if one.endswith(when)} == steps_done
    assert end_of(tmp_path / "killed") == end_of(tmp_path / "spared")


@pytest.mark.slow
def test_the_command_goes_on_where_it_was_killed_says_when_it_runs_again_and_ends_in_good_order(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3000, sample={"strategy": "random", "batch": 20})
    command = [sys.executable, "-c", PROGRAM, "run", "--every", "week", "--json"]
    first = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    database = tmp_path / ".goldseam" / "goldseam.db"
    while not database.exists():  # it has begun
        assert first.poll() is None
        time.sleep(0.01)
    first.kill()
    first.communicate()
    again = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        assert again.stdout is not None
        said = json.loads(again.stdout.readline())
        assert said["error"] is None
        assert said["next"]["stage"] == "annotate"
        assert timedelta(0) < datetime.fromisoformat(said["again"]) - datetime.now(UTC) <= WEEK
        again.terminate()
        assert again.wait(60) == 0
    finally:
        again.kill()
        again.communicate()
    with small.opened(tmp_path) as project:
        counts: Any = project.status()["counts"]
        assert (counts["items"], counts["drawn"]) == (3000, 20)
        assert project.verify() == ()
