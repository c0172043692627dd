"""The server under many annotators: a real process, real HTTP, durable commits; lease and submit pairs.

In: a project of plain texts in a folder of its own. Out: pairs a second, milliseconds of server cpu a pair, or the
95th percentile of what an annotator waits. Never: a client in the server's process, or a pair that is not durable.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.case import Case

SECONDS = 6.0
N_ITEMS = int(os.environ.get("GOLDSEAM_BENCH_ITEMS", "100000"))


def project(folder: Path, n_items: int, n_clients: int, database: str = "") -> dict[str, str]:
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
        "route": {"redundancy": 3},
        "annotate": {"gold_rate": 0.0},
    }
    (folder / "goldseam.yaml").write_text(json.dumps(settings), encoding="utf-8")
    with open_project(folder) as opened:
        for _ in opened.run():
            pass
        return opened.add_recorded([f"client-{n}" for n in range(n_clients)], frozenset({Act.VIEW, Act.ANNOTATE}))


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Run the server as a process of its own; gives its address and its number."""
    command = [sys.executable, "-m", "goldseam.edge.cli.serving", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["url"]), process.pid
        finally:
            process.terminate()


def work(n_clients: int, seconds: float = SECONDS, n_items: int = N_ITEMS) -> dict[str, float]:
    """Let clients of another process work on a served project; return what was measured."""
    folder = Path(tempfile.mkdtemp(prefix="goldseam-load-"))
    try:
        tokens = project(folder, n_items, n_clients)
        with served(folder) as (url, pid):
            names = json.dumps(sorted(tokens.values()))
            crowd = [sys.executable, "-m", "bench.cases.server_clients", url, str(seconds)]
            before, begin = _cpu(pid), time.perf_counter()
            ran = subprocess.run(crowd, input=names, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
            cpu, took = _cpu(pid) - before, time.perf_counter() - begin
        found: dict[str, float] = json.loads(ran.stdout)
        return found | {"cpu_ms": cpu * 1000 / max(found["pairs"], 1), "seconds": took}
    finally:
        shutil.rmtree(folder)


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pairs() -> float:
    """Pairs a second, 32 clients without thinking time."""
    return work(32)["rate"]


def cpu() -> float:
    """Milliseconds of server cpu a pair, 32 clients."""
    return work(32)["cpu_ms"]


def p95() -> float:
    """The 95th percentile of lease plus submit, 8 clients without thinking time, in milliseconds."""
    return work(8)["p95_ms"]


CASES = (
    Case(
        "server_pairs", "HTTP lease + submit, 32 annotators, SQLite FULL", "pairs/s",
        pairs, limit=310, more_is_better=True, runs=2,
    ),
    Case("server_cpu", "server cpu of one lease + submit", "ms", cpu, limit=4, runs=2),
    Case("server_p95", "lease, then submit: 95th percentile of each, 8 annotators", "ms", p95, limit=25, runs=2),
)  # fmt: skip
