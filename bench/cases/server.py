"""The server under many annotators: real processes, real HTTP, durable commits; lease and submit pairs.

In: a project of plain texts in a folder of its own, on SQLite, or on a PostgreSQL that is started for it. Out: pairs a second,
milliseconds of server cpu a pair, or the 95th percentile of what an annotator waits. Never: a client in the server's process,
a pair that is not durable, or a figure of a run in which an item was given twice to one annotator, or one vote was too many.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.case import Case, NotHere

SECONDS = 6.0
N_ITEMS = int(os.environ.get("GOLDSEAM_BENCH_ITEMS", "100000"))
REDUNDANCY = 3
PROCESSES = int(os.environ.get("GOLDSEAM_BENCH_PROCESSES", "2"))
"""Server processes on PostgreSQL; on SQLite it is always one."""
DURABLE = "-c max_connections=300 -c shared_buffers=256MB -c commit_delay=0"
"""What PostgreSQL is started with here: everything that keeps a promise to the disk is left as it is."""
MANY = """
import json, sys
from pathlib import Path
from goldseam.edge.server.processes import serve_many
serve_many(Path(sys.argv[1]), "127.0.0.1", 0, int(sys.argv[2]), ready=lambda url: print(json.dumps({"url": url}), flush=True))
"""


def project(folder: Path, n_items: int, n_clients: int) -> dict[str, str]:
    """Lay out a project whose items are all in the queue; return a token for each client."""
    from goldseam.edge.project import open_project
    from goldseam.vocab.people import Act

    with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["key", "text"])
        rows.writerows((f"k{n}", f"This is the text of item number {n}.") for n in range(n_items))
    settings = {
        "name": "load",
        "schema": {"questions": [{"name": "mood", "labels": ["neg", "pos"]}]},
        "sources": [{"path": "items.csv"}],
        "source": {"text": "text", "key": "key"},
        "sample": {"strategy": "random", "batch": n_items},
        "route": {"redundancy": REDUNDANCY},
        "annotate": {"gold_rate": 0.0},
    }
    (folder / "goldseam.yaml").write_text(json.dumps(settings), encoding="utf-8")
    with open_project(folder) as opened:
        for _ in opened.run():
            pass
        return opened.add_recorded([f"client-{n}" for n in range(n_clients)], frozenset({Act.VIEW, Act.ANNOTATE}))


@contextmanager
def served(folder: Path, n_processes: int = 1) -> Iterator[tuple[str, int]]:
    """Run the server as a process of its own, or as several with a parent; gives the address and that process's number."""
    command = [sys.executable, "-m", "goldseam.edge.cli.serving", str(folder)]
    if n_processes > 1:
        command = [sys.executable, "-c", MANY, str(folder), str(n_processes)]
    with running(command) as found:
        yield found


@contextmanager
def running(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Run a program that says its address as one line of JSON; gives the address and the process's number."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own modules
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["url"]), process.pid
        finally:
            process.terminate()


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of our own that waits for the disk as it should; gives the URL of an empty database."""
    from tests import postgres

    programs = postgres.binaries()
    if programs is None:
        raise NotHere("PostgreSQL")
    with (
        tempfile.TemporaryDirectory(prefix="goldseam-postgres-") as folder,
        postgres.running(Path(folder), programs, DURABLE) as server,
    ):
        yield server.fresh()


def work(
    n_clients: int, seconds: float = SECONDS, n_items: int = N_ITEMS, database: str = "", n_processes: int = 1
) -> dict[str, float]:
    """Let clients of another process work on a served project; return what was measured, once its laws were checked."""
    from goldseam.edge.home import DATABASE_SETTING

    folder = Path(tempfile.mkdtemp(prefix="goldseam-load-"))
    os.environ[DATABASE_SETTING] = database
    try:
        tokens = project(folder, n_items, n_clients)
        with served(folder, n_processes) as (url, pid):
            found = crowd(url, pid, sorted(tokens.values()), seconds)
        check(folder, int(found["pairs"]))
        return found
    finally:
        del os.environ[DATABASE_SETTING]
        shutil.rmtree(folder)


def crowd(url: str, pid: int, tokens: Sequence[str], seconds: float) -> dict[str, float]:
    """Let clients work on a server; return their figures and the server's cpu in milliseconds a pair."""
    command = [sys.executable, "-m", "bench.cases.server_clients", url, str(seconds)]
    before, begin = _cpu(pid), time.perf_counter()
    ran = subprocess.run(command, input=json.dumps(tokens), capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    cpu, took = _cpu(pid) - before, time.perf_counter() - begin
    found: dict[str, float] = json.loads(ran.stdout)
    return found | {"cpu_ms": cpu * 1000 / max(found["pairs"], 1), "seconds": took}


def check(folder: Path, n_pairs: int) -> None:
    """Stop with an error if an answer was lost, counted twice, given twice by one annotator, or one too many."""
    from goldseam.edge.project import open_project
    from goldseam.edge.store import queue

    with open_project(folder) as opened:
        store, facts = opened.world.store, opened.facts
        summary = store.read(lambda tx: queue.summary(tx, facts.id))
        wrong = store.read(lambda tx: queue.recounted(tx, facts.id))
        votes = opened.votes()
    twice = votes.n_votes - len(set(zip(votes.item.tolist(), votes.annotator.tolist(), strict=True)))
    most = int(votes.votes_per_item().max(initial=0))
    if summary.done != n_pairs or votes.n_votes != n_pairs or len(wrong) or twice or most > REDUNDANCY:
        raise AssertionError(
            f"{n_pairs} pairs were done; the queue says {summary.done}, votes are {votes.n_votes}; {len(wrong)} rows do not "
            f"add up; {twice} answers were given twice; an item has {most} votes"
        )


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process and its children have used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(_cpu(int(child)) for child in children)


def pairs() -> float:
    """Pairs a second, 32 clients without thinking time."""
    return work(32)["rate"]


def cpu() -> float:
    """Milliseconds of server cpu a pair, 32 clients."""
    return work(32)["cpu_ms"]


def p95() -> float:
    """The 95th percentile of lease plus submit, 8 clients without thinking time, in milliseconds."""
    return work(8)["p95_ms"]


def _on_postgresql(n_clients: int, figure: str) -> float:
    with postgresql() as database:
        return work(n_clients, database=database, n_processes=PROCESSES)[figure]


def pairs_pg() -> float:
    """Pairs a second of several processes on PostgreSQL, 32 clients."""
    return _on_postgresql(32, "rate")


def cpu_pg() -> float:
    """Milliseconds of cpu of the server's processes a pair, PostgreSQL's own left out; 32 clients."""
    return _on_postgresql(32, "cpu_ms")


def p95_pg() -> float:
    """The 95th percentile on PostgreSQL, 8 clients."""
    return _on_postgresql(8, "p95_ms")


CASES = (
    Case(
        "server_pairs", "HTTP lease + submit, 32 annotators, SQLite FULL", "pairs/s",
        pairs, limit=310, more_is_better=True, runs=2,
    ),
    Case("server_cpu", "server cpu of one lease + submit", "ms", cpu, limit=4, runs=2),
    Case("server_p95", "lease, then submit: 95th percentile of each, 8 annotators", "ms", p95, limit=25, runs=2),
    Case(
        "server_pairs_pg", f"HTTP lease + submit, 32 annotators, PostgreSQL, {PROCESSES} processes", "pairs/s",
        pairs_pg, limit=270, more_is_better=True, runs=2,
    ),
    Case("server_cpu_pg", "server cpu of one lease + submit, PostgreSQL", "ms", cpu_pg, limit=4, runs=2),
    Case(
        "server_p95_pg", "lease, then submit: 95th percentile of each, 8 annotators, PostgreSQL", "ms",
        p95_pg, limit=25, runs=2,
    ),
)  # fmt: skip
