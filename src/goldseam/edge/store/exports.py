"""Exports: every answer that stands as the database has it, item by item, a page at a time; the items of a release as columns.

In: where the page before ended; positions. Out: rows, columns. Never: a record per row, or a snapshot held while somebody reads
slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np
from sqlalchemy import func, select, text

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, chunks, within
from goldseam.vocab.errors import NotFound
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


# --- items of a release ---

RELEASED = ("id", "content_hash", "modality", "content", "media_type", "source", "line", "key", "metadata")
SCANNED = 4
"""Where at least one item in so many is asked for, all are read in order, and the others are passed over."""


def released(tx: Tx, project: ProjectId, positions: Positions) -> dict[str, list[Any]]:
    """Return the columns of `RELEASED` of these items, given and returned in the order of intake."""
    c = t.items.c
    query = select(c.position, *(c[name] for name in RELEASED)).where(c.project == project).order_by(c.position)
    wanted = np.zeros(int(positions[-1]) + 1 if len(positions) else 0, np.bool_)
    wanted[positions] = True
    if len(positions) * SCANNED < len(wanted):
        query = query.where(within(tx, c.position, positions))
    sides: list[list[Any]] = [[] for _ in RELEASED]
    for rows in chunks(tx, query):
        place, *columns = zip(*rows, strict=True)
        at = np.fromiter(place, np.int64, len(place))
        chosen = np.zeros(len(at), np.bool_)
        chosen[at < len(wanted)] = wanted[at[at < len(wanted)]]
        for side, column in zip(sides, columns, strict=True):
            side.extend(compress(column, chosen.tolist()))
    found = dict(zip(RELEASED, sides, strict=True))
    if len(sides[0]) != len(positions):
        raise NotFound("The project lacks an item that has a label.")
    return found
