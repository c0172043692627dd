"""The tables and indexes of search: how far each project's words are indexed, and what lists of items are sought by.

In: nothing. Out: `reaches`, and indexes on tables of others. Never: a query, or a row that cannot be made anew from the items.

The words themselves stand in `search_words`, which the two databases have in forms of their own: an FTS5 table in SQLite, a
table of text vectors in PostgreSQL. Neither is a table of `METADATA`, and no backup holds them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Table, text

from goldseam.edge.store import tables as t
from goldseam.edge.store.declare import METADATA, col, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

reaches = Table(
    "search_reaches", METADATA, serial("number"), col("project", unique=True), col("reach", BigInteger),
)
"""Items before `reach` are indexed; `number` tells projects apart where all words stand in one index."""

WORDS = "search_words"
"""The name of the index of words, and what the names of the tables behind it begin with."""

WANTING, GIVEN = text("wanted > done"), text("done >= wanted")
Index("ix_queue_wanting", t.queue.c.project, t.queue.c.position, sqlite_where=WANTING, postgresql_where=WANTING)
Index("ix_queue_given", t.queue.c.project, t.queue.c.position, sqlite_where=GIVEN, postgresql_where=GIVEN)
Index("ix_annotations_by", t.annotations.c.project, t.annotations.c.annotator, t.annotations.c.position)
Index(
    "ix_settlements_label", t.settlements.c.project, t.settlements.c.question, t.settlements.c.label,
    t.settlements.c.position,
)
Index(
    "ix_settlements_confidence", t.settlements.c.project, t.settlements.c.question, t.settlements.c.confidence,
    t.settlements.c.position,
)
