"""The tables of labeling functions: what each said of each item, and the sets of functions that were applied.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Table

from goldseam.edge.store.declare import METADATA, col, key, project, project_key, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

function_votes = Table(
    "function_votes", METADATA, project_key(), key("version"), key("start", BigInteger), col("n", Integer),
    col("codes", LargeBinary), col("faults"), sqlite_with_rowid=False,
)
"""What one version of a function said of `n` items from a position on: label codes as packed little-endian 16 bits.

It is computed from the items and the function alone, so it may be thrown away and made again."""

function_sets = Table(
    "function_sets", METADATA, serial(), col("id", unique=True), project(), col("n_items", BigInteger), col("body"),
    col("by"), col("at", BigInteger),
)
"""A set of functions that was applied; `id` is also that of its row in `models`. `body` is canonical JSON: the functions with
their versions, and the analysis as it was then."""
Index("ix_function_sets_project", function_sets.c.project, function_sets.c.seq)

NEVER_CHANGED = ("function_sets",)
"""Tables whose rows the database itself refuses to change or remove."""
