"""Settled answers and gold of every kind: the answer itself beside the label's code, and the salt of its commitment.

In: revision 0002. Out: columns. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

from alembic import op

from goldseam.edge.store.migrations.columns import text


def make() -> None:
    """Make them."""
    op.add_column("settlements", text("answer", nullable=True))
    op.add_column("settlements", text("salt", nullable=True))
    op.add_column("gold", text("salt", nullable=True))
