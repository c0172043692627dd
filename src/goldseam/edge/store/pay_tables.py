"""The tables of pay: rates, statements of what somebody earned, which answers each pays, and what became of it.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query; an amount that is no whole number of minor units.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from goldseam.edge.store.declare import METADATA, col, key, maybe, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

pay_rates = Table(
    "pay_rates", METADATA, serial(), col("id", unique=True), project(), col("per"), col("amount", BigInteger),
    col("currency"), col("since", BigInteger), maybe("tier", Integer), maybe("annotator"), col("by"), col("salt"),
    col("hash"), col("at", BigInteger),
)
Index("ix_pay_rates_project", pay_rates.c.project, pay_rates.c.seq)

pay_statements = Table(
    "pay_statements", METADATA, serial(), col("id", unique=True), project(), col("annotator"), col("currency"),
    col("minor_digits", Integer), col("amount", BigInteger), col("n_answers", BigInteger), col("lines"),
    col("until", BigInteger), col("by"), col("salt"), col("hash"), col("at", BigInteger),
)
Index("ix_pay_statements_project", pay_statements.c.project, pay_statements.c.seq)
Index("ix_pay_statements_person", pay_statements.c.project, pay_statements.c.annotator, pay_statements.c.seq)

paid_answers = Table(
    "paid_answers", METADATA, key("project"), key("answer"),
    Column("statement", Text, ForeignKey("pay_statements.id"), nullable=False),
    sqlite_with_rowid=False,
)
"""An answer stands in one statement at most: the key says so. `answer` is `a.` and an assignment, `c.` and an answer of a
session, or `q.` and one of a test."""
Index("ix_paid_answers_statement", paid_answers.c.statement)

pay_events = Table(
    "pay_events", METADATA, serial(), col("id", unique=True), project(),
    Column("statement", Text, ForeignKey("pay_statements.id"), nullable=False),
    col("event"), col("reason"), col("by"), col("salt"), col("hash"), col("at", BigInteger),
)
"""What a statement stands at follows from its events."""
Index("ix_pay_events_statement", pay_events.c.statement, pay_events.c.seq)

NEVER_CHANGED = ("paid_answers", "pay_events", "pay_rates", "pay_statements")
"""Tables whose rows the database itself refuses to change or remove."""
