"""Batches: items given to some people by hand; where each stands in the queue, and the way back to everybody's lines.

In: items, people, until when. Out: batches with how far each is. Never: an answer lost when a batch ends; leases and votes
stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, update

from goldseam.edge.store import lines, projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.ending import AMONG_TEXTS
from goldseam.edge.store.leasing import AMONG_BIGINTS, AMONG_JSON
from goldseam.edge.store.lines_tables import batch_items, batch_people, batches
from goldseam.edge.store.tx import Positions, Tx, insert_columns, maybe_moment, micros, moment, pack
from goldseam.route.lines import Line
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

CHUNK = 200
"""How many items of a batch that is over go back at a time, beside somebody's call for work."""
PERSONAL = frozenset({Purpose.CALIBRATION, Purpose.QUALIFICATION})
"""Purposes for which everybody in the batch answers every item, and nobody else ever does."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items given to some people by hand: they are served first to them, and to nobody else until due or ended."""

    id: str
    project: ProjectId
    name: str
    purpose: Purpose
    by: AnnotatorId
    n_items: int
    due: datetime | None
    made_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """Where an item stands for a purpose: its line (None if in none), open places, and how many of the people may answer."""

    position: int
    line: int | None
    n_open: int
    n_may: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a batch's items still want answers, and how many people were asked."""

    n_waiting: int
    people: tuple[AnnotatorId, ...]


_WAITS = {
    dialect: text(
        "SELECT i.position, q.cls, coalesce(q.wanted - q.done - q.live, 0) AS n_open, (SELECT count(*) FROM assignments a "
        "WHERE a.project = i.project AND a.position = i.position AND a.state <> 'expired' "
        f"AND a.annotator {people}) AS n_asked FROM items i LEFT JOIN queue q ON q.project = i.project "
        "AND q.position = i.position AND q.purpose = :purpose "
        f"WHERE i.project = :project AND i.position {among.replace(':some', ':positions')}"
    )
    for dialect, people, among in (
        ("sqlite", AMONG_JSON, AMONG_JSON),
        ("postgresql", AMONG_TEXTS, AMONG_BIGINTS),
    )
}
_PLACED = (
    "ON CONFLICT (project, position, purpose) DO UPDATE SET cls = excluded.cls, ord = excluded.ord, "
    "wanted = CASE WHEN queue.wanted - queue.done - queue.live < excluded.wanted "
    "THEN queue.done + queue.live + excluded.wanted ELSE queue.wanted END"
)
_BACK = text(
    "SELECT q.position, q.purpose, q.cls FROM batch_items b "
    "JOIN queue q ON q.project = b.project AND q.position = b.position "
    "JOIN lines l ON l.project = q.project AND l.cls = q.cls AND l.batch = b.batch "
    "WHERE b.batch = :batch ORDER BY q.ord LIMIT :limit"
)
_LET_GO = text(
    "UPDATE assignments SET counted = 0 WHERE project = :project AND position = :position AND purpose = :purpose "
    "AND state = 'leased'"
)
_END = text(
    "UPDATE queue SET live = 0, wanted = done WHERE project = :project AND position = :position AND purpose = :purpose"
)
_FINISHED = text(
    "SELECT p.batch FROM batch_people p JOIN batches m ON m.id = p.batch "
    "WHERE p.project = :project AND p.annotator = :annotator AND m.purpose NOT IN ('calibration', 'qualification') "
    "AND NOT EXISTS (SELECT 1 FROM batch_items b JOIN queue q ON q.project = b.project AND q.position = b.position "
    "AND q.wanted > q.done JOIN lines l ON l.project = q.project AND l.cls = q.cls AND l.batch = b.batch "
    "JOIN batch_people o ON o.batch = b.batch WHERE b.batch = p.batch AND NOT EXISTS (SELECT 1 FROM assignments a "
    "WHERE a.project = b.project AND a.position = b.position AND a.annotator = o.annotator "
    "AND a.state IN ('submitted', 'skipped')))"
)
_DUE_NOW = text("UPDATE lines SET due = :now WHERE project = :project AND batch = :batch AND due > :now")
_OVERDUE = text("SELECT project, batch FROM lines WHERE batch <> '' AND due <= :now LIMIT 1")
_WAITING = {
    dialect: text(
        "SELECT b.batch, count(*) AS n FROM batch_items b JOIN queue q ON q.project = b.project AND q.position = b.position "
        "JOIN lines l ON l.project = q.project AND l.cls = q.cls AND l.batch = b.batch "
        f"WHERE b.batch {among} AND q.wanted > q.done GROUP BY b.batch"
    )
    for dialect, among in (("sqlite", AMONG_JSON), ("postgresql", AMONG_TEXTS))
}


def waits(
    tx: Tx, project: ProjectId, positions: Positions, purpose: Purpose, people: Sequence[AnnotatorId]
) -> dict[int, Waits]:
    """Return where these items stand for a purpose, and for how many of these people; the project's row stays locked."""
    projects.locked(tx, project)
    lines.hold(tx, project, positions.tolist())
    values = {"project": project, "purpose": purpose.value, "some": pack(tx, list(people))}
    rows = tx.run(_WAITS[tx.dialect], {**values, "positions": pack(tx, positions)})
    return {row.position: Waits(row.position, row.cls, row.n_open, len(people) - row.n_asked) for row in rows}


def add(tx: Tx, batch: Batch, people: Sequence[AnnotatorId], positions: Positions) -> None:
    """Keep a batch, its people and its items; or add items to one that is there."""
    kept = find(tx, batch.project, batch.id)
    if kept is None:
        values = {"name": batch.name, "purpose": batch.purpose.value, "by": batch.by, "n_items": len(positions)}
        times = {"due": None if batch.due is None else micros(batch.due), "made_at": micros(batch.made_at)}
        tx.run(insert(batches).values(id=batch.id, project=batch.project, **values, **times))
        insert_columns(tx, batch_people, {"project": batch.project, "annotator": list(people), "batch": batch.id})
    else:
        more = batches.c.n_items + len(positions)
        tx.run(update(batches).where(batches.c.id == batch.id).values(n_items=more))
    columns = {"batch": batch.id, "position": positions, "project": batch.project}
    insert_columns(tx, batch_items, columns, then="ON CONFLICT (batch, position) DO NOTHING")


def place(
    tx: Tx, project: ProjectId, purpose: Purpose, positions: Positions, cls: Sequence[int], more: Sequence[int]
) -> None:
    """Put items into lines, in this order; each wants at least `more` answers beyond those given or under way."""
    first = projects.allocate_ord(tx, project, len(positions))
    lines.hold(tx, project, positions.tolist())
    columns = {
        "project": project,
        "position": positions,
        "purpose": purpose.value,
        "cls": list(cls),
        "ord": list(range(first, first + len(positions))),
        "wanted": list(more),
    }
    insert_columns(tx, t.queue, columns, then=_PLACED)


def find(tx: Tx, project: ProjectId, batch: str) -> Batch | None:
    """Return the batch of this id."""
    row = tx.first(select(batches).where(batches.c.id == batch, batches.c.project == project))
    return None if row is None else _batch(row)


def listing(
    tx: Tx, project: ProjectId, *, annotator: AnnotatorId | None = None, before: str | None = None, limit: int = 50
) -> tuple[Batch, ...]:
    """Return batches, newest first: all, or those that somebody is to answer."""
    c = batches.c
    query = select(batches).where(c.project == project).order_by(c.id.desc()).limit(limit)
    if annotator is not None:
        p = batch_people.c
        query = query.join(batch_people, p.batch == c.id).where(p.project == project, p.annotator == annotator)
    if before is not None:
        query = query.where(c.id < before)
    return tuple(_batch(row) for row in tx.run(query))


def progress(tx: Tx, found: Sequence[Batch]) -> dict[str, Progress]:
    """Return how far these batches are; of one that has ended nothing waits."""
    ids = [one.id for one in found]
    n_waiting: dict[str, int] = {row.batch: row.n for row in tx.run(_WAITING[tx.dialect], {"some": pack(tx, ids)})}
    people: dict[str, list[AnnotatorId]] = {}
    asked = select(batch_people.c.batch, batch_people.c.annotator).where(batch_people.c.batch.in_(ids))
    for row in tx.run(asked.order_by(batch_people.c.annotator)):
        people.setdefault(row.batch, []).append(AnnotatorId(row.annotator))
    return {one: Progress(n_waiting.get(one, 0), tuple(people.get(one, ()))) for one in ids}


def release(tx: Tx, project: ProjectId, batch: Batch, now: datetime, limit: int) -> bool:
    """Give back up to so many items to everybody's lines; return whether that was all, and the batch has ended.

    Items of a personal purpose want no further answer from then on: one that is under way is kept as surplus.
    """
    projects.locked(tx, project)
    rows = [(row.position, row.purpose, row.cls) for row in tx.run(_BACK, {"batch": batch.id, "limit": limit})]
    if batch.purpose in PERSONAL and rows:
        lines.hold(tx, project, [position for position, *_ in rows])
        ending = [{"project": project, "position": position, "purpose": why} for position, why, _ in rows]
        for statement in (_LET_GO, _END):
            tx.connection.execute(statement, ending)
    lines.move(tx, project, rows, _everybodys)
    if len(rows) == limit:
        return False
    lines.drop(tx, project, batch.id)
    tx.run(delete(batch_people).where(batch_people.c.batch == batch.id))
    mine = (batches.c.id == batch.id) & batches.c.ended_at.is_(None)
    tx.run(update(batches).where(mine).values(ended_at=micros(now)))
    return True


def finish(tx: Tx, project: ProjectId, annotator: AnnotatorId, now: datetime) -> int:
    """Let those of somebody's batches be due that nobody in them can answer any more of; return how many."""
    found = list(tx.run(_FINISHED, {"project": project, "annotator": annotator}).scalars())
    for batch in found:
        tx.run(_DUE_NOW, {"project": project, "batch": batch, "now": micros(now)})
    return len(found)


def sweep(tx: Tx, now: datetime, limit: int = CHUNK) -> Batch | None:
    """Give back a part of a batch that is overdue; return it once all of it is back.

    Until then its lines serve everybody as they are: this only keeps lines few.
    """
    row = tx.first(_OVERDUE, {"now": micros(now)})
    if row is None:
        return None
    found = find(tx, ProjectId(row.project), row.batch)
    if found is None:
        return None
    return found if release(tx, found.project, found, now, limit) else None


def _everybodys(line: Line) -> Line:
    return replace(line, batch="")


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        row.id,
        ProjectId(row.project),
        row.name,
        Purpose(row.purpose),
        AnnotatorId(row.by),
        row.n_items,
        maybe_moment(row.due),
        moment(row.made_at),
        maybe_moment(row.ended_at),
    )
