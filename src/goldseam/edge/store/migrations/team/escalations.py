"""The table of items that wait for a ruling, filled from the settlements that stand.

In: revision 0002. Out: a table and its index. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, text


def make() -> None:
    """Make it."""
    op.create_table(
        "waiting",
        text("project"),
        text("question"),
        big("position"),
        real("confidence"),
        sa.PrimaryKeyConstraint("project", "question", "position", name="pk_waiting"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_waiting_items"),
    )
    op.create_index("ix_waiting_order", "waiting", ["project", "question", "confidence", "position"])
    op.execute(
        "INSERT INTO waiting (project, question, position, confidence) "
        "SELECT project, question, position, confidence FROM settlements WHERE state = 'escalated' "
        "AND seq IN (SELECT max(seq) FROM settlements GROUP BY project, question, position)"
    )
