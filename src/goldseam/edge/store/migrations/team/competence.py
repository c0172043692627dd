"""The tables of competence: how well each annotator labels, how the crowd does, who works how much, and flagged items.

In: revision 0002. Out: six tables, their indexes, and the triggers of those that only ever grow. Never: a change to this
file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, blob, real, serial, small, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    _projections()
    _flags()
    guard(("flags", "hold_decisions"))


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project"], ["projects.id"], name=f"fk_{table}_projects")


def _of_item(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project", "position"], ["items.project", "items.position"], name=f"fk_{table}_items"
    )


def _projections() -> None:
    op.create_table(
        "competence",
        text("project"), text("question"), text("annotator"), whole("n_labels"), real("accuracy"),
        blob("matrix", nullable=True), big("n_votes"), big("at"),
        _of_project("competence"),
        sa.PrimaryKeyConstraint("project", "question", "annotator", name="pk_competence"),
    )
    op.create_table(
        "crowds",
        text("project"), text("question"), whole("n_labels"), real("accuracy"), blob("matrix", nullable=True),
        blob("shares"), big("n_votes"), big("at"),
        _of_project("crowds"),
        sa.PrimaryKeyConstraint("project", "question", name="pk_crowds"),
    )
    op.create_table(
        "workloads",
        text("project"), text("annotator"), whole("day"), whole("n"), real("seconds"), big("since"), big("last"),
        _of_project("workloads"),
        sa.PrimaryKeyConstraint("project", "annotator", name="pk_workloads"),
    )


def _flags() -> None:
    op.create_table(
        "flags",
        serial("seq"), text("id"), text("project"), big("position"), text("annotator"), text("act"), text("reason"),
        text("goes_to"), text("note"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_flags"),
        sa.UniqueConstraint("id", name="uq_flags_id"),
        _of_item("flags"),
    )
    op.create_index("ix_flags_item", "flags", ["project", "position", "seq"])
    op.create_table(
        "holds",
        serial("seq"), text("project"), big("position"), text("flag"), text("reason"), text("goes_to"), whole("wanted"),
        small("cls", nullable=True), big("at"), text("state"),
        sa.PrimaryKeyConstraint("seq", name="pk_holds"),
        _of_item("holds"),
    )
    still_out = sa.text("state IN ('open', 'excluded')")
    op.create_index(
        "ix_holds_one", "holds", ["project", "position"], unique=True, sqlite_where=still_out, postgresql_where=still_out,
    )
    op.create_index("ix_holds_project_state_seq", "holds", ["project", "state", "seq"])
    op.create_index("ix_holds_item", "holds", ["project", "position", "seq"])
    op.create_table(
        "hold_decisions",
        serial("seq"), text("id"), text("project"), big("hold"), text("by"), text("decision"), text("note"), text("salt"),
        text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_hold_decisions"),
        sa.UniqueConstraint("id", name="uq_hold_decisions_id"),
        sa.ForeignKeyConstraint(["hold"], ["holds.seq"], name="fk_hold_decisions_holds"),
    )
    op.create_index("ix_hold_decisions_hold", "hold_decisions", ["hold", "seq"])
