"""The queue on SQLite with durable commits: lease and submit pairs a second, many clients at once.

In: a project of plain items in a file on this disk. Out: pairs a second. Never: a pair that is not durable when it is
counted, or an answer without its ledger entry.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bench.case import Case

N_ITEMS, REDUNDANCY, N_CLIENTS, SECONDS = 20_000, 3, 32, 5.0


def queue_sqlite() -> float:
    """Pairs a second of 32 clients; each submit also leases the client's next item."""
    from bench.cases import queue_work
    from goldseam.edge.store.engine import open_store

    folder = Path(tempfile.mkdtemp(prefix="goldseam-queue-"))
    try:
        store = open_store(f"sqlite:///{folder / 'queue.db'}")
        project = queue_work.fill(store, N_ITEMS, REDUNDANCY, N_CLIENTS)
        n_pairs, seconds = queue_work.run(store, project, N_CLIENTS, SECONDS)
        queue_work.check(store, project, n_pairs)
        store.close()
        return n_pairs / seconds
    finally:
        shutil.rmtree(folder)


CASES = (
    Case(
        "queue_sqlite", "lease + submit pairs, SQLite FULL, 32 clients in one process", "pairs/s",
        queue_sqlite, limit=3_000, more_is_better=True,
    ),
)  # fmt: skip
