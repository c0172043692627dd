"""Sheets of items that the model calls the same, and the order by doubt in which it calls them so.

In: revision 0002. Out: two tables and an index. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, small, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "sheets",
        text("id"), text("project"), text("annotator"), text("question"), whole("label"), text("model"), big("at"),
        text("state"), text("closed", nullable=True), text("undone", nullable=True), whole("n_shown"),
        whole("n_confirmed", server_default="0"), whole("n_planted", server_default="0"), whole("n_caught", server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_sheets"),
    )
    op.create_index("ix_sheets_own", "sheets", ["project", "annotator", "at"])
    op.create_index("ix_sheets_label", "sheets", ["project", "model", "label", "at"])
    op.create_table(
        "sheet_items",
        text("sheet"), big("position"), text("assignment"), small("planted"), small("sampled", server_default="0"),
        sa.PrimaryKeyConstraint("sheet", "position", name="pk_sheet_items"),
        sa.ForeignKeyConstraint(["sheet"], ["sheets.id"], name="fk_sheet_items_sheets"),
    )
    op.create_index("ix_suggestions_doubt", "suggestions", ["project", "model", "label", "confidence", "position"])
