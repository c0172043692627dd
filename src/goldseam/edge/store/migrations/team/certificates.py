"""The tables of certificates; and the certificate by which an item was accepted, beside its tier.

In: revision 0002. Out: four tables, three of them append-only, and a column of routes. Never: a change to this file after the
release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, serial, small, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.add_column("routes", text("certificate", nullable=True))
    op.create_table(
        "audits",
        serial("seq"), text("id"), text("project"), whole("round"), text("model"), text("seed"), text("body"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_audits"),
        sa.UniqueConstraint("id", name="uq_audits_id"),
    )
    op.create_index("ix_audits_project", "audits", ["project", "seq"])
    op.create_table(
        "audit_items",
        text("audit"), big("position"), text("project"), text("grp"), big("rank"), real("confidence"), whole("label"),
        sa.ForeignKeyConstraint(["audit"], ["audits.id"], name="fk_audit_items_audits"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_audit_items_items"),
        sa.PrimaryKeyConstraint("audit", "position", name="pk_audit_items"),
    )
    op.create_table(
        "certificates",
        serial("seq"), text("id"), text("project"), text("audit"), whole("round"), text("model"), text("split"),
        text("grp"), real("threshold", nullable=True), whole("n"), real("error"), real("delta"), text("body"), big("at"),
        sa.ForeignKeyConstraint(["audit"], ["audits.id"], name="fk_certificates_audits"),
        sa.PrimaryKeyConstraint("seq", name="pk_certificates"),
        sa.UniqueConstraint("id", name="uq_certificates_id"),
    )
    op.create_index("ix_certificates_project", "certificates", ["project", "seq"])
    op.create_table(
        "monitors",
        text("certificate"), text("project"), big("n"), big("wrong"), real("evidence"), big("alarm_at", nullable=True),
        real("low"), real("high"), small("closed"), big("at"),
        sa.ForeignKeyConstraint(["certificate"], ["certificates.id"], name="fk_monitors_certificates"),
        sa.PrimaryKeyConstraint("certificate", name="pk_monitors"),
    )
    op.create_index("ix_monitors_project", "monitors", ["project"])
    guard(("audit_items", "audits", "certificates"))
