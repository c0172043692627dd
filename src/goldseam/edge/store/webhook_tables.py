"""The tables of webhooks: who wants to hear of a project's events, and what is sent to them.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query, or a secret: those follow from the home's key.

`position` is how far in the project's log a webhook has been served: the log is the outbox.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from goldseam.edge.store.declare import METADATA, col, key, maybe, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

webhooks = Table(
    "webhooks", METADATA, key("id"), project(), col("url"), col("events"), col("state"), col("reason", server_default=""),
    col("secret_number", Integer), maybe("old_until", BigInteger), col("position", BigInteger),
    col("n_failed", Integer, server_default="0"), maybe("failing_since", BigInteger), maybe("rests_until", BigInteger),
    Column("made_by", Text, ForeignKey("annotators.id"), nullable=False), col("salt"), col("at", BigInteger),
)
"""`secret_number` says which of the row of secrets is the newest; the one before it is good until `old_until`."""
Index("ix_webhooks_project_id", webhooks.c.project, webhooks.c.id)

deliveries = Table(
    "deliveries", METADATA, serial(),
    Column("webhook", Text, ForeignKey("webhooks.id"), nullable=False),
    project(), col("event"), col("kind"), col("body"), col("state"), col("n_tries", Integer, server_default="0"),
    col("due", BigInteger), maybe("began", BigInteger), maybe("status", Integer), col("reason", server_default=""),
    col("at", BigInteger), maybe("ended_at", BigInteger),
    UniqueConstraint("webhook", "event"),
)
"""`due` is when it is tried next; while a worker is at it, that is when another may take it up."""
WAITING = text("state = 'waiting'")
Index("ix_deliveries_due", deliveries.c.webhook, deliveries.c.due, sqlite_where=WAITING, postgresql_where=WAITING)
Index("ix_deliveries_webhook_seq", deliveries.c.webhook, deliveries.c.seq)
Index("ix_deliveries_ended_at", deliveries.c.ended_at)
