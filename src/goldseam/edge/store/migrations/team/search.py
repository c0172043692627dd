"""The tables of search: how far words are indexed, the words, and indexes by which lists of items are sought.

In: revision 0002. Out: two tables, their indexes, and five of other tables. Never: a change to this file after the release that
carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, serial, text

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    op.create_table(
        "search_reaches",
        serial("number"), text("project"), big("reach"),
        sa.PrimaryKeyConstraint("number", name="pk_search_reaches"),
        sa.UniqueConstraint("project", name="uq_search_reaches_project"),
    )
    if op.get_bind().dialect.name == "sqlite":
        # Only the index is kept, not a second copy of the texts; what was found is looked up among the items.
        op.execute("CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, tokenize='unicode61')")
    else:
        op.execute(
            "CREATE TABLE search_words (project text NOT NULL, position bigint NOT NULL, words tsvector NOT NULL, "
            "PRIMARY KEY (project, position))"
        )
        op.execute("CREATE INDEX search_words_words ON search_words USING gin (words)")
    _index("ix_queue_wanting", "queue", ["project", "position"], "wanted > done")
    _index("ix_queue_given", "queue", ["project", "position"], "done >= wanted")
    _index("ix_annotations_by", "annotations", ["project", "annotator", "position"])
    _index("ix_settlements_label", "settlements", ["project", "question", "label", "position"])
    _index("ix_settlements_confidence", "settlements", ["project", "question", "confidence", "position"])


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
