"""Exports: every answer that stands as the database has it, item by item, a page at a time; the items of a release as columns.

In: where the page before ended; positions. Out: rows, columns. Never: a record per row, or a snapshot held while somebody reads
slowly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import func, select, text

from goldseam.edge.store import tables as t
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON
from goldseam.edge.store.tx import Positions, Tx, pack
from goldseam.formats.texts import Coded, Texts, coded
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import ITEM_ID_DIGITS, ProjectId

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

RELEASED = ("content_hash", "modality", "content", "media_type", "source", "line", "key", "metadata")
USUAL = ("modality", "media_type", "source", "metadata")
"""Columns that in most projects are the same in every row: those that are, are read once."""
WINDOW = 10_000
SCANNED = 4
"""Where at least one item in so many is asked for, all of a window are read, and the others are passed over."""
_IN = "FROM items i WHERE i.project = :project AND i.position >= :first AND i.position < :end"
_FIRST = text(f"SELECT {', '.join(USUAL)} FROM items WHERE project = :project ORDER BY position LIMIT 1")
_OTHERS = text(
    f"SELECT {', '.join(f'max(CASE WHEN {name} <> :{name} THEN 1 ELSE 0 END)' for name in USUAL)} "
    "FROM items WHERE project = :project"
)
_ARRAY = {"sqlite": "json_group_array({})", "postgresql": "CAST(json_agg({}) AS text)"}
_SOME = {"sqlite": AMONG_JSON, "postgresql": AMONG_BIGINTS}


def released(tx: Tx, project: ProjectId, positions: Positions) -> dict[str, Sequence[Any]]:
    """Return the columns of `RELEASED`, and `id`, of these items, given and returned in the order of intake.

    The database hands over windows of them as JSON, a column in one text: several times as fast as row by row.
    """
    first = tx.run(_FIRST, {"project": project}).first() if len(positions) else None
    same = {} if first is None else _everywhere(tx, project, first)
    asked = [name for name in RELEASED if name not in same]
    sides: dict[str, list[Any]] = {name: [] for name in asked}
    for start in range(0, int(positions[-1]) + 1 if len(positions) else 0, WINDOW):
        low, high = np.searchsorted(positions, (start, start + WINDOW))
        if low < high:
            for name, cells in zip(asked, _window(tx, project, positions[low:high], start, asked), strict=True):
                sides[name].extend(cells)
    if len(sides["content_hash"]) != len(positions):
        raise NotFound("The project lacks an item that has a label.")
    found: dict[str, Sequence[Any]] = {"id": Texts(each[:ITEM_ID_DIGITS] for each in sides["content_hash"])}
    for name in RELEASED:
        if name in same:
            found[name] = Coded(np.zeros(len(positions), np.int8), (same[name],))
        elif name in {"modality", "media_type", "source"}:
            found[name] = coded(sides.pop(name))
        else:
            cells = sides.pop(name)
            found[name] = cells if name in {"line", "metadata"} else Texts(cells)
    return found


def _everywhere(tx: Tx, project: ProjectId, first: Sequence[str]) -> dict[str, str]:
    """Return the values of those of the usual columns that are the same in all rows."""
    usual = dict(zip(USUAL, first, strict=True))
    others = tx.run(_OTHERS, {"project": project, **usual}).one()
    return {name: usual[name] for name, differs in zip(USUAL, others, strict=True) if not differs}


def _window(tx: Tx, project: ProjectId, wanted: Positions, start: int, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield the columns of some items of a window, in order."""
    values: dict[str, object] = {"project": project, "first": start, "end": start + WINDOW}
    few = f"AND i.position {_SOME[tx.dialect]}" if len(wanted) * SCANNED < WINDOW else ""
    if few:
        values["some"] = pack(tx, wanted)
    sides = ", ".join(_ARRAY[tx.dialect].format(f"w.{name}") for name in ("position", *names))
    query = text(f"SELECT {sides} FROM (SELECT i.position, {', '.join(names)} {_IN} {few} ORDER BY i.position) w")
    place, *columns = (json.loads(side or "[]") for side in tx.run(query, values).one())
    at = np.array(place, np.int64)
    order = np.flatnonzero(np.isin(at, wanted)) if len(at) != len(wanted) else None
    if np.any(at[1:] <= at[:-1]):
        raise AssertionError("A database gave the rows of a window in another order than was asked for.")
    for column in columns:
        yield column if order is None else [column[row] for row in order.tolist()]
