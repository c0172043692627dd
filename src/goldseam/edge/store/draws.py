"""Draws: which items were drawn, in which round, with which chance; and the tier each then took.

In: arrays from `sample` and `route`. Out: arrays. Never: an item drawn twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, exists, insert, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, arrays, insert_columns, micros, moment, new_id
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One draw: enough to make it again."""

    id: str
    round: int
    strategy: str
    seed: int
    n_pool: int
    size: int
    settings_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """The items of a round's draws, by rank, with the inclusion chance of each."""

    position: Positions
    chance: NDArray[np.float64]
    rank: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Routed:
    """The tier of each item of a round; confidence is absent (`has_confidence` false) without a suggester."""

    position: Positions
    tier: NDArray[np.int8]
    wanted: NDArray[np.int32]
    spot_check: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    has_confidence: NDArray[np.bool_]


def pool(tx: Tx, project: ProjectId) -> Positions:
    """Return the positions that may still be drawn: never drawn, and not gold."""
    (positions,) = arrays(tx, in_pool(project).order_by(t.items.c.position), np.int64)
    return positions


def in_pool(project: ProjectId) -> Select[Any]:
    """Return the query for the positions that may still be drawn."""
    d, g, i = t.draw_items.c, t.gold.c, t.items.c
    return select(i.position).where(
        i.project == project,
        ~exists().where(d.project == i.project, d.position == i.position),
        ~exists().where(g.project == i.project, g.position == i.position),
    )


def save(
    tx: Tx,
    project: ProjectId,
    round: int,
    strategy: str,
    seed: int,
    n_pool: int,
    settings_version: int,
    position: Positions,
    chance: NDArray[np.float64],
    rank: NDArray[np.integer],
    now: datetime,
) -> str:
    """Keep a draw and return its id."""
    draw = new_id(now)
    tx.run(
        insert(t.draws).values(
            id=draw,
            project=project,
            round=round,
            strategy=strategy,
            seed=str(seed),
            n_pool=n_pool,
            size=len(position),
            settings_version=settings_version,
            at=micros(now),
        )
    )
    columns = {"project": project, "position": position, "draw": draw, "round": round, "chance": chance, "rank": rank}
    insert_columns(tx, t.draw_items, columns)
    return draw


def listing(tx: Tx, project: ProjectId) -> tuple[DrawRow, ...]:
    """Return the project's draws, oldest first."""
    rows = tx.run(select(t.draws).where(t.draws.c.project == project).order_by(t.draws.c.id))
    return tuple(_draw(row) for row in rows)


def drawn(tx: Tx, project: ProjectId, round: int | None = None, *, draw: str | None = None) -> Drawn:
    """Return the items drawn in a round, or by one draw, or in all, by round and rank."""
    c = t.draw_items.c
    query = select(c.position, c.chance, c.rank).where(c.project == project).order_by(c.round, c.rank)
    if draw is not None:
        query = query.where(c.draw == draw).order_by(None).order_by(c.rank)
    position, chance, rank = arrays(
        tx, query if round is None else query.where(c.round == round), np.int64, np.float64, np.int64
    )
    return Drawn(position, chance, rank)


def save_routes(
    tx: Tx,
    project: ProjectId,
    round: int,
    position: Positions,
    tier: NDArray[np.integer],
    wanted: NDArray[np.integer],
    spot_check: NDArray[np.bool_],
    confidence: NDArray[np.floating] | None,
    model: str | None,
) -> None:
    """Keep the tier of each item; a new one replaces the old."""
    columns = {
        "project": project,
        "position": position,
        "round": round,
        "tier": tier,
        "wanted": wanted,
        "spot_check": spot_check.astype(np.int64),
        "confidence": confidence,
        "model": model,
    }
    replaced = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in {"project", "position"})
    insert_columns(tx, t.routes, columns, then=f"ON CONFLICT (project, position) DO UPDATE SET {replaced}")


def routed(tx: Tx, project: ProjectId, round: int | None = None) -> Routed:
    """Return the tiers given in a round, or in all, by position."""
    c = t.routes.c
    query = select(
        c.position, c.tier, c.wanted, c.spot_check, c.confidence, c.confidence.is_not(None).label("has")
    ).where(c.project == project)
    query = query.order_by(c.position) if round is None else query.where(c.round == round).order_by(c.position)
    columns = arrays(tx, query, np.int64, np.int8, np.int32, np.int8, object, np.int8)
    position, tier, wanted, spot_check, raw, has = columns
    has_confidence = has.astype(bool)
    confidence = np.where(has_confidence, raw, 0.0).astype(np.float64)
    return Routed(position, tier, wanted, spot_check.astype(bool), confidence, has_confidence)


def of_item(tx: Tx, project: ProjectId, position: int) -> tuple[int, float, int | None] | None:
    """Return in which round an item was drawn, with which chance, and its tier; None if it never was."""
    d, r = t.draw_items.c, t.routes.c
    row = tx.first(
        select(d.round, d.chance, r.tier)
        .select_from(t.draw_items.outerjoin(t.routes, (r.project == d.project) & (r.position == d.position)))
        .where(d.project == project, d.position == position)
    )
    return None if row is None else (row.round, row.chance, row.tier)


def unrouted(tx: Tx, project: ProjectId, round: int) -> Positions:
    """Return the items drawn in the round that have no tier yet, by rank."""
    d, r = t.draw_items.c, t.routes.c
    query = (
        select(d.position)
        .where(d.project == project, d.round == round)
        .where(~exists().where(r.project == d.project, r.position == d.position))
        .order_by(d.rank)
    )
    (positions,) = arrays(tx, query, np.int64)
    return positions


def _draw(row: Row[Any]) -> DrawRow:
    return DrawRow(
        row.id, row.round, row.strategy, int(row.seed), row.n_pool, row.size, row.settings_version, moment(row.at)
    )
