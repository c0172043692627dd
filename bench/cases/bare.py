"""The server beside two bare FastAPI routes that do the same two transactions, under the same clients, on both databases.

In: projects and databases of their own. Out: pairs a second of ours and of the bare app. Never: a commit that does not wait for
the disk, on either side.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.case import Case
from bench.cases import server

N_ITEMS = 20_000


def work(n_clients: int, url: str, n_items: int = N_ITEMS) -> dict[str, float]:
    """Let the clients of the server's cases work on the bare app."""
    with server.running([sys.executable, "-m", "bench.cases.bare_app", url, str(n_items)]) as (address, pid):
        return server.crowd(address, pid, [f"client-{n}" for n in range(n_clients)], server.SECONDS)


def bare() -> float:
    """Pairs a second of the bare app on SQLite."""
    with tempfile.TemporaryDirectory(prefix="goldseam-bare-") as folder:
        return work(32, str(Path(folder) / "bare.db"))["rate"]


def bare_pg() -> float:
    """Pairs a second of the bare app on PostgreSQL."""
    with server.postgresql() as url:
        return work(32, url)["rate"]


def ours_pg() -> float:
    """Pairs a second of ours on PostgreSQL, one process, as the bare app is."""
    with server.postgresql() as url:
        return server.work(32, database=url, n_items=N_ITEMS)["rate"]


CASES = (
    Case(
        "bare_sqlite", "HTTP lease + submit, 32 annotators, SQLite FULL, beside two bare routes", "pairs/s",
        server.pairs, bare, "bare FastAPI", least_ratio=1 / 3, more_is_better=True, runs=2,
    ),
    Case(
        "bare_pg", "HTTP lease + submit, 32 annotators, PostgreSQL, one process, beside two bare routes", "pairs/s",
        ours_pg, bare_pg, "bare FastAPI", least_ratio=1 / 3, more_is_better=True, runs=2,
    ),
)  # fmt: skip
