"""The worker does what is due, keeps on after failures, ends when it is told, and says how it goes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from goldseam.edge.clock import SystemClock
from goldseam.edge.project import Project
from goldseam.edge.runner import jobs
from goldseam.edge.server.app import make_app
from goldseam.edge.worker import jobs as table
from goldseam.edge.worker.worker import Worker
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import StoreFailed
from tests.walk import small

MINUTE = timedelta(minutes=1)


class Movable(SystemClock):
    """The machine's clock, moved ahead by hand."""

    by = timedelta(0)

    def now(self):
        return super().now() + self.by


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    small.write_project(tmp_path, schedule={"round": "*/5 * * * *", "backup": "*/5 * * * *", "keep": 2})
    with Project(small.Home(tmp_path), Movable()) as made:
        made.apply()
        yield made


def later(project: Project, minutes: float) -> None:
    clock = project.world.clock
    if isinstance(clock, FakeClock):
        clock.advance(timedelta(minutes=minutes))
    else:
        assert isinstance(clock, Movable)
        clock.by += timedelta(minutes=minutes)


def row(project: Project, kind: str) -> jobs.Job:
    return next(one for one in jobs.listing(project.world) if one.name.startswith(kind))


def n_leased(project: Project) -> int:
    query = text("SELECT count(*) FROM assignments WHERE state = 'leased'")
    return int(project.world.store.read(lambda tx: tx.run(query).scalar_one()))


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


def test_once_does_what_is_due_and_nothing_else(project: Project) -> None:
    first = Worker(project).once()
    assert first.keys() == {"leases", "webhooks"}
    later(project, 6)
    second = Worker(project).once()
    assert second.keys() >= {"round", "backup"}
    assert "next: " in second["round"]
    assert small.waits_for(project) is small.Verb.COLLECT
    assert row(project, "round").n_done == 1
    assert Worker(project).once().keys() == {"leases", "webhooks"}


def test_what_was_missed_while_no_worker_ran_is_done_once(project: Project) -> None:
    Worker(project).plan()
    later(project, 600)
    Worker(project).once()
    now = project.world.clock.now()
    assert now < row(project, "round").due <= now + 5 * MINUTE
    assert row(project, "round").n_done == 1


def test_only_the_newest_backups_stay(project: Project) -> None:
    folder = project.home.root / "backups"
    kept = []
    Worker(project).plan()
    for _ in range(4):
        later(project, 6)
        Worker(project).once()
        kept.append(sorted(path.name for path in folder.iterdir()))
    assert [len(names) for names in kept] == [1, 2, 2, 2]
    assert kept[3][1] > kept[2][1]
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_a_job_that_fails_says_so_and_is_tried_at_its_next_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_project: Project, _goes_on: table.GoesOn) -> str:
        raise StoreFailed("The disk is full.")

    worker = Worker(project)
    worker.plan()
    later(project, 6)
    monkeypatch.setitem(worker._jobs, "backup", replace(worker._jobs["backup"], do=fails))
    assert worker._try(worker._jobs["backup"]) == "failed: The disk is full."
    failed = row(project, "backup")
    assert (failed.error, failed.n_failed, failed.held_by) == ("The disk is full.", 1, None)
    assert failed.due > project.world.clock.now()
    assert b'goldseam_jobs_failed_total{kind="backup"} 1.0' in worker.text()


def test_a_running_worker_seals_ends_leases_and_does_jobs_until_it_is_stopped(project: Project, tmp_path: Path) -> None:
    small.run(project)
    assert len(project.lease(2).offers) == 2
    health = tmp_path / "health"
    worker = Worker(project, pace=0.01, health=health)
    worker.start()
    assert worker.is_alive
    later(project, 100_000)
    assert soon(lambda: row(project, "round").n_done > 0 and row(project, "backup").n_done > 0)
    assert soon(lambda: health.exists() and b"goldseam_jobs_oldest_due_seconds 0.0" in worker.text())
    assert soon(lambda: n_leased(project) == 0)
    worker.stop()
    assert not worker.is_alive
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*\n", health.read_text())
    assert row(project, "round").held_by is None


def test_a_long_job_is_held_while_it_lasts_and_ended_between_its_steps(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HELD", timedelta(seconds=0.4))
    worker = Worker(project, pace=0.01)
    worker.plan()
    later(project, 6)
    seen: list[bool] = []

    def long(_project: Project, goes_on: table.GoesOn) -> str:
        began = time.monotonic()
        while goes_on():
            time.sleep(0.02)
            if time.monotonic() - began > 1:
                seen.append(Worker(project)._try(replace(job)) is None)
                began = float("inf")
        return "ended"

    job = replace(worker._jobs["round"], do=long)
    monkeypatch.setattr("goldseam.edge.worker.worker.wanted", lambda _settings: (job,))
    worker.start()
    assert soon(lambda: bool(seen))
    worker.stop()
    assert seen == [True], "another took it up although it was held"
    assert row(project, "round").due <= project.world.clock.now(), "what was cut short is due again"


def test_new_times_are_heard_of_without_a_restart(project: Project) -> None:
    worker = Worker(project)
    worker.plan()
    small.write_project(project.home.root, schedule={"round": "30 4 * * *"})
    project.apply()
    worker._look()
    assert row(project, "round").times == "30 4 * * *"
    kinds = [one.name.partition("/")[0] for one in jobs.listing(project.world)]
    assert kinds == ["clean", "drift", "figures", "production", "round"], "there is no backup any more"


def test_a_server_runs_the_worker_and_shows_its_figures(project: Project) -> None:
    app = make_app(project.world, background=lambda: Worker(project, pace=0.01))
    with TestClient(app, client=("127.0.0.1", 1)) as http:
        assert http.get("/readyz").json() == {"ok": True, "database": True, "sealer": True}
        later(project, 6)
        assert soon(lambda: 'goldseam_jobs_done_total{kind="round"} 1.0' in http.get("/metrics").text)
        assert "goldseam_http_requests_total" in http.get("/metrics").text
    assert not app.state.sealer.is_alive
