"""The tables of talk: threads, comments, proposals, disputes, escalations.

In: revision 0002. Out: five tables, their indexes, and the triggers of those that only ever grow. Never: a change to this file
after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import AnyColumn, big, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    _threads()
    _proposals()
    _disputes()
    guard(("comments", "escalations"))


def _of_item(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project", "position"], ["items.project", "items.position"], name=f"fk_{table}_items"
    )


def _decision() -> list[AnyColumn]:
    return [
        text("decision", nullable=True), text("decision_hash", nullable=True), text("decision_salt", nullable=True),
        text("decided_by", nullable=True), big("decided_at", nullable=True), whole("decided_version", nullable=True),
        text("reason", server_default=""),
    ]


def _threads() -> None:
    op.create_table(
        "threads",
        text("id"), text("project"), big("position"), text("annotator"), text("state"), big("moved"),
        sa.PrimaryKeyConstraint("id", name="pk_threads"),
        sa.UniqueConstraint("project", "position", "annotator", name="uq_threads_project_position_annotator"),
        _of_item("threads"),
    )
    op.create_index("ix_threads_project_moved", "threads", ["project", "moved"])
    op.create_index("ix_threads_project_state_moved", "threads", ["project", "state", "moved"])
    op.create_index("ix_threads_project_annotator_moved", "threads", ["project", "annotator", "moved"])
    op.create_table(
        "comments",
        serial("seq"), text("id"), text("project"), text("thread"), text("author"), text("say"), text("text"),
        text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_comments"),
        sa.UniqueConstraint("id", name="uq_comments_id"),
        sa.ForeignKeyConstraint(["thread"], ["threads.id"], name="fk_comments_threads"),
    )
    op.create_index("ix_comments_thread_seq", "comments", ["thread", "seq"])


def _proposals() -> None:
    op.create_table(
        "proposals",
        serial("seq"), text("id"), text("project"), text("by"), text("about"), text("clause"),
        text("label", nullable=True), text("item", nullable=True), text("text"), text("why"),
        whole("guideline_version"), text("salt"), text("hash"), big("at"), text("state"),
        *_decision(),
        sa.PrimaryKeyConstraint("seq", name="pk_proposals"),
        sa.UniqueConstraint("id", name="uq_proposals_id"),
        sa.UniqueConstraint("decision", name="uq_proposals_decision"),
    )
    op.create_index("ix_proposals_project_seq", "proposals", ["project", "seq"])
    op.create_index("ix_proposals_project_state_seq", "proposals", ["project", "state", "seq"])
    op.create_index("ix_proposals_project_by_seq", "proposals", ["project", "by", "seq"])


def _disputes() -> None:
    op.create_table(
        "disputes",
        serial("seq"), text("id"), text("project"), big("position"), text("by"),
        text("label", nullable=True), text("text"),
        text("contested_by", nullable=True), text("salt"), text("hash"), big("at"), text("state"),
        *_decision(),
        text("question", server_default=""), text("answer", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_disputes"),
        sa.UniqueConstraint("id", name="uq_disputes_id"),
        sa.UniqueConstraint("decision", name="uq_disputes_decision"),
        _of_item("disputes"),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "ix_disputes_one_open", "disputes", ["project", "position", "by", "question"],
        unique=True, sqlite_where=still_open, postgresql_where=still_open,
    )
    op.create_index("ix_disputes_project_state_seq", "disputes", ["project", "state", "seq"])
    op.create_index("ix_disputes_project_by_seq", "disputes", ["project", "by", "seq"])
    op.create_table(
        "escalations",
        serial("seq"), text("id"), text("project"), big("position"), text("question"), whole("tier"), text("by"),
        text("reason"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_escalations"),
        sa.UniqueConstraint("id", name="uq_escalations_id"),
        _of_item("escalations"),
    )
    op.create_index("ix_escalations_item", "escalations", ["project", "position", "seq"])
