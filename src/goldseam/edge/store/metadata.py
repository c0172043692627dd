"""Metadata: fields of many items at once, as columns; and items found by them, a bounded stretch of the intake at a time.

In: positions, names of fields. Out: columns of text. Never: the whole project in memory, or in one call of the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, chunks, within
from goldseam.vocab.items import ProjectId

Columns = dict[str, NDArray[np.object_]]
STRETCH = 20_000
"""How many places of the intake are looked at in one go."""


def columns(tx: Tx, project: ProjectId, positions: Positions, names: Sequence[str]) -> Columns:
    """Return these fields of these items, in this order; empty where an item has none."""
    parsed = whole(tx, project, positions) if names else []
    return {name: _column(parsed, name) for name in names}


def whole(tx: Tx, project: ProjectId, positions: Positions) -> list[dict[str, Any]]:
    """Return all metadata of these items, in this order."""
    found: dict[int, dict[str, Any]] = {}
    c = t.items.c
    for first in range(0, len(positions), STRETCH):
        query = select(c.position, c.metadata).where(
            c.project == project, within(tx, c.position, positions[first : first + STRETCH])
        )
        found.update((position, json.loads(text)) for rows in chunks(tx, query) for position, text in rows)
    return [found.get(position, {}) for position in positions.tolist()]


def stretches(tx: Tx, project: ProjectId, names: Sequence[str]) -> Iterator[tuple[Positions, Columns]]:
    """Yield the whole intake in order: positions and these fields, a stretch at a time."""
    after = -1
    while True:
        positions, found = stretch(tx, project, names, after)
        if not len(positions):
            return
        yield positions, found
        after = int(positions[-1])


def stretch(
    tx: Tx, project: ProjectId, names: Sequence[str], after: int, limit: int = STRETCH
) -> tuple[Positions, Columns]:
    """Return the items after this position, up to so many, with these fields."""
    c = t.items.c
    query = select(c.position, c.metadata).where(c.project == project, c.position > after)
    rows = [row for some in chunks(tx, query.order_by(c.position).limit(limit)) for row in some]
    parsed = [json.loads(text) for _, text in rows] if names else []
    return np.array([row[0] for row in rows], np.int64), {name: _column(parsed, name) for name in names}


def _column(parsed: Sequence[dict[str, object]], name: str) -> NDArray[np.object_]:
    column = np.empty(len(parsed), object)
    column[:] = [_text(fields.get(name, "")) for fields in parsed]
    return column


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
