"""The tables of models that are asked elsewhere.

In: revision 0002. Out: two tables. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, blob, real, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "model_answers",
        text("project"), text("version"), big("position"), text("name"), blob("proba", nullable=True), text("answers"),
        text("abstained"), text("reasoning"), real("confidence"), big("tokens_in"), big("tokens_out"), big("micros"), big("at"),
        sa.PrimaryKeyConstraint("project", "version", "position", name="pk_model_answers"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_model_answers_projects"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"], name="fk_model_answers_items"
        ),
    )
    op.create_table(
        "model_spending",
        text("project"), text("name"), big("n_asked"), big("n_abstained"), big("tokens_in"), big("tokens_out"), big("micros"),
        whole("round"), big("n_here"),
        sa.PrimaryKeyConstraint("project", "name", name="pk_model_spending"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_model_spending_projects"),
    )
