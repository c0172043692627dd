"""The tables of single sign-on.

In: revision 0002. Out: three tables and an index. Never: a change to this file after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, text

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "sign_ons",
        text("state"), text("browser"), text("path"), text("invitation", nullable=True), text("annotator", nullable=True),
        text("session", nullable=True), big("at"), big("expires_at"),
        sa.PrimaryKeyConstraint("state", name="pk_sign_ons"),
    )
    op.create_index("ix_sign_ons_expires_at", "sign_ons", ["expires_at"])
    op.create_table(
        "identities",
        text("hash"), text("issuer"), text("annotator"), big("at"),
        sa.PrimaryKeyConstraint("hash", name="pk_identities"),
        sa.UniqueConstraint("annotator", "issuer", name="uq_identities_annotator_issuer"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_identities_annotators"),
    )
    op.create_table(
        "group_roles",
        text("project"), text("annotator"), text("role"), big("at"),
        sa.PrimaryKeyConstraint("project", "annotator", name="pk_group_roles"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_group_roles_projects"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_group_roles_annotators"),
    )
