"""The table of returned items: drawn in a round that was closed before anybody had looked at them, and in the pool again.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, Table

from goldseam.edge.store.declare import METADATA, col, key, of_item, project

returned = Table(
    "returned_items", METADATA, key("draw"), key("position", BigInteger), project(), col("round", Integer),
    col("chance", Float(53)), col("rank", BigInteger), col("at", BigInteger),
    of_item(),
)  # fmt: skip
"""What its draw said of an item: with these rows the draw can still be compared with its entry in the log."""

NEVER_CHANGED = ("returned_items",)
"""Tables whose rows the database itself refuses to change or remove."""
