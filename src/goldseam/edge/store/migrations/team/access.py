"""The tables of access: acts on people, invitations, tries.

In: revision 0002. Out: three tables, their indexes, and two indexes of tokens. Never: a change to this file after the
release that carries it.

No right rests on these tables alone: roles, accounts and tokens move the access stamp by their own triggers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, text, whole

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "access_acts",
        text("id"), text("project"), text("actor"), text("request"), text("about"), text("made", nullable=True), big("at"),
        sa.PrimaryKeyConstraint("id", name="pk_access_acts"),
    )
    op.create_table(
        "invitations",
        text("id"), text("project"), text("hash"), text("role"), text("request"), text("made_by"), big("at"),
        big("expires_at"), text("used_by", nullable=True), big("used_at", nullable=True), big("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("hash", name="uq_invitations_hash"),
        sa.ForeignKeyConstraint(["made_by"], ["annotators.id"], name="fk_invitations_annotators"),
    )
    op.create_index("ix_invitations_project_id", "invitations", ["project", "id"])
    op.create_table(
        "tries", text("key"), whole("n"), big("at"), sa.PrimaryKeyConstraint("key", name="pk_tries"),
    )
    op.create_index("ix_tries_at", "tries", ["at"])
    op.drop_table("failed_sign_ins")  # tries take its place
    op.create_index("ix_tokens_annotator_id", "tokens", ["annotator", "id"])
    op.create_index("ix_tokens_project_id", "tokens", ["project", "id"])
