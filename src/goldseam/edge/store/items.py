"""Items: what was taken in, what was a duplicate, and what was refused.

In: items with where they came from. Out: positions, items, contents. Never: an item changed, or media bytes
(`edge.blobs`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, and_, bindparam, func, insert, select, text, update

from goldseam.edge.store import projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, Values, chunks, insert_columns, micros, moment, new_id, pack, within
from goldseam.source.runs import PREFIX, of_digits
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import ITEM_ID_DIGITS, Item, ItemId, Modality, Origin, ProjectId

JOINED = 100_000
"""Rows that PostgreSQL joins to one text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and its place in the intake."""

    position: int
    item: Item


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A raw record that was refused: where it stood, why, and its text."""

    source: str
    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """What one source gave: counts so far, and whether it was read to its end."""

    id: str
    source: str
    accepted: int
    duplicate: int
    refused: int
    finished: bool
    at: datetime


def start_intake(tx: Tx, project: ProjectId, source: str, now: datetime) -> str:
    """Begin to take in a source and return the intake's id."""
    intake = new_id(now)
    counts = {"accepted": 0, "duplicate": 0, "refused": 0, "finished": 0}
    tx.run(insert(t.intakes).values(id=intake, project=project, source=source, at=micros(now), **counts))
    return intake


def count_intake(tx: Tx, intake: str, accepted: int, duplicate: int, refused: int, *, finished: bool) -> None:
    """Add to the counts of an intake."""
    c = t.intakes.c
    tx.run(
        update(t.intakes)
        .where(c.id == intake)
        .values(
            accepted=c.accepted + accepted,
            duplicate=c.duplicate + duplicate,
            refused=c.refused + refused,
            finished=int(finished),
        )
    )


def intakes(tx: Tx, project: ProjectId) -> tuple[IntakeRow, ...]:
    """Return the project's intakes, oldest first."""
    rows = tx.run(select(t.intakes).where(t.intakes.c.project == project).order_by(t.intakes.c.at, t.intakes.c.id))
    return tuple(
        IntakeRow(r.id, r.source, r.accepted, r.duplicate, r.refused, bool(r.finished), moment(r.at)) for r in rows
    )


def places_of(tx: Tx, project: ProjectId, ids: Sequence[ItemId]) -> dict[ItemId, int]:
    """Return the positions of those of the ids that the project has."""
    c = t.item_ids.c
    query = select(c.id, c.position).where(c.project == project, within(tx, c.id, ids))
    return {ItemId(item_id): position for rows in chunks(tx, query) for item_id, position in rows}


def add_duplicates(tx: Tx, project: ProjectId, intake: str, lines: Values, positions: Values) -> None:
    """Keep which lines of a source repeated which items."""
    columns = {"project": project, "intake": intake, "line": lines, "position": positions}
    insert_columns(tx, t.duplicates, columns)


def quarantine(tx: Tx, project: ProjectId, intake: str, refused: Sequence[Quarantined]) -> None:
    """Keep refused records, each with its reason."""
    columns: dict[str, Values | object] = {
        "project": project,
        "intake": intake,
        "source": [bad.source for bad in refused],
        "line": [bad.line for bad in refused],
        "reason": [bad.reason for bad in refused],
        "text": [bad.text for bad in refused],
    }
    insert_columns(tx, t.quarantine, columns)


def quarantined(tx: Tx, project: ProjectId, after: int = 0, limit: int = 100) -> tuple[tuple[int, Quarantined], ...]:
    """Return refused records with their sequence numbers, from after one of these on."""
    q = t.quarantine
    rows = tx.run(select(q).where(q.c.project == project, q.c.seq > after).order_by(q.c.seq).limit(limit))
    return tuple((row.seq, Quarantined(row.source, row.line, row.reason, row.text)) for row in rows)


_ITEM_COLUMNS = (
    t.items.c.position,
    t.items.c.modality,
    t.items.c.content,
    t.items.c.media_type,
    t.items.c.metadata,
    t.items.c.source,
    t.items.c.line,
    t.items.c.key,
)
_SOME = {
    dialect: text(
        f"SELECT {', '.join(column.name for column in _ITEM_COLUMNS)} FROM items WHERE project = :project {among}"
    )
    for dialect, among in (
        ("sqlite", "AND position IN (SELECT value FROM json_each(:some))"),
        ("postgresql", "AND position = ANY(CAST(:some AS bigint[]))"),
    )
}
"""Asked for with every lease: as text it needs no building."""
_ONE = text(
    f"SELECT {', '.join(column.name for column in _ITEM_COLUMNS)} FROM items WHERE project = :project "
    "AND position = :position"
)
_FIND = (
    select(*_ITEM_COLUMNS)
    .join(t.item_ids, and_(t.item_ids.c.project == t.items.c.project, t.item_ids.c.position == t.items.c.position))
    .where(t.item_ids.c.id == bindparam("id"), t.item_ids.c.project == bindparam("project"))
)
_AT = select(*_ITEM_COLUMNS).where(
    t.items.c.project == bindparam("project"), t.items.c.position == bindparam("position")
)


def at(tx: Tx, project: ProjectId, position: int) -> Item:
    """Return the item at this position.

    Raises
    ------
    NotFound
        If the project has none there.
    """
    row = tx.first(_AT, {"project": project, "position": position})
    if row is None:
        raise NotFound("There is no such item.", position=position)
    return _item(row)


def find(tx: Tx, project: ProjectId, item_id: ItemId) -> Placed:
    """Return the item of this id and its position.

    Raises
    ------
    NotFound
        If the project has none.
    """
    row = tx.first(_FIND, {"project": project, "id": item_id})
    if row is None:
        raise NotFound("There is no such item.", item=item_id)
    return Placed(row.position, _item(row))


def page(tx: Tx, project: ProjectId, after: int = -1, limit: int = 50) -> tuple[Placed, ...]:
    """Return items in the order of intake, from after this position on."""
    c = t.items.c
    query = select(*_ITEM_COLUMNS).where(c.project == project, c.position > after).order_by(c.position).limit(limit)
    return tuple(Placed(row.position, _item(row)) for row in tx.run(query))


def some(tx: Tx, project: ProjectId, positions: Positions) -> tuple[Item, ...]:
    """Return the items at these positions, in this order.

    Raises
    ------
    NotFound
        If the project lacks one.
    """
    if len(positions) == 1:
        rows = tx.quick(_ONE, {"project": project, "position": int(positions[0])})
    else:
        rows = tx.quick(_SOME[tx.dialect], {"project": project, "some": pack(tx, positions)})
    found = {position: item_of(modality, *rest) for position, modality, *rest in rows}
    return tuple(_each(found, positions))


def _each(found: dict[int, Any], positions: Positions) -> list[Any]:
    try:
        return [found[position] for position in positions.tolist()]
    except KeyError as error:
        raise NotFound("There is no such item.", position=error.args[0]) from None


def contents(tx: Tx, project: ProjectId, positions: Positions) -> list[str]:
    """Return texts (or hashes of media) at these positions, in this order."""
    return _one_column(tx, project, positions, "content")


def ids_of(tx: Tx, project: ProjectId, positions: Positions) -> list[ItemId]:
    """Return the ids of these positions, in this order."""
    return [ItemId(item_id) for item_id in _one_column(tx, project, positions, "id")]


def _one_column(tx: Tx, project: ProjectId, positions: Positions, name: str) -> list[str]:
    query = select(t.items.c.position, t.items.c[name]).where(
        t.items.c.project == project, within(tx, t.items.c.position, positions)
    )
    found = {position: value for rows in chunks(tx, query) for position, value in rows}
    return _each(found, positions)


def positions_of(tx: Tx, project: ProjectId, ids: Sequence[ItemId]) -> Positions:
    """Return the positions of these ids, in this order.

    Raises
    ------
    NotFound
        If the project lacks one; the message names it.
    """
    place = places_of(tx, project, ids)
    missing = [item_id for item_id in ids if item_id not in place]
    if missing:
        raise NotFound(f"The project has no item {missing[0]!r}.", items=missing[:20])
    return np.fromiter((place[item_id] for item_id in ids), np.int64, len(ids))


def known(tx: Tx, project: ProjectId, ids: Sequence[ItemId]) -> set[ItemId]:
    """Return those of the ids that the project has."""
    return set(places_of(tx, project, ids))


def positions_by_key(tx: Tx, project: ProjectId) -> dict[str, int]:
    """Return the position of every item that its source gave a key; of equal keys the first counts."""
    c = t.items.c
    query = select(c.key, func.min(c.position)).where(c.project == project, c.key != "").group_by(c.key)
    return {key: position for rows in chunks(tx, query) for key, position in rows}


def all_ids(tx: Tx, project: ProjectId) -> list[ItemId]:
    """Return the ids of all items; the place in the list is the position."""
    query = select(t.items.c.id).where(t.items.c.project == project).order_by(t.items.c.position)
    return [ItemId(item_id) for rows in chunks(tx, query) for (item_id,) in rows]


def all_ids_digest(tx: Tx, project: ProjectId) -> tuple[int, str]:
    """Return how many items there are, and the SHA-256 (hexadecimal) over their ids, each with a line end."""
    found, n_items = hashlib.sha256(), 0
    for ids, n in _joined_ids(tx, project, ITEM_ID_DIGITS, "\n"):
        found.update(ids.encode())
        n_items += n
    return n_items, found.hexdigest()


def id_prefixes(tx: Tx, project: ProjectId) -> NDArray[np.uint64]:
    """Return the first 64 bits of every id, as numbers."""
    parts = [of_digits(digits) for digits, _ in _joined_ids(tx, project, PREFIX, "")]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _joined_ids(tx: Tx, project: ProjectId, n_digits: int, end: str) -> Iterator[tuple[str, int]]:
    """Yield the first digits of the items' ids in their order, each with this end, and how many: thousands in one text."""
    c = t.items.c
    if tx.dialect == "sqlite":
        query = select(func.substr(c.id, 1, n_digits)).where(c.project == project).order_by(c.position)
        for rows in chunks(tx, query):
            yield "".join([f"{digits}{end}" for (digits,) in rows]), len(rows)
        return
    # The server joins them: a row by itself costs more on its way than all that is in it.
    last = tx.run(select(func.max(c.position)).where(c.project == project)).scalar_one()
    for first in range(0, -1 if last is None else last + 1, JOINED):
        window = {"project": project, "first": first, "behind": first + JOINED, "digits": n_digits, "end": end}
        row = tx.run(_JOINED_IDS, window).one()
        if row.n:
            yield row.ids, row.n


_JOINED_IDS = text(
    "SELECT string_agg(left(id, :digits) || :end, '' ORDER BY position) AS ids, count(*) AS n FROM items "
    "WHERE project = :project AND position >= :first AND position < :behind"
)


def metadata_column(tx: Tx, project: ProjectId, positions: Positions, name: str) -> list[str]:
    """Return one metadata field of these items, in this order; empty where an item has none."""
    return [json.loads(text).get(name, "") for text in _one_column(tx, project, positions, "metadata")]


def recounted(tx: Tx, project: ProjectId) -> int:
    """Return the number of items, counted afresh: by law `Project.n_items`."""
    return int(tx.run(select(func.count()).where(t.items.c.project == project)).scalar_one())


def places(tx: Tx, project: ProjectId) -> Positions:
    """Return all positions."""
    return np.arange(projects.get(tx, project).n_items, dtype=np.int64)


def _item(row: Row[Any]) -> Item:
    return item_of(row.modality, row.content, row.media_type, row.metadata, row.source, row.line, row.key)


def item_of(modality: str, content: str, media_type: str, metadata: str, source: str, line: int, key: str) -> Item:
    """Return the item of these columns."""
    return Item(
        modality=Modality(modality),
        content=content,
        origin=Origin(source, line, key),
        media_type=media_type,
        metadata=MappingProxyType(json.loads(metadata)),
    )
