"""The tables of production: what a model put out there, and what people made of it.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Table, Text

from goldseam.edge.store.declare import METADATA, col, maybe, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

captures = Table(
    "captures", METADATA, serial(), col("id", unique=True), project(), col("body_hash"), maybe("text"), maybe("item"),
    col("metadata"), maybe("label"), maybe("confidence", Float(53)), col("model"), maybe("position", BigInteger),
    col("by"), col("at", BigInteger),
)
"""`position` is that of the item which a capture is about, once it was taken in."""
Index("ix_captures_project", captures.c.project, captures.c.seq)

signals = Table(
    "signals", METADATA, serial(), col("id", unique=True), project(), col("body_hash"),
    Column("capture", Text, ForeignKey("captures.id"), nullable=False),
    col("kind"), maybe("label"), maybe("annotation"), col("by"), col("at", BigInteger),
)
"""`annotation` is the vote that a signal became."""
Index("ix_signals_project", signals.c.project, signals.c.seq)
Index("ix_signals_capture", signals.c.capture)
