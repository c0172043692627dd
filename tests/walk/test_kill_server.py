"""The server is killed fifty times while people answer: what was acknowledged is there, once, and the log verifies."""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import Home
from goldseam.edge.runner import check, log, projects
from goldseam.edge.runner.world import open_world
from goldseam.edge.store import annotations, queue
from goldseam.edge.store import log as log_rows
from goldseam.ledger import merkle
from goldseam.testing.clock import FakeClock
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import GoldseamError, OperatorError
from goldseam.vocab.people import Role
from tests.conftest import ROOT
from tests.walk import story

KILLS = 50
PEOPLE = 6
REDUNDANCY = 3
N_ITEMS = 6_000
HELD = 4


class Person(threading.Thread):
    """Answers as fast as a careful page would, and sends again whatever was not acknowledged."""

    def __init__(self, url: str, project: str, token: str, ended: threading.Event) -> None:
        super().__init__()
        self.client = Client(url, token=token, tries=1, timeout_seconds=5)
        self.project = project
        self.ended = ended
        self.sent: dict[str, Submission] = {}
        self.acknowledged: dict[str, str] = {}
        self.surprises: list[str] = []

    def run(self) -> None:
        waiting: list[Submission] = []
        with self.client:
            while not (self.ended.is_set() and not waiting):
                try:
                    if not waiting:
                        waiting = self.work()
                    for outcome in self.client.submit(self.project, waiting):
                        self.hear(outcome.id, outcome.status, outcome.error)
                    if not waiting:
                        time.sleep(0.05)
                    waiting = []
                except OperatorError:  # no server right now: as the page does, keep the answers and send them again
                    time.sleep(0.02)

    def work(self) -> list[Submission]:
        offers = self.client.lease(self.project, HELD, holding=[]).offers
        made = [
            Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName("pos"))}, 0.5, 1, 1)  # type: ignore[arg-type]
            for one in offers
        ]
        self.sent |= {one.id: one for one in made}
        return made

    def hear(self, annotation: str, status: str, error: GoldseamError | None) -> None:
        if status == "refused":
            self.surprises.append(f"{type(error).__name__}: {error}")
        else:
            self.acknowledged[annotation] = status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def next_server(out: int, seconds: float) -> int:
    """The process id of the next server that answers."""
    line = b""
    until = time.monotonic() + seconds
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([out], [], [], max(0, until - time.monotonic()))
        assert ready, "no server came back"
        line += os.read(out, 1)
    return int(line)


def kill_again_and_again(out: int, observe: Client, project: str) -> list[tuple[int, str]]:
    """Kill every server a little while after it answers; return the checkpoints that were seen in between."""
    chance = random.Random(7)
    seen: list[tuple[int, str]] = []
    for _ in range(KILLS):
        server = next_server(out, 20)
        time.sleep(chance.uniform(0.05, 0.9))
        try:
            shown = observe.call("GET", f"/api/projects/{project}/ledger")
            seen.append((shown["size"], shown["root"]))
        except OperatorError:
            pass
        os.kill(server, signal.SIGKILL)
    return seen


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_killing_the_server_loses_no_acknowledged_annotation_and_doubles_none(tmp_path: Path) -> None:
    policies = {"route": {"redundancy": REDUNDANCY}, "annotate": {"lease_minutes": 0.1}}
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=N_ITEMS, policies=policies)
        tokens = [made.annotator(f"person {n}") for n in range(PEOPLE)]
        auditor = made.token(Role.AUDITOR)
    port = free_port()
    environment = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.walk.serve_again", str(tmp_path), str(port)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE,
    )  # fmt: skip
    ended = threading.Event()
    url = f"http://127.0.0.1:{port}"
    people = [Person(url, made.project.id, token, ended) for token in tokens]
    try:
        assert server.stdout is not None
        for person in people:
            person.start()
        with Client(url, token=auditor, tries=1, timeout_seconds=5) as observe:
            seen = kill_again_and_again(server.stdout.fileno(), observe, made.project.id)
        next_server(server.stdout.fileno(), 20)
    finally:
        ended.set()
        for person in people:
            person.join(30)
        server.terminate()
        server.wait(10)
    assert not any(person.is_alive() for person in people)
    judge(tmp_path, people, seen)


def judge(folder: Path, people: list[Person], seen: list[tuple[int, str]]) -> None:
    """Compare what people were told with what the store and the log hold."""
    clock = FakeClock(datetime.now(UTC) + timedelta(hours=1))
    with open_world(Home(folder), clock) as world:
        project = projects.by_name(world, "moods")
        kept = [one.annotation for one in world.store.read(lambda tx: annotations.annotations(tx, project.id))]
        sent = {name for person in people for name in person.sent}
        told = {name: status for person in people for name, status in person.acknowledged.items()}
        print(f"{len(sent)} sent, {Counter(told.values())}, {len(kept)} kept, {len(seen)} checkpoints seen")

        assert len(told) > 500, "the load was too small to mean anything"
        assert not [line for person in people for line in person.surprises]
        ids = [one.id for one in kept]
        assert len(ids) == len(set(ids))
        assert not set(told) - set(ids), "acknowledged, and gone"
        assert not set(ids) - sent, "nobody sent these"
        pairs = Counter((one.annotator, one.item) for one in kept)
        assert max(pairs.values()) == 1, "an item was answered twice by one annotator"
        counted = Counter(one.item for one in kept if not one.surplus)
        assert max(counted.values()) <= REDUNDANCY

        world.store.write(lambda tx: queue.expire(tx, clock.now(), limit=100_000))
        summary = world.store.read(lambda tx: queue.summary(tx, project.id))
        assert summary.live == 0, "a lease did not heal"
        assert summary.done == sum(counted.values())
        assert world.store.read(lambda tx: queue.recounted(tx, project.id)).tolist() == []

        log.seal(world)
        assert check.project(world, project) == ()
        entries = world.store.read(lambda tx: log_rows.entries(tx, project.id, -1, 1_000_000))
        assert [one.position for one in entries] == list(range(len(entries)))
        leaves = [one.leaf for one in entries]
        sizes = [size for size, _ in seen]
        assert sizes == sorted(sizes), "a log that people saw became shorter"
        for nth in np.linspace(0, len(seen) - 1, 8).astype(int):
            size, root = seen[nth]
            if size:
                assert merkle.root(leaves[:size]).hex() == root, "a root that people saw is not in the log"
