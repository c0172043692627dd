"""The tables of lines, skills and batches; and a queue in which an item may stand once for each purpose.

In: revision 0002. Out: five tables, a wider key of the queue, two columns of assignments. Never: a change to this file after the
release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, small, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    _queue()
    op.add_column("assignments", whole("extended", server_default="0"))
    op.add_column("assignments", text("extension", nullable=True))
    _lines()
    _batches()


def _queue() -> None:
    """Widen the key by the purpose; SQLite changes no key, so there the rows move to a new table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_queue", "queue", type_="primary")
        op.create_primary_key("pk_queue", "queue", ["project", "position", "purpose"])
        return
    op.drop_index("ix_queue_open", "queue")
    op.rename_table("queue", "queue_before")
    op.create_table(
        "queue",
        text("project"), big("position"), text("purpose"), small("cls"), big("ord"), whole("wanted"),
        whole("done", server_default="0"), whole("live", server_default="0"),
        sa.CheckConstraint("done >= 0 AND live >= 0 AND done + live <= wanted", name="ck_queue_never_more_than_wanted"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_queue_items"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_queue_projects"),
        sa.PrimaryKeyConstraint("project", "position", "purpose", name="pk_queue"),
        sqlite_with_rowid=False,
    )
    columns = "project, position, purpose, cls, ord, wanted, done, live"
    op.execute(f"INSERT INTO queue ({columns}) SELECT {columns} FROM queue_before")
    op.drop_table("queue_before")
    op.create_index(
        "ix_queue_open", "queue", ["project", "cls", "ord"], unique=True, sqlite_where=sa.text("wanted > done + live"),
    )


def _lines() -> None:
    op.create_table(
        "lines",
        text("project"), small("cls"), small("tier"), small("priority"), text("skills"), text("segment"),
        text("batch", server_default=""), big("due", server_default="0"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_lines_projects"),
        sa.PrimaryKeyConstraint("project", "cls", name="pk_lines"),
        sa.UniqueConstraint(
            "project", "tier", "priority", "skills", "segment", "batch",
            name="uq_lines_project_tier_priority_skills_segment_batch",
        ),
    )
    op.create_index("ix_lines_project_due", "lines", ["project", "due"])
    op.create_index("ix_lines_project_batch", "lines", ["project", "batch"])
    of_batches = sa.text("batch <> ''")
    op.create_index("ix_lines_overdue", "lines", ["due"], sqlite_where=of_batches, postgresql_where=of_batches)
    op.create_table(
        "skills",
        text("project"), text("annotator"), text("skill"), whole("level", server_default="1"), big("granted_at"),
        text("by"), text("how"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_skills_projects"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_skills_annotators"),
        sa.PrimaryKeyConstraint("project", "annotator", "skill", name="pk_skills"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        text("id"), text("project"), text("name"), text("purpose"), text("by"), whole("n_items"),
        big("due", nullable=True), big("made_at"), big("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_project_id", "batches", ["project", "id"])
    op.create_table(
        "batch_people",
        text("project"), text("annotator"), text("batch"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_batch_people_projects"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_batch_people_annotators"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name="fk_batch_people_batches"),
        sa.PrimaryKeyConstraint("project", "annotator", "batch", name="pk_batch_people"),
    )
    op.create_index("ix_batch_people_batch", "batch_people", ["batch"])
    op.create_table(
        "batch_items",
        text("batch"), big("position"), text("project"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name="fk_batch_items_batches"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_batch_items_items"),
        sa.PrimaryKeyConstraint("batch", "position", name="pk_batch_items"),
        sqlite_with_rowid=False,
    )
