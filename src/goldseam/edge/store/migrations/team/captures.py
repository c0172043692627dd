"""The tables of production.

In: revision 0002. Out: two tables. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, serial, text

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "captures",
        serial("seq"), text("id"), text("project"), text("body_hash"), text("text", nullable=True),
        text("item", nullable=True), text("metadata"), text("label", nullable=True), real("confidence", nullable=True),
        text("model"), big("position", nullable=True), text("by"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_captures"),
        sa.UniqueConstraint("id", name="uq_captures_id"),
    )
    op.create_index("ix_captures_project", "captures", ["project", "seq"])
    op.create_table(
        "signals",
        serial("seq"), text("id"), text("project"), text("body_hash"), text("capture"), text("kind"),
        text("label", nullable=True), text("annotation", nullable=True), text("by"), big("at"),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name="fk_signals_captures"),
        sa.PrimaryKeyConstraint("seq", name="pk_signals"),
        sa.UniqueConstraint("id", name="uq_signals_id"),
    )
    op.create_index("ix_signals_project", "signals", ["project", "seq"])
    op.create_index("ix_signals_capture", "signals", ["capture"])
