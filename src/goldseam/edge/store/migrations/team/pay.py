"""The tables of pay: rates, statements, which answers each pays, and what became of it.

In: revision 0002. Out: four tables, their indexes, and their triggers: all of them only ever grow. Never: a change to this file
after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "pay_rates",
        serial("seq"), text("id"), text("project"), text("per"), big("amount"), text("currency"), big("since"),
        whole("tier", nullable=True), text("annotator", nullable=True), text("by"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_pay_rates"),
        sa.UniqueConstraint("id", name="uq_pay_rates_id"),
    )
    op.create_index("ix_pay_rates_project", "pay_rates", ["project", "seq"])
    op.create_table(
        "pay_statements",
        serial("seq"), text("id"), text("project"), text("annotator"), text("currency"), whole("minor_digits"),
        big("amount"), big("n_answers"), text("lines"), big("until"), text("by"), text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_pay_statements"),
        sa.UniqueConstraint("id", name="uq_pay_statements_id"),
    )
    op.create_index("ix_pay_statements_project", "pay_statements", ["project", "seq"])
    op.create_index("ix_pay_statements_person", "pay_statements", ["project", "annotator", "seq"])
    op.create_table(
        "paid_answers", text("project"), text("answer"), text("statement"),
        sa.PrimaryKeyConstraint("project", "answer", name="pk_paid_answers"),
        sa.ForeignKeyConstraint(["statement"], ["pay_statements.id"], name="fk_paid_answers_pay_statements"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_paid_answers_statement", "paid_answers", ["statement"])
    op.create_table(
        "pay_events",
        serial("seq"), text("id"), text("project"), text("statement"), text("event"), text("reason"), text("by"),
        text("salt"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_pay_events"),
        sa.UniqueConstraint("id", name="uq_pay_events_id"),
        sa.ForeignKeyConstraint(["statement"], ["pay_statements.id"], name="fk_pay_events_pay_statements"),
    )
    op.create_index("ix_pay_events_statement", "pay_events", ["statement", "seq"])
    guard(("paid_answers", "pay_events", "pay_rates", "pay_statements"))
