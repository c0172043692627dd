"""The tables of webhooks: webhooks, deliveries.

In: revision 0002. Out: two tables and their indexes. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, serial, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "webhooks",
        text("id"), text("project"), text("url"), text("events"), text("state"), text("reason", server_default=""),
        whole("secret_number"), big("old_until", nullable=True), big("position"), whole("n_failed", server_default="0"),
        big("failing_since", nullable=True), big("rests_until", nullable=True), text("made_by"), text("salt"), big("at"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.ForeignKeyConstraint(["made_by"], ["annotators.id"], name="fk_webhooks_annotators"),
    )
    op.create_index("ix_webhooks_project_id", "webhooks", ["project", "id"])
    op.create_table(
        "deliveries",
        serial("seq"), text("webhook"), text("project"), text("event"), text("kind"), text("body"), text("state"),
        whole("n_tries", server_default="0"), big("due"), big("began", nullable=True), whole("status", nullable=True),
        text("reason", server_default=""), big("at"), big("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_deliveries"),
        sa.UniqueConstraint("webhook", "event", name="uq_deliveries_webhook_event"),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="fk_deliveries_webhooks"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["webhook", "due"], sqlite_where=waiting, postgresql_where=waiting,
    )
    op.create_index("ix_deliveries_webhook_seq", "deliveries", ["webhook", "seq"])
    op.create_index("ix_deliveries_ended_at", "deliveries", ["ended_at"])
