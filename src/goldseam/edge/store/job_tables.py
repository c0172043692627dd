"""The table of jobs: what the worker does at set times, who is at it, and how it went.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, Table

from goldseam.edge.store.declare import METADATA, col, key, maybe

# fmt: off
# One line holds several columns, so that a table can be seen whole.

jobs = Table(
    "jobs", METADATA, key("name"), col("times"), col("due", BigInteger), maybe("held_by"), maybe("held_until", BigInteger),
    col("n_done", Integer, server_default="0"), col("n_failed", Integer, server_default="0"), maybe("last_at", BigInteger),
    maybe("last_seconds", Float(53)), col("outcome", server_default=""), col("error", server_default=""),
)
"""`n_failed` counts failures in a row; `held_until` is when another worker may take the job up."""
