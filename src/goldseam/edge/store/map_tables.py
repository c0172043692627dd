"""The table of maps: items in the plane, near to each other where their contents are alike.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Table

from goldseam.edge.store.declare import METADATA, col, project, serial

maps = Table(
    "maps", METADATA, serial(), project(), col("round", Integer), col("method"), col("seed"), col("n_items", BigInteger),
    col("points", LargeBinary), col("at", BigInteger),
)  # fmt: skip
"""A map never changes, and the newest counts; `points` is compressed, `n_items` how many items it was drawn from."""
Index("ix_maps_project", maps.c.project, maps.c.seq)

NEVER_CHANGED = ("maps",)
"""Tables whose rows the database itself refuses to change or remove."""
