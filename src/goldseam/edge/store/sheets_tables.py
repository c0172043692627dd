"""The tables of sheets: items that the model calls the same, confirmed together, and what came of each sheet.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, Table, Text

from goldseam.edge.store.declare import METADATA, col, key, maybe, project

# fmt: off
# One line holds several columns, so that a table can be seen whole.

sheets = Table(
    "sheets", METADATA, key("id"), project(), col("annotator"), col("question"), col("label", Integer), col("model"),
    col("at", BigInteger), col("state"), maybe("closed"), maybe("undone"), col("n_shown", Integer),
    col("n_confirmed", Integer, server_default="0"), col("n_planted", Integer, server_default="0"),
    col("n_caught", Integer, server_default="0"),
)
"""`closed` and `undone` are the ids under which that was asked for. `n_planted` are gold items of another label among those
shown; `n_caught` are those of them that were not confirmed."""
Index("ix_sheets_own", sheets.c.project, sheets.c.annotator, sheets.c.at)
Index("ix_sheets_label", sheets.c.project, sheets.c.model, sheets.c.label, sheets.c.at)

sheet_items = Table(
    "sheet_items", METADATA,
    Column("sheet", Text, ForeignKey("sheets.id"), primary_key=True), key("position", BigInteger), col("assignment"),
    col("planted", SmallInteger), col("sampled", SmallInteger, server_default="0"),
)
"""`sampled`: whether somebody else is asked about the item, to see whether what was confirmed is right."""
