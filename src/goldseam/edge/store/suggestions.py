"""Suggestions: what each model proposed for each item, with its probabilities.

In: arrays from `prelabel`. Out: arrays. Never: a suggestion taken for an annotation.

Probabilities stand as little-endian float32, one row an item, in the order of the label codes the model knew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, exists, func, select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, arrays, chunks, insert_columns, within
from goldseam.vocab.errors import NotFound
from goldseam.vocab.items import ProjectId

PROBA = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class Suggested:
    """What one model proposed for some items: label code and its confidence."""

    position: Positions
    label: NDArray[np.int32]
    confidence: NDArray[np.float64]


def save(
    tx: Tx, project: ProjectId, model: str, position: Positions, label: NDArray[np.integer], proba: NDArray[np.floating]
) -> None:
    """Keep a model's proposals: `label` (n,) as codes, `proba` (n, labels); the confidence is the row's largest."""
    plain = np.ascontiguousarray(proba, PROBA)
    blobs = plain.view(np.dtype((np.void, plain.shape[1] * PROBA.itemsize))).ravel().tolist()
    columns = {
        "project": project,
        "model": model,
        "position": position,
        "label": label,
        "confidence": plain.max(axis=1).astype(np.float64),
        "proba": blobs,
    }
    replaced = "label = excluded.label, confidence = excluded.confidence, proba = excluded.proba"
    insert_columns(tx, t.suggestions, columns, then=f"ON CONFLICT (project, model, position) DO UPDATE SET {replaced}")


def suggested(tx: Tx, project: ProjectId, model: str, positions: Positions | None = None) -> Suggested:
    """Return what the model proposed (for these items), by position."""
    c = t.suggestions.c
    query = select(c.position, c.label, c.confidence).where(c.project == project, c.model == model)
    if positions is not None:
        query = query.where(within(tx, c.position, positions))
    position, label, confidence = arrays(tx, query.order_by(c.position), np.int64, np.int32, np.float64)
    return Suggested(position, label, confidence)


def proba(tx: Tx, project: ProjectId, model: str, positions: Positions) -> NDArray[np.float32]:
    """Return the probabilities (n, labels) of these items, in this order; 0 for labels that came after a proposal.

    Raises
    ------
    NotFound
        If the model proposed nothing for one of them.
    """
    c = t.suggestions.c
    query = select(c.position, c.proba).where(c.project == project, c.model == model)
    found, blobs = arrays(tx, query.where(within(tx, c.position, positions)).order_by(c.position), np.int64, object)
    if len(positions) == 0:
        return np.empty((0, 0), np.float32)
    place = np.searchsorted(found, positions)
    if len(found) == 0 or np.any(found[np.minimum(place, len(found) - 1)] != positions):
        raise NotFound("The model has not proposed anything for some of these items yet.", model=model)
    widths = np.fromiter((len(blob) // PROBA.itemsize for blob in blobs), np.int64, len(blobs))
    matrix = np.zeros((len(found), int(widths.max())), np.float32)
    for width in np.unique(widths).tolist():
        (rows,) = np.nonzero(widths == width)
        matrix[rows, :width] = np.frombuffer(b"".join(blobs[rows].tolist()), PROBA).reshape(len(rows), width)
    return matrix[place]


_ONE = select(t.suggestions.c.label, t.suggestions.c.confidence).where(
    t.suggestions.c.project == bindparam("project"),
    t.suggestions.c.model == bindparam("model"),
    t.suggestions.c.position == bindparam("position"),
)


def one(tx: Tx, project: ProjectId, model: str, position: int) -> tuple[int, float] | None:
    """Return the label code and confidence that the model proposed for one item, if it did."""
    row = tx.first(_ONE, {"project": project, "model": model, "position": position})
    return None if row is None else (row.label, row.confidence)


def kept(
    tx: Tx, project: ProjectId, model: str, first: int, last: int
) -> Iterator[tuple[Positions, NDArray[np.int32], NDArray[np.float64], tuple[bytes, ...]]]:
    """Yield what stands there of the items from one position to another, thousands at a time, in order, as it stands."""
    c = t.suggestions.c
    query = select(c.position, c.label, c.confidence, c.proba).where(
        c.project == project, c.model == model, c.position >= first, c.position <= last
    )
    for rows in chunks(tx, query.order_by(c.position)):
        position, label, confidence, blobs = zip(*rows, strict=True)
        yield (
            np.array(position, np.int64),
            np.array(label, np.int32),
            np.array(confidence, np.float64),
            tuple(bytes(one) for one in blobs),
        )


def numbers(tx: Tx, project: ProjectId) -> dict[str, int]:
    """Return how many suggestions there are of each model."""
    c = t.suggestions.c
    query = select(c.model, func.count().label("n")).where(c.project == project).group_by(c.model)
    return {row.model: int(row.n) for row in tx.run(query)}


def n_unscored(tx: Tx, project: ProjectId, model: str) -> int:
    """Return for how many items the model has not proposed anything yet."""
    n_items = tx.run(select(func.count()).where(t.items.c.project == project)).scalar_one()
    s = t.suggestions.c
    return int(n_items) - int(tx.run(select(func.count()).where(s.project == project, s.model == model)).scalar_one())


def unscored(tx: Tx, project: ProjectId, model: str) -> Positions:
    """Return the positions for which the model has not proposed anything yet."""
    i, s = t.items.c, t.suggestions.c
    query = (
        select(i.position)
        .where(i.project == project)
        .where(~exists().where(s.project == i.project, s.model == model, s.position == i.position))
        .order_by(i.position)
    )
    (positions,) = arrays(tx, query, np.int64)
    return positions
