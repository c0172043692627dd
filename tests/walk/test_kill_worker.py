"""The worker is killed in the middle of deliveries and of jobs: nothing is lost, and a receiver that knows event ids doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from bench.faults.scene import free_port

from goldseam.edge.client import new_id, verify_webhook
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import Project
from goldseam.edge.reach import Reach
from goldseam.edge.runner import jobs, webhooks
from goldseam.edge.runner.webhooks import DeliveryState, WebhookState
from goldseam.edge.worker.jobs import STAMPED
from goldseam.edge.worker.worker import Worker
from goldseam.vocab.people import Act
from tests.postgres import postgres
from tests.unit.edge.receiver import Call, receiver
from tests.walk import small
from tests.walk.program import ENVIRONMENT, PROGRAM

__all__ = ["postgres"]

KILLS = 3
N_ITEMS = 60


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    return tmp_path / "p"


@contextmanager
def working(folder: Path, minutes: float) -> Iterator[subprocess.Popen[str]]:
    """A worker process whose clock is ahead; killed at the end if it still lives."""
    environment = ENVIRONMENT | {"GOLDSEAM_REACH": "127.0.0.1"}
    if DATABASE_SETTING in os.environ:
        environment[DATABASE_SETTING] = os.environ[DATABASE_SETTING]
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.walk.work_again", folder, str(minutes), "0.05"],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "at work\n"
        yield worker
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()


def soon(holds: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)  # tests/faults kills workers on both databases
def test_killed_in_the_middle_of_deliveries_every_event_arrives_and_only_what_was_on_its_way_comes_twice(
    folder: Path,
) -> None:
    small.write_project(folder, n_items=N_ITEMS, sample={"strategy": "random", "batch": N_ITEMS})
    with receiver() as there, Project(small.Home(folder)) as project:
        project.apply()
        small.run(project)
        permit = project.permit(Act.MANAGE)
        made = webhooks.make(project.world, Reach(["127.0.0.1"]), permit, new_id(), there.url(), ("annotation.given",))
        given = [one.id for one in small.answer_all(project, [None])]
        assert len(given) == N_ITEMS

        def slowly(_call: Call) -> tuple[int, dict[str, str], bytes]:
            time.sleep(0.02)
            return 200, {}, b""

        there.answer = slowly
        for nth in range(KILLS):
            with working(folder, nth * 3):
                before = len(there.calls)
                soon(lambda before=before: len(there.calls) >= before + 5)

        def waiting() -> int:
            return len(webhooks.log_of(project.world, permit, made.webhook.id, DeliveryState.WAITING, None, 200))

        assert waiting() > 0
        with working(folder, KILLS * 3) as last:
            soon(lambda: waiting() == 0)
            last.terminate()
            assert last.wait(20) == 0
        assert made.secret is not None
        events = [
            verify_webhook(made.secret, call.headers["goldseam-signature"], call.body, now=int(_time_of(call)))
            for call in there.calls
        ]
        assert {one["about"] for one in events} == set(given)
        assert len({one["id"] for one in events}) == N_ITEMS
        assert len({call.body for call in there.calls}) == N_ITEMS
        doubled = sum(n - 1 for n in Counter(one["id"] for one in events).values())
        assert doubled <= KILLS
        assert webhooks.listing(project.world, permit)[0].state is WebhookState.ON
        assert project.verify() == ()


def _time_of(call: Call) -> str:
    return call.headers["goldseam-signature"].split(",")[0].removeprefix("t=")


@pytest.mark.slow
def test_killed_in_the_middle_of_a_round_another_worker_takes_it_up_where_it_was(folder: Path) -> None:
    schedule = {"round": "*/5 * * * *", "backup": "*/5 * * * *", "keep": 2}
    small.write_project(folder, n_items=400, sample={"strategy": "random", "batch": 300}, schedule=schedule)
    with Project(small.Home(folder)) as project:
        project.apply()
        Worker(project).plan()

        def row(kind: str) -> jobs.Job:
            return next(one for one in jobs.listing(project.world) if one.name.startswith(kind))

        with working(folder, 6):
            soon(lambda: row("round").held_by is not None)
        killed = row("round")
        assert killed.n_done == 0
        with working(folder, 8) as second:
            soon(lambda: row("round").n_done == 1 and row("backup").n_done >= 1)
            second.terminate()
            assert second.wait(30) == 0
        assert row("round").error == ""
        assert small.waits_for(project) is small.Verb.COLLECT
        assert (project.status()["counts"]["items"], project.status()["counts"]["drawn"]) == (400, 300)
        assert project.verify() == ()
        left = [path.name for path in (folder / "backups").iterdir()]
        assert left
        assert all(STAMPED.fullmatch(name) for name in left), "half a backup was left behind"


@pytest.mark.slow
def test_worker_and_server_end_in_good_order_when_they_are_told_to(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=5)
    environment = ENVIRONMENT | {DATABASE_SETTING: ""}
    health, port = tmp_path / "health", free_port()
    for words in (["worker", "--health", str(health)], ["serve", "--port", str(port)]):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            assert "moods" in process.stdout.readline()
            if words[0] == "worker":
                soon(health.exists)
            else:
                figures = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
                assert "goldseam_jobs_oldest_due_seconds" in figures, "on SQLite the server runs the worker, too"
            process.terminate()
            assert process.wait(20) in {0, -signal.SIGTERM}
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    with Project(small.Home(tmp_path)) as project:
        assert {one.held_by for one in jobs.listing(project.world)} == {None}
