"""Kills: servers, worker and database die at random moments while people answer; afterwards every promise is counted again.

In: a folder, a kind of database, a number, a seed. Out: figures, and what broke: nothing, if all is well. Never: an orderly end.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres

from bench.faults import judging
from bench.faults.people import Journal, Person
from bench.faults.processes import Database, Kept, keeping
from bench.faults.scene import Heard, Scene, free_port, listening, set_up
from goldseam.edge.client import Client
from goldseam.vocab.errors import GoldseamError

N_PEOPLE = 6
PAUSE = 0.2
ITEMS_A_KILL = 100
DATABASES = ("sqlite", "postgresql")
SMALL_FILE = 4_096
SAFE = f"{postgres.ROOM} -c recovery_init_sync_method=syncfs"
"""PostgreSQL as it is delivered, waiting for the disk; after a crash it may wait for the whole disk at once, not file by file."""


@dataclass
class Seen:
    """What was done, and what an auditor saw in between: sizes and roots of the log."""

    killed: Counter[str] = field(default_factory=Counter)
    checkpoints: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Stage:
    """Everything that can be killed."""

    servers: list[Kept]
    worker: Kept
    database: Database | None

    def victims(self, chance: random.Random) -> dict[str, tuple[int, Callable[[], bool]]]:
        """Return who may be killed, how often in comparison, and how."""
        one = chance.choice(self.servers)
        found: dict[str, tuple[int, Callable[[], bool]]] = {"server": (8, one.kill), "worker": (4, self.worker.kill)}
        if self.database is None:
            return found | {"server and worker": (3, lambda: one.kill() | self.worker.kill())}
        whole = self.database
        return found | {"PostgreSQL": (5, whole.kill), "one process of it": (4, lambda: whole.kill_one(chance))}


def run(folder: Path, kind: str, n_kills: int, seed: int) -> tuple[dict[str, object], list[str]]:
    """Kill so often, and return figures and what broke."""
    with ExitStack() as stack:
        database, address = stack.enter_context(database_of(kind))
        heard = stack.enter_context(listening())
        n_items = ITEMS_A_KILL * (n_kills + 10)
        scene = set_up(folder, address, heard, n_items=n_items, n_people=N_PEOPLE)
        journals, seen = _under_fire(scene, database, n_kills, random.Random(seed))
        began = time.monotonic()
        broke = judging.judge(scene, journals, seen.checkpoints, heard, n_kills)
        return _figures(journals, seen, heard) | {"seconds of judging": round(time.monotonic() - began)}, broke


@contextmanager
def database_of(kind: str) -> Iterator[tuple[Database | None, str]]:
    """Give a database of this kind, as an operator would run it: on a disk that is waited for."""
    if kind == "sqlite":
        yield None, ""
        return
    programs = postgres.binaries()
    assert programs is not None, "PostgreSQL is not installed here"
    with (
        tempfile.TemporaryDirectory(prefix="goldseam-postgres-") as folder,
        postgres.running(Path(folder), programs, SAFE) as server,
    ):
        yield Database(server), server.fresh()


def _under_fire(
    scene: Scene, database: Database | None, n_kills: int, chance: random.Random
) -> tuple[list[Journal], Seen]:
    """Let people work while everything dies, and end when all of them have been answered."""
    ports = [free_port() for _ in range(1 if database is None else 2)]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    said, place = scene.folder / "said.txt", str(scene.folder)
    commands = [["serve", "-p", place, "--port", str(port)] for port in ports] + [["worker", "-p", place]]
    ended, seen = threading.Event(), Seen()
    people = [
        Person(urls, scene.project, token, ended, seed=nth, pause=PAUSE) for nth, token in enumerate(scene.tokens)
    ]
    journals = [person.journal for person in people]
    with keeping(commands, scene.environment, said) as kept:
        _wait_for(urls)
        began = time.monotonic()
        for person in people:
            person.start()
        try:
            with Client(urls[0], token=scene.auditor, tries=1, timeout_seconds=5) as auditor:
                while seen.killed.total() < n_kills:
                    _work(journals, seen.killed.total() * judging.LEAST_A_KILL)
                    time.sleep(chance.uniform(0.05, 1.2))
                    _look(auditor, scene, seen)
                    _kill(Stage(kept[:-1], kept[-1], database), chance, seen)
            seen.seconds = time.monotonic() - began
            _wait_for(urls)
        finally:
            ended.set()
        for person in people:
            person.join(judging.PATIENCE)
            assert not person.is_alive(), "somebody never got an answer"
    return journals, seen


def _work(journals: list[Journal], n: int) -> None:
    """Wait until so many answers are acknowledged: without work under way a kill would prove nothing."""
    until = time.monotonic() + judging.PATIENCE
    while sum(len(one.acknowledged) for one in journals) < n:
        assert time.monotonic() < until, "nobody gets on"
        time.sleep(0.02)


def _kill(stage: Stage, chance: random.Random, seen: Seen) -> None:
    """Kill somebody; on SQLite the disk is full for a moment now and then, too."""
    victims = stage.victims(chance)
    name = chance.choices(list(victims), [weight for weight, _ in victims.values()])[0]
    if victims[name][1]():
        seen.killed[name] += 1
    if stage.database is None and chance.random() < 0.2:
        for one in (*stage.servers, stage.worker):
            one.let_write(chance.choice((SMALL_FILE, 40 * SMALL_FILE, 400 * SMALL_FILE)))
        time.sleep(0.3)
        for one in (*stage.servers, stage.worker):
            one.let_write(None)


def _look(auditor: Client, scene: Scene, seen: Seen) -> None:
    """Note how far the log is, if anybody answers: what was seen once must stay."""
    try:
        shown = auditor.call("GET", f"/api/projects/{scene.project}/ledger", once=True)
    except GoldseamError:
        return
    seen.checkpoints.append((int(shown["size"]), str(shown["root"])))


def _wait_for(urls: list[str]) -> None:
    """Wait until every server can answer."""
    for url in urls:
        until = time.monotonic() + judging.PATIENCE
        with Client(url, tries=1, timeout_seconds=5) as client:
            while True:
                try:
                    client.call("GET", "/readyz", once=True)
                    break
                except GoldseamError:
                    assert time.monotonic() < until, "no server came back"
                    time.sleep(0.1)


def _figures(journals: list[Journal], seen: Seen, heard: Heard) -> dict[str, object]:
    statuses = Counter(status for one in journals for status in one.acknowledged.values())
    doubled = sum(n - 1 for n in heard.about.values())
    return {
        "killed": dict(seen.killed),
        "seconds": round(seen.seconds),
        "sent": sum(len(one.sent) for one in journals),
        "acknowledged": dict(statuses),
        "taken back": sum(len(one.undone) for one in journals),
        "connections cut": sum(one.n_cut for one in journals),
        "calls without an answer": sum(one.n_unanswered for one in journals),
        "checkpoints seen": len(seen.checkpoints),
        "events arrived": len(heard.about),
        "events twice": doubled,
    }
