"""Exports: every answer that stands as the database has it, item by item, a page at a time.

In: where the page before ended. Out: rows. Never: a record per row, or a snapshot held while somebody reads slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx
from goldseam.vocab.items import ProjectId

COLUMNS = (
    "position", "annotation", "item", "key", "source", "line", "content", "annotator", "question", "answer", "purpose",
    "reaction", "seconds", "schema_version", "guideline_version", "surplus", "entry", "at",
)  # fmt: skip
"""What a row has, in this order."""

_PAGE = text(
    "SELECT a.position, a.id, i.id, i.key, i.source, i.line, i.content, a.annotator, a.question, a.answer, a.purpose, "
    "a.reaction, a.seconds, a.schema_version, a.guideline_version, a.surplus, e.position, a.at "
    "FROM annotations a JOIN items i ON i.project = a.project AND i.position = a.position "
    "LEFT JOIN entries e ON e.seq = a.entry_seq "
    "WHERE a.project = :project AND a.position >= :position AND (a.position > :position OR a.id > :id) "
    "AND a.entry_seq <= :last AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.annotation = a.id) "
    "ORDER BY a.position, a.id LIMIT :limit"
)


def newest(tx: Tx) -> int:
    """Return the newest entry's number: an answer that came after it is not in an export that began before."""
    return int(tx.run(select(func.coalesce(func.max(t.entries.c.seq), 0))).scalar_one())


def page(tx: Tx, project: ProjectId, after: tuple[int, str], last: int, limit: int) -> Sequence[Sequence[Any]]:
    """Return the answers after this position and annotation, by position and then by id."""
    values = {"project": project, "position": after[0], "id": after[1], "last": last, "limit": limit}
    return tx.run(_PAGE, values).all()
