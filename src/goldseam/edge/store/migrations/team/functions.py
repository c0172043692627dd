"""The tables of labeling functions.

In: revision 0002. Out: two tables, one of them append-only. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, blob, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "function_votes",
        text("project"), text("version"), big("start"), whole("n"), blob("codes"), text("faults"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_function_votes_projects"),
        sa.PrimaryKeyConstraint("project", "version", "start", name="pk_function_votes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "function_sets",
        serial("seq"), text("id"), text("project"), big("n_items"), text("body"), text("by"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_function_sets"),
        sa.UniqueConstraint("id", name="uq_function_sets_id"),
    )
    op.create_index("ix_function_sets_project", "function_sets", ["project", "seq"])
    guard(("function_sets",))
