"""Search: the words of items, indexed behind the queue's back, a few thousand items at a time.

In: the words of texts, made by `source.find`. Out: how far the index reaches; the condition that finds words in it. Never: a word
that means something to the database's own query language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Row, insert, select, text, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.search_tables import reaches
from goldseam.edge.store.tx import Tx
from goldseam.source.find import Phrase
from goldseam.vocab.items import Modality, ProjectId

SHIFT = 40
"""In SQLite all words stand in one index: an entry's number is the project's, moved by so many bits, plus the position."""
MANY = 5_000
"""Where so many items have the words, the next of them are never far."""


def reach(tx: Tx, project: ProjectId) -> tuple[int, int]:
    """Return the project's number in the index, and how many items are indexed; zeros before the first."""
    row = tx.first(select(reaches.c.number, reaches.c.reach).where(reaches.c.project == project))
    return (0, 0) if row is None else (row.number, row.reach)


def go_on(tx: Tx, project: ProjectId, n_items: int, words: Callable[[str], Sequence[str]]) -> int:
    """Index the next items, at most so many, and return how many are indexed then."""
    row = _locked(tx, project)
    items = tx.run(
        select(t.items.c.position, t.items.c.modality, t.items.c.content)
        .where(t.items.c.project == project, t.items.c.position >= row.reach)
        .order_by(t.items.c.position)
        .limit(n_items)
    ).all()
    if not items:
        return int(row.reach)
    # A picture's content is the hash of its bytes: nothing to seek it by.
    lines = [" ".join(words(item.content)) if item.modality != Modality.IMAGE.value else "" for item in items]
    if tx.dialect == "sqlite":
        made = [((row.number << SHIFT) + item.position, line) for item, line in zip(items, lines, strict=True)]
        tx.connection.exec_driver_sql("INSERT INTO search_words (rowid, words) VALUES (?, ?)", made)
    else:
        values = {"project": project, "positions": [item.position for item in items], "lines": lines}
        tx.run(_INSERT, values)
    done = int(items[-1].position) + 1
    tx.run(update(reaches).where(reaches.c.number == row.number).values(reach=done))
    return done


_INSERT = text(
    "INSERT INTO search_words (project, position, words) "
    "SELECT :project, u.position, to_tsvector('simple', u.line) "
    "FROM unnest(CAST(:positions AS bigint[]), CAST(:lines AS text[])) AS u(position, line) "
    "ON CONFLICT DO NOTHING"
)


def _locked(tx: Tx, project: ProjectId) -> Row[tuple[int, int]]:
    query = select(reaches.c.number, reaches.c.reach).where(reaches.c.project == project).with_for_update()
    row = tx.first(query)
    if row is None:
        if tx.dialect == "postgresql":  # two that begin at once: the second waits here, and finds the row
            tx.run(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"goldseam.search {project}"})
        row = tx.first(query)
    if row is None:
        tx.run(insert(reaches).values(project=project, reach=0))
        row = tx.first(query)
    assert row is not None  # noqa: S101 - it was made just now
    return row


def driver(tx: Tx, project: ProjectId, phrases: Sequence[Phrase]) -> tuple[str, dict[str, object]]:
    """Return the query (with `:after` and `:budget` left open) for positions where all of this stands, in order."""
    if tx.dialect == "sqlite":
        number, _ = reach(tx, project)
        sql = (
            "SELECT rowid - :base AS position FROM search_words WHERE search_words MATCH :match "
            "AND rowid > :base + :after AND rowid < :base + :width ORDER BY rowid LIMIT :budget"
        )
        match = " AND ".join(f'"{" ".join(one.words)}"{"*" if one.is_begun else ""}' for one in phrases)
        return sql, {"base": number << SHIFT, "width": 1 << SHIFT, "match": match}
    parts = {f"phrase_{at}": _vector(one) for at, one in enumerate(phrases)}
    # One question, not one a phrase: the index then goes by its rarest word instead of reading all that have a common one.
    asked = " && ".join(f"CAST(:{name} AS tsquery)" for name in parts)
    fitting = f"FROM search_words WHERE project = :project AND position > :after AND words @@ ({asked})"
    # In order only where many fit: asked for few in order, PostgreSQL may walk through the whole project to find one.
    sql = (
        f"WITH few AS MATERIALIZED (SELECT position {fitting} LIMIT {MANY}) "
        f"SELECT position FROM few WHERE (SELECT count(*) FROM few) < {MANY} "
        f"UNION ALL SELECT * FROM (SELECT position {fitting} AND (SELECT count(*) FROM few) = {MANY} "
        "ORDER BY position LIMIT :budget) AS many ORDER BY position LIMIT :budget"
    )
    return sql, dict(parts)


def _vector(phrase: Phrase) -> str:
    """Return a phrase as PostgreSQL reads it; its words are letters and digits alone."""
    words = [f"'{word}'" for word in phrase.words]
    return " <-> ".join([*words[:-1], words[-1] + (":*" if phrase.is_begun else "")])
