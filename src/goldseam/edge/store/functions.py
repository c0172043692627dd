"""Labeling functions: what each said, by stretches of the intake, and the sets that were applied.

In: label codes as arrays, plain facts of a set. Out: the same. Never: code of a function.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select

from goldseam.edge.store import tables as t
from goldseam.edge.store.functions_tables import function_sets, function_votes
from goldseam.edge.store.tx import Positions, Tx, chunks, insert_columns, micros, moment, within
from goldseam.vocab.items import ProjectId

CODE = np.dtype("<i2")
STRETCH = 20_000
"""Items that functions look at in one go, from a multiple of it on; what was said of them is kept together."""
Codes = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What functions said of the first `n_items`: `codes` (n_items, n_functions), and why each abstained where it failed."""

    codes: Codes
    faults: tuple[Mapping[str, int], ...]


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set of functions that was applied; `body` is canonical JSON."""

    id: str
    n_items: int
    body: str
    by: str
    at: datetime


def stretch(tx: Tx, project: ProjectId, start: int, stop: int) -> tuple[list[str], list[str]]:
    """Return the contents and the metadata (as JSON) of the items from one position to before another, in order."""
    c = t.items.c
    query = select(c.content, c.metadata).where(c.project == project, c.position >= start, c.position < stop)
    rows = [row for some in chunks(tx, query.order_by(c.position)) for row in some]
    return [row[0] for row in rows], [row[1] for row in rows]


def some(tx: Tx, project: ProjectId, positions: Positions) -> tuple[list[str], list[str]]:
    """Return the contents and the metadata (as JSON) of these items, in the order of their positions."""
    c = t.items.c
    query = select(c.content, c.metadata).where(c.project == project, within(tx, c.position, positions))
    rows = [row for some in chunks(tx, query.order_by(c.position)) for row in some]
    return [row[0] for row in rows], [row[1] for row in rows]


def done(tx: Tx, project: ProjectId, versions: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return of how many items each version spoke already, from each start on."""
    v = function_votes.c
    query = select(v.version, v.start, v.n).where(v.project == project, v.version.in_(list(versions)))
    return {(row.version, row.start): row.n for row in tx.run(query)}


def save_votes(
    tx: Tx,
    project: ProjectId,
    start: int,
    versions: Sequence[str],
    codes: Codes,
    faults: Sequence[Mapping[str, int]],
) -> None:
    """Keep what functions said of a stretch; `codes` (n_items, n_functions). What was kept of it before is replaced."""
    plain = np.ascontiguousarray(codes.T, CODE)
    columns = {
        "project": project,
        "version": list(versions),
        "start": start,
        "n": len(codes),
        "codes": [zlib.compress(row.tobytes(), 1) for row in plain],
        "faults": [json.dumps(one) for one in faults],
    }
    replaced = "n = excluded.n, codes = excluded.codes, faults = excluded.faults"
    insert_columns(tx, function_votes, columns, then=f"ON CONFLICT (project, version, start) DO UPDATE SET {replaced}")


def said(tx: Tx, project: ProjectId, versions: Sequence[str], n_items: int) -> Said:
    """Return what these versions said of the first `n_items`; -1 where nothing is kept."""
    v = function_votes.c
    place = {version: at for at, version in enumerate(versions)}
    codes = np.full((len(versions), n_items), -1, np.int16)
    faults: list[Counter[str]] = [Counter() for _ in versions]
    query = select(v.version, v.start, v.n, v.codes, v.faults).where(
        v.project == project, v.version.in_(list(versions)), v.start < n_items
    )
    for rows in chunks(tx, query.order_by(v.version, v.start)):
        for version, start, n, packed, counted in rows:
            stop = min(start + n, n_items)
            codes[place[version], start:stop] = np.frombuffer(zlib.decompress(packed), CODE)[: stop - start]
            faults[place[version]].update(json.loads(counted))
    return Said(np.ascontiguousarray(codes.T), tuple(faults))


def said_of(tx: Tx, project: ProjectId, versions: Sequence[str], position: int) -> dict[str, int]:
    """Return the label code that each of these versions gave one item, -1 where it abstained; without those that never saw it."""
    v = function_votes.c
    first = position - position % STRETCH
    query = select(v.version, v.start, v.n, v.codes).where(
        v.project == project, v.version.in_(list(versions)), v.start >= first, v.start <= position
    )
    return {
        row.version: int(np.frombuffer(zlib.decompress(row.codes), CODE)[position - row.start])
        for row in tx.run(query)
        if position < row.start + row.n
    }


def forget_others(tx: Tx, project: ProjectId, versions: Iterable[str]) -> None:
    """Throw away what other versions said."""
    v = function_votes.c
    tx.run(delete(function_votes).where(v.project == project, v.version.not_in(list(versions))))


def save_set(tx: Tx, project: ProjectId, made: SetRow) -> None:
    """Keep a set that was applied."""
    tx.run(
        insert(function_sets).values(
            id=made.id, project=project, n_items=made.n_items, body=made.body, by=made.by, at=micros(made.at)
        )
    )


def find_set(tx: Tx, project: ProjectId, set_id: str) -> SetRow | None:
    """Return a set by its id."""
    s = function_sets.c
    row = tx.first(select(function_sets).where(s.project == project, s.id == set_id))
    return None if row is None else SetRow(row.id, row.n_items, row.body, row.by, moment(row.at))


def newest_set(tx: Tx, project: ProjectId) -> SetRow | None:
    """Return the set that was applied last."""
    s = function_sets.c
    row = tx.first(select(function_sets).where(s.project == project).order_by(s.seq.desc()).limit(1))
    return None if row is None else SetRow(row.id, row.n_items, row.body, row.by, moment(row.at))
