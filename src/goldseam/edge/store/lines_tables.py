"""The tables of lines: what the queue's numbered lines stand for, who holds which skill, and batches given by hand.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, Table, Text, UniqueConstraint, text

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project, project_key

# fmt: off
# One line holds several columns, so that a table can be seen whole.

lines = Table(
    "lines", METADATA, project_key(), key("cls", SmallInteger), col("tier", SmallInteger), col("priority", SmallInteger),
    col("skills"), col("segment"), col("batch", server_default=""), col("due", BigInteger, server_default="0"),
    UniqueConstraint("project", "tier", "priority", "skills", "segment", "batch"),
)
"""`cls` is what rows of the queue carry; 0 to 3 need no row here: they are the tiers, without skills, at priority 0.
`skills` is a JSON list in order. A line of a `batch` is for that batch's people until `due`; all others are due from the
beginning."""
Index("ix_lines_project_due", lines.c.project, lines.c.due)
Index("ix_lines_project_batch", lines.c.project, lines.c.batch)
OF_BATCHES = text("batch <> ''")
Index("ix_lines_overdue", lines.c.due, sqlite_where=OF_BATCHES, postgresql_where=OF_BATCHES)

skills = Table(
    "skills", METADATA, project_key(),
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    key("skill"), col("level", Integer, server_default="1"), col("granted_at", BigInteger), col("by"), col("how"),
)

batches = Table(
    "batches", METADATA, key("id"), project(), col("name"), col("purpose"), col("by"),
    col("n_items", Integer), maybe("due", BigInteger), col("made_at", BigInteger), maybe("ended_at", BigInteger),
)
Index("ix_batches_project_id", batches.c.project, batches.c.id)

batch_people = Table(
    "batch_people", METADATA, project_key(),
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
)
Index("ix_batch_people_batch", batch_people.c.batch)

batch_items = Table(
    "batch_items", METADATA, Column("batch", Text, ForeignKey("batches.id"), primary_key=True),
    key("position", BigInteger), project(),
    of_item(),
    sqlite_with_rowid=False,
)
