"""The tables of the guard against rubber-stamping: what was shown to whom, figures of its pull, labels switched off.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from goldseam.edge.store.declare import METADATA, col, maybe, of_item, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

showings = Table(
    "showings", METADATA, Column("assignment", Text, ForeignKey("assignments.id"), primary_key=True), project(),
    col("position", BigInteger), col("annotator"), col("model"), col("way"), col("suggested", Integer),
    maybe("wrong", Integer), col("at", BigInteger), of_item(),
)
"""`suggested` is what the model suggests, as a code; `wrong` the label that was suggested wrongly, or would have been."""
Index("ix_showings_project", showings.c.project, showings.c.at)

pulls = Table("pulls", METADATA, serial(), project(), col("body"), col("at", BigInteger))
"""Figures of the anchoring effect as they were measured; the newest count."""
Index("ix_pulls_project", pulls.c.project, pulls.c.seq)

label_switches = Table(
    "label_switches", METADATA, serial(), col("id", unique=True), project(), col("label", Integer), col("state"),
    col("reason"), col("by"), col("at", BigInteger),
)
"""A label's suggestions were switched off or on again; the newest row of a label counts."""
Index("ix_label_switches_project", label_switches.c.project, label_switches.c.label, label_switches.c.seq)

NEVER_CHANGED = ("label_switches", "pulls")
"""Tables whose rows the database itself refuses to change or remove."""
