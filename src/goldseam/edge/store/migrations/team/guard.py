"""The tables of the guard against rubber-stamping.

In: revision 0002. Out: three tables, two of them append-only. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "showings",
        text("assignment"), text("project"), big("position"), text("annotator"), text("model"), text("way"),
        whole("suggested"), whole("wrong", nullable=True), big("at"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_showings_assignments"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_showings_items"),
        sa.PrimaryKeyConstraint("assignment", name="pk_showings"),
    )
    op.create_index("ix_showings_project", "showings", ["project", "at"])
    op.create_table(
        "pulls", serial("seq"), text("project"), text("body"), big("at"), sa.PrimaryKeyConstraint("seq", name="pk_pulls"),
    )
    op.create_index("ix_pulls_project", "pulls", ["project", "seq"])
    op.create_table(
        "label_switches",
        serial("seq"), text("id"), text("project"), whole("label"), text("state"), text("reason"), text("by"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_label_switches"),
        sa.UniqueConstraint("id", name="uq_label_switches_id"),
    )
    op.create_index("ix_label_switches_project", "label_switches", ["project", "label", "seq"])
    guard(("label_switches", "pulls"))
