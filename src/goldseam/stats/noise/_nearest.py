"""Nearest neighbors by cosine: exact, in parts, in memory that grows with the items and not with their pairs.

In: features (n, d). Out: for each item the most similar others, and how similar. Never: an approximation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.votes import BadVotes

Array32 = NDArray[np.float32]

_QUERIES, _KEYS = 1_024, 8_192
"""Pairs compared at once: 32 MB."""


def nearest(unit: Array32, k: int) -> tuple[NDArray[np.int32], Array32]:
    """Return for each row of length 1 the `k` most similar others, the most similar first, and their cosines.

    Both are (n, k), of equal ones the first stands first; `k` is less than n.
    """
    n_items = len(unit)
    index = np.empty((n_items, k), dtype=np.int32)
    cosine = np.empty((n_items, k), dtype=np.float32)
    for start in range(0, n_items if k else 0, _QUERIES):
        stop = min(start + _QUERIES, n_items)
        most = np.full((stop - start, k), -np.inf, dtype=np.float32)
        where = np.zeros((stop - start, k), dtype=np.int32)
        for begin in range(0, n_items, _KEYS):
            alike = unit[start:stop] @ unit[begin : begin + _KEYS].T
            itself = np.arange(max(start, begin), min(stop, begin + _KEYS))
            alike[itself - start, itself - begin] = -np.inf
            most, where = _merged(most, where, alike, begin)
        order = np.lexsort((where, -most), axis=1)
        index[start:stop] = np.take_along_axis(where, order, axis=1)
        cosine[start:stop] = np.take_along_axis(most, order, axis=1)
    return index, cosine


def unit_rows(features: ArrayLike) -> tuple[Array32, NDArray[np.bool_]]:
    """Return features as rows of length 1 in float32, and which rows are all 0 (they stay so)."""
    table = np.asarray(features.to_numpy() if hasattr(features, "to_numpy") else features)
    if table.ndim != 2 or table.dtype.kind not in "fiub":
        raise BadVotes(f"features need the shape (items, numbers), 2-D; these are {table.ndim}-D of {table.dtype}.")
    unit = np.array(table, dtype=np.float32)
    if unit.shape[1] == 0:
        return unit, np.ones(len(unit), dtype=np.bool_)
    largest = np.abs(unit).max(axis=1, initial=0.0)
    if not np.isfinite(largest).all():
        raise BadVotes(
            f"Row {int(np.flatnonzero(~np.isfinite(largest))[0])} of features holds a number that is not finite."
        )
    unit /= np.where(largest > 0, largest, 1.0)[:, None]  # so that squares neither overflow nor vanish
    length = np.sqrt(np.einsum("ij,ij->i", unit, unit))
    unit /= np.where(length > 0, length, 1.0)[:, None]
    return unit, largest == 0


def _merged(most: Array32, where: NDArray[np.int32], alike: Array32, begin: int) -> tuple[Array32, NDArray[np.int32]]:
    """Return the best of those known and of a further block, of each row; they stand in no order."""
    k, wide = most.shape[1], alike.shape[1]
    cells = np.flatnonzero(alike > most.min(axis=1, keepdims=True))
    if len(cells) > 2 * most.size:  # most of a block is better: the first one
        if wide > k:
            best = np.argpartition(alike, wide - k, axis=1)[:, wide - k :]
            alike = np.take_along_axis(alike, best, axis=1)
        else:
            best = np.broadcast_to(np.arange(wide), alike.shape)
        held, places = np.hstack([most, alike]), np.hstack([where, (best + begin).astype(np.int32)])
        kept = np.argpartition(held, held.shape[1] - k, axis=1)[:, held.shape[1] - k :]
        return np.take_along_axis(held, kept, axis=1), np.take_along_axis(places, kept, axis=1)
    row, column = np.divmod(cells, wide)
    rows = np.concatenate([np.repeat(np.arange(len(most)), k), row])
    values = np.concatenate([most.reshape(-1), alike.reshape(-1)[cells]])
    places = np.concatenate([where.reshape(-1), (column + begin).astype(np.int32)])
    order = np.lexsort((places, -values, rows))
    many = np.bincount(rows, minlength=len(most))
    first = np.repeat(np.cumsum(many) - many, many)
    kept = order[np.arange(len(order)) - first < k]
    return values[kept].reshape(most.shape), places[kept].reshape(most.shape)
