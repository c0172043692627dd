"""Checks of what a strategy is given, and slices that keep memory small.

In: tables of a pool. Out: arrays that are what they say, stretches of rows. Never: a copy of a large table, or a value that is
no number passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.votes import BadVotes

Scores = NDArray[np.float64]
Chosen = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
"""Rows of features; 32-bit numbers stay so, and a file mapped to memory stays on disk."""

CELLS_AT_ONCE = 1 << 22
"""Cells of a table that are worked on at once: 16 to 32 megabytes."""


def stretches(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Yield slices of rows, each of at most `CELLS_AT_ONCE` cells."""
    size = max(1, CELLS_AT_ONCE // max(n_columns, 1))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def probabilities(proba: ArrayLike) -> Floats:
    """Return probabilities (n_items, n_labels) as they are, or refuse them."""
    table = _floats(proba)
    if table.ndim != 2 or table.shape[1] == 0:
        raise BadVotes(f"Probabilities need the shape (n_items, n_labels); these have {table.shape}.")
    _refuse_undefined(table, "proba")
    if len(table) and float(table.min()) < 0:
        raise BadVotes(f"Probabilities lie between 0 and 1; the least of these is {float(table.min()):g}.")
    return table


def features_of(features: ArrayLike, name: str = "features") -> Floats:
    """Return features (n_items, n_features) as they are, or refuse them."""
    table = _floats(features)
    if table.ndim != 2:
        raise BadVotes(f"Features need the shape (n_items, n_features); {name} have {table.shape}.")
    _refuse_undefined(table, name)
    return table


def labeled_of(labeled: ArrayLike | None, table: Floats) -> Floats | None:
    """Return the features of labeled items, or None where there are none; as wide as those of the pool."""
    if labeled is None:
        return None
    known = features_of(labeled, "labeled")
    if known.shape[1] != table.shape[1]:
        raise BadVotes(f"labeled has {known.shape[1]} columns and features {table.shape[1]}; both need the same ones.")
    return known if len(known) else None


def per_item(values: ArrayLike, n_items: int, name: str) -> Scores:
    """Return one number per item of the pool, or refuse them."""
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (n_items,):
        raise BadVotes(f"{name} needs one entry per pool item, {n_items:,}; it has the shape {found.shape}.")
    _refuse_undefined(found[:, None], name)
    return found


def same_rows(one: NDArray[Any], other: NDArray[Any]) -> None:
    """Refuse probabilities and features of different pools."""
    if len(one) != len(other):
        raise BadVotes(f"proba has {len(one)} rows and features {len(other)}; both need one row per item.")


def wanted(n: int, n_pool: int) -> int:
    """Return how many items can be chosen: n, or the whole pool."""
    if n < 0:
        raise BadVotes(f"n={n}: the number of items to choose cannot be negative.")
    return min(n, n_pool)


def first(scores: Scores, n: int, rng: np.random.Generator) -> Chosen:
    """Return the `n` items of the highest scores, highest first; equal ones in an order left to chance."""
    shuffled = rng.permutation(len(scores))
    if n < len(scores) // 4:
        part = np.argpartition(-scores[shuffled], n)[: n + 1] if n else np.empty(0, np.int64)
        least = scores[shuffled[part]].min() if n else np.inf
        shuffled = shuffled[scores[shuffled] >= least]  # all that are equal to the last stay in the race
    order = np.argsort(-scores[shuffled], kind="stable")[:n]
    return shuffled[order].astype(np.int64)


def some(n_pool: int, limit: int, rng: np.random.Generator) -> Chosen:
    """Return all indices of a pool, or `limit` of them drawn at random, in order."""
    if n_pool <= limit:
        return np.arange(n_pool)
    return np.sort(rng.choice(n_pool, size=limit, replace=False, shuffle=False))


def _floats(values: ArrayLike) -> Floats:
    table = np.asarray(values)
    if table.dtype.kind != "f" or table.dtype.itemsize < 4:
        return np.asarray(table, dtype=np.float64 if table.dtype.kind != "f" else np.float32)
    return table


def _refuse_undefined(table: Floats, name: str) -> None:
    for rows in stretches(len(table), table.shape[1]):
        good = np.isfinite(table[rows])
        if not good.all():
            row, column = np.argwhere(~good)[0].tolist()
            raise BadVotes(
                f"{name} has {table[rows][row, column]} in row {rows.start + row}, column {column}; "
                "a finite number would be right, so fill it in or leave the item out."
            )
