"""Suggested answers, the deliveries they came in, and which of them an assignment showed.

In: revision 0002. Out: two tables and a column. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "suggested_answers",
        serial("seq"), text("project"), big("position"), text("question"), text("source"), text("answer"),
        real("confidence"), text("reason", server_default=""), text("delivery", server_default=""),
        sa.PrimaryKeyConstraint("seq", name="pk_suggested_answers"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"], name="fk_suggested_answers_items"
        ),
    )
    op.create_index("ix_suggested_answers_delivery", "suggested_answers", ["delivery", "seq"])
    op.create_index("ix_suggested_answers_item", "suggested_answers", ["project", "position", "seq"])
    op.create_table(
        "suggestion_deliveries",
        text("id"), text("project"), text("source"), whole("n"), text("hash"), text("salt"), big("at"),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion_deliveries"),
    )
    op.add_column("assignments", text("suggested", nullable=True))
    guard(("suggestion_deliveries",))
