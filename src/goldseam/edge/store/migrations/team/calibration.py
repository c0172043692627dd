"""The tables of calibration: sessions, their items and people, answers, comments, what was agreed.

In: revision 0002. Out: six tables, their indexes, and the triggers of those that only ever grow. Never: a change to this file
after the release that carries it.
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
    _sessions()
    _said()
    guard(("calibration_agreed", "calibration_answers", "calibration_comments", "calibration_items"))


def _of_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["calibration"], ["calibrations.id"], name=f"fk_{table}_calibrations")


def _sessions() -> None:
    op.create_table(
        "calibrations",
        text("id"), text("project"), text("title"), text("choosing"), text("seed"), text("state"), whole("n_items"),
        whole("n_people"), whole("schema_version"), whole("guideline_version"), text("by"), text("hash"), big("at"),
        big("discussed_at", nullable=True), big("finished_at", nullable=True), text("before", nullable=True),
        text("after", nullable=True), text("apart", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
    )
    op.create_index("ix_calibrations_project_id", "calibrations", ["project", "id"])
    op.create_table(
        "calibration_items", text("calibration"), whole("number"), text("project"), big("position"),
        sa.PrimaryKeyConstraint("calibration", "number", name="pk_calibration_items"),
        _of_session("calibration_items"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"], name="fk_calibration_items_items"
        ),
    )
    op.create_table(
        "calibration_people", text("calibration"), text("annotator"), text("cover"), whole("n_answers", server_default="0"),
        sa.PrimaryKeyConstraint("calibration", "annotator", name="pk_calibration_people"),
        _of_session("calibration_people"),
    )
    op.create_index("ix_calibration_people_annotator", "calibration_people", ["annotator", "calibration"])


def _said() -> None:
    op.create_table(
        "calibration_answers",
        serial("seq"), text("id"), text("project"), text("calibration"), whole("number"), text("annotator"),
        text("answers"), text("reason"), real("seconds"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_calibration_answers"),
        sa.UniqueConstraint("id", name="uq_calibration_answers_id"),
        sa.UniqueConstraint(
            "calibration", "number", "annotator", name="uq_calibration_answers_calibration_number_annotator"
        ),
        _of_session("calibration_answers"),
    )
    op.create_index("ix_calibration_answers_own", "calibration_answers", ["project", "annotator"])
    op.create_table(
        "calibration_comments",
        serial("seq"), text("id"), text("project"), text("calibration"), whole("number"), text("author"), text("text"),
        text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_calibration_comments"),
        sa.UniqueConstraint("id", name="uq_calibration_comments_id"),
        _of_session("calibration_comments"),
    )
    op.create_index("ix_calibration_comments_item", "calibration_comments", ["calibration", "number"])
    op.create_table(
        "calibration_agreed",
        serial("seq"), text("id"), text("project"), text("calibration"), whole("number"), text("question"),
        text("answer"), text("clause"), text("reason"), text("by"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_calibration_agreed"),
        sa.UniqueConstraint("id", name="uq_calibration_agreed_id"),
        _of_session("calibration_agreed"),
    )
    op.create_index("ix_calibration_agreed_item", "calibration_agreed", ["calibration", "number"])
