"""The tables of competence: how well each annotator labels, how the crowd does, who works how much, and flagged items.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.

`competence`, `crowds` and `workloads` are projections: each has a rebuild, and rebuild equals stored.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, text

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project, project_key, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

competence = Table(
    "competence", METADATA, project_key(), key("question"), key("annotator"), col("n_labels", Integer),
    col("accuracy", Float(53)), maybe("matrix", LargeBinary), col("n_votes", BigInteger), col("at", BigInteger),
)
"""`matrix` is the confusion, true label by label said, as little-endian floats of 64 bits; absent where there are too many
labels, and one accuracy has to do."""

crowds = Table(
    "crowds", METADATA, project_key(), key("question"), col("n_labels", Integer), col("accuracy", Float(53)),
    maybe("matrix", LargeBinary), col("shares", LargeBinary), col("n_votes", BigInteger), col("at", BigInteger),
)
"""What everybody together does, which is what is expected of somebody new; `shares` is how likely each label is."""

workloads = Table(
    "workloads", METADATA, project_key(), key("annotator"), col("day", Integer), col("n", Integer),
    col("seconds", Float(53)), col("since", BigInteger), col("last", BigInteger),
)

flags = Table(
    "flags", METADATA, serial(), col("id", unique=True), project(), col("position", BigInteger), col("annotator"),
    col("act"), col("reason"), col("goes_to"), col("note"), col("salt"), col("hash"), col("at", BigInteger),
    of_item(),
)
"""`act` is what it came with: a flag, a skip, or an answer that says unsure."""
Index("ix_flags_item", flags.c.project, flags.c.position, flags.c.seq)

holds = Table(
    "holds", METADATA, serial(), project(), col("position", BigInteger), col("flag"), col("reason"), col("goes_to"),
    col("wanted", Integer), maybe("cls", SmallInteger), col("at", BigInteger), col("state"),
    of_item(),
)
"""An item that left the queue: `wanted` and `cls` are what it had there, `flag` the one that tipped it. `state` follows from
the decisions: a law, `flags.stale_holds` checks it."""
STILL_OUT = text("state IN ('open', 'excluded')")
Index(
    "ix_holds_one", holds.c.project, holds.c.position, unique=True, sqlite_where=STILL_OUT, postgresql_where=STILL_OUT,
)
Index("ix_holds_project_state_seq", holds.c.project, holds.c.state, holds.c.seq)
Index("ix_holds_item", holds.c.project, holds.c.position, holds.c.seq)

hold_decisions = Table(
    "hold_decisions", METADATA, serial(), col("id", unique=True), project(),
    Column("hold", BigInteger, ForeignKey("holds.seq"), nullable=False),
    col("by"), col("decision"), col("note"), col("salt"), col("hash"), col("at", BigInteger),
)
Index("ix_hold_decisions_hold", hold_decisions.c.hold, hold_decisions.c.seq)

NEVER_CHANGED = ("flags", "hold_decisions")
"""Tables whose rows the database itself refuses to change or remove."""
