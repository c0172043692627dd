"""The table of maps.

In: revision 0002. Out: one table, its index, and its trigger. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, blob, serial, text, whole
from goldseam.edge.store.migrations.guards import guard


def make() -> None:
    """Make it."""
    op.create_table(
        "maps",
        serial("seq"), text("project"), whole("round"), text("method"), text("seed"), big("n_items"), blob("points"),
        big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_maps"),
    )  # fmt: skip
    op.create_index("ix_maps_project", "maps", ["project", "seq"])
    guard(("maps",))
