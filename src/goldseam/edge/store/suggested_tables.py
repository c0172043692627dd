"""The tables of suggested answers: what a machine proposes that is more than a label, and the deliveries it came in.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Integer, Table

from goldseam.edge.store.declare import METADATA, col, key, of_item, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

suggested_answers = Table(
    "suggested_answers", METADATA, serial(), project(), col("position", BigInteger), col("question"), col("source"),
    col("answer"), col("confidence", Float(53)), col("reason", server_default=""), col("delivery", server_default=""),
    of_item(),
)
"""The newest row of an item and question is the one that is shown; an assignment keeps what it showed."""
Index("ix_suggested_answers_delivery", suggested_answers.c.delivery, suggested_answers.c.seq)
Index("ix_suggested_answers_item", suggested_answers.c.project, suggested_answers.c.position, suggested_answers.c.seq)

suggestion_deliveries = Table(
    "suggestion_deliveries", METADATA, key("id"), project(), col("source"), col("n", Integer), col("hash"), col("salt"),
    col("at", BigInteger),
)
"""`hash` is of what was sent, so that a repeat is told from an id that was used for something else."""

NEVER_CHANGED = ("suggestion_deliveries",)
"""Tables whose rows the database itself refuses to change or remove."""
