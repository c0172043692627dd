"""The table of findings.

In: revision 0002. Out: one table, its index, and its trigger. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, serial, text, whole
from goldseam.edge.store.migrations.guards import guard


def make() -> None:
    """Make it."""
    op.create_table(
        "findings",
        serial("seq"), text("project"), text("kind"), whole("round"), text("body"), big("at"), text("act", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_findings"),
        sa.UniqueConstraint("act", name="uq_findings_act"),
    )  # fmt: skip
    op.create_index("ix_findings_project_kind_seq", "findings", ["project", "kind", "seq"])
    guard(("findings",))
