"""The table of items that were drawn and went back to the pool.

In: revision 0002. Out: one table and its trigger. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, text, whole
from goldseam.edge.store.migrations.guards import guard


def make() -> None:
    """Make it."""
    op.create_table(
        "returned_items",
        text("draw"), big("position"), text("project"), whole("round"), real("chance"), big("rank"), big("at"),
        sa.PrimaryKeyConstraint("draw", "position", name="pk_returned_items"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"], name="fk_returned_items_items"
        ),
    )  # fmt: skip
    guard(("returned_items",))
