"""Several server processes on one PostgreSQL: they share the work, keep the queue's laws, and replace one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import open_project
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Act
from tests.postgres import postgres
from tests.walk import program, small

__all__ = ["postgres"]

N_ITEMS, N_PEOPLE = 40, 6
PARENT = """
import sys
from pathlib import Path
from goldseam.edge.server.processes import serve_many
serve_many(Path(sys.argv[1]), "127.0.0.1", 0, 2, ready=lambda url: print(url, flush=True))
"""


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def work(url: str, project: str, token: str, seen: list[str]) -> None:
    """Answer until there is nothing left; a lost connection is tried again by the client."""
    with Client(url, token=token) as client:
        while offers := client.lease(project, 1, holding=[]).offers:  # what a lost reply held ends
            (offer,) = offers
            sent = Submission(new_id(), offer.id, offer.token, {"mood": Choice(LabelName("pos"))}, 1.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
            (outcome,) = client.submit(project, [sent])
            assert outcome.status in {"saved", "repeated"}, outcome
            seen.append(offer.item)


@pytest.mark.slow
@pytest.mark.postgres
def test_two_processes_keep_the_laws_and_one_that_dies_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    small.write_project(
        tmp_path, n_items=N_ITEMS, sample={"strategy": "random", "batch": N_ITEMS}, route={"redundancy": 2}
    )
    with open_project(tmp_path) as project:
        small.run(project)
        names = [f"p{n}" for n in range(N_PEOPLE)]
        tokens = project.add_recorded(names, frozenset({Act.VIEW, Act.ANNOTATE}))
        project_id = project.facts.id
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        first = children_of(parent.pid)
        assert len(first) == 2
        seen: dict[str, list[str]] = {name: [] for name in names}
        people = [threading.Thread(target=work, args=(url, project_id, tokens[name], seen[name])) for name in names]
        for person in people:
            person.start()
        until = time.monotonic() + 60
        while sum(map(len, seen.values())) < N_ITEMS // 2:
            assert time.monotonic() < until, "nobody gets on"
            time.sleep(0.01)
        os.kill(first[0], signal.SIGKILL)
        for person in people:
            person.join(60)
            assert not person.is_alive()
        until = time.monotonic() + 20
        while len(now := [pid for pid in children_of(parent.pid) if pid != first[0]]) < 2:
            assert time.monotonic() < until, "nobody took the place of the one that died"
            time.sleep(0.1)
        assert first[1] in now
    finally:
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(30) == 0
    assert all(not Path(f"/proc/{pid}").exists() for pid in now)
    for items in seen.values():
        assert max(Counter(items).values()) == 1, "one item twice to one annotator"
    with small.opened(tmp_path) as project:
        counts = Counter(votes for votes in project.votes().votes_per_item().tolist())
        assert set(counts) <= {2}, counts
        assert project.verify() == ()


@pytest.mark.slow
@pytest.mark.postgres
def test_processes_end_when_their_parent_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    small.write_project(tmp_path, n_items=2)
    with small.opened(tmp_path):
        pass
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert httpx.get(f"{url}/readyz", trust_env=False).json()["ok"]
    pids = children_of(parent.pid)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 20
    while any(
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] for pid in pids
    ):
        assert time.monotonic() < until, "a server process was left behind"
        time.sleep(0.1)


@pytest.mark.slow
def test_sqlite_refuses_a_second_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    small.write_project(tmp_path, n_items=2)
    said = program.goldseam(tmp_path, "serve", "--processes", "2")
    assert said.code != 0
    assert "PostgreSQL" in said.err
