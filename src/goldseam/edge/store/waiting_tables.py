"""The table of items that wait for a ruling.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Table

from goldseam.edge.store.declare import METADATA, col, key, of_item

# fmt: off
# One line holds several columns, so that a table can be seen whole.

waiting = Table(
    "waiting", METADATA, key("project"), key("question"), key("position", BigInteger), col("confidence", Float(53)),
    of_item(),
)
"""Items whose newest settlement is an escalation: follows from `settlements`; `settlements.rebuild_waiting` makes it anew."""
Index("ix_waiting_order", waiting.c.project, waiting.c.question, waiting.c.confidence, waiting.c.position)
