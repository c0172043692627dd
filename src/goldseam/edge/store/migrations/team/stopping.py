"""The table of what labels changed from model to model.

In: revision 0002. Out: one table, its index, and its trigger. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, serial, text, whole
from goldseam.edge.store.migrations.guards import guard


def make() -> None:
    """Make it."""
    op.create_table(
        "model_steps",
        serial("seq"), text("project"), text("model"), text("before"), whole("round"), big("n_labels"), real("kappa"),
        real("changed"), big("n_pool"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_model_steps"),
        sa.UniqueConstraint("model", name="uq_model_steps_model"),
    )  # fmt: skip
    op.create_index("ix_model_steps_project", "model_steps", ["project", "seq"])
    guard(("model_steps",))
