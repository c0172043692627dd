"""The table of jobs.

In: revision 0002. Out: one table. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make it."""
    op.create_table(
        "jobs",
        text("name"), text("times"), big("due"), text("held_by", nullable=True), big("held_until", nullable=True),
        whole("n_done", server_default="0"), whole("n_failed", server_default="0"), big("last_at", nullable=True),
        real("last_seconds", nullable=True), text("outcome", server_default=""), text("error", server_default=""),
        sa.PrimaryKeyConstraint("name", name="pk_jobs"),
    )
