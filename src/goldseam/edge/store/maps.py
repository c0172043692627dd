"""Maps: where items lie in the plane, as they were computed; the newest of a project counts.

In: positions, coordinates, first words. Out: the newest map. Never: a map changed, or computed here.

The points stand as compressed JSON, one list a column, coordinates as whole numbers of ten thousandths.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from goldseam.edge.store.map_tables import maps as t
from goldseam.edge.store.tx import Positions, Tx, micros, moment
from goldseam.vocab.items import ItemId, ProjectId

SCALE = 10_000
"""Finer than a pixel of the largest screen."""


@dataclass(frozen=True, slots=True, eq=False)
class MapRow:
    """Points of a map: `xy` (n, 2) from 0 to 1, `words` what each item begins with, empty for media."""

    round: int
    method: str
    seed: int
    n_items: int
    position: Positions
    ids: tuple[ItemId, ...]
    words: tuple[str, ...]
    xy: NDArray[np.float64]
    at: datetime


def keep(tx: Tx, project: ProjectId, made: MapRow) -> None:
    """Keep a map; it is the newest from here on."""
    whole = np.rint(made.xy * SCALE).astype(np.int64)
    plain = {
        "position": made.position.tolist(),
        "id": list(made.ids),
        "words": list(made.words),
        "x": whole[:, 0].tolist(),
        "y": whole[:, 1].tolist(),
    }
    points = zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode())
    row = {"round": made.round, "method": made.method, "seed": str(made.seed), "n_items": made.n_items}
    tx.run(insert(t).values(project=project, points=points, at=micros(made.at), **row))


def newest(tx: Tx, project: ProjectId) -> MapRow | None:
    """Return the newest map, if one was made."""
    row = tx.first(select(t).where(t.c.project == project).order_by(t.c.seq.desc()).limit(1))
    if row is None:
        return None
    plain = json.loads(zlib.decompress(row.points))
    return MapRow(
        round=row.round,
        method=row.method,
        seed=int(row.seed),
        n_items=row.n_items,
        position=np.array(plain["position"], np.int64),
        ids=tuple(ItemId(one) for one in plain["id"]),
        words=tuple(plain["words"]),
        xy=np.array([plain["x"], plain["y"]], np.float64).T / SCALE,
        at=moment(row.at),
    )
