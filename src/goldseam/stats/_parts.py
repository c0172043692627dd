"""Parts: tables of items by labels, worked through piece by piece, in pieces that stay in the processor's cache.

In: `Votes`, or the size of a table. Out: slices of items, and the votes counted in each. Never: a whole table of counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.votes import Votes

Array = NDArray[np.float64]

PART_CELLS = 100_000
"""Somewhat under a megabyte."""
_FEW_LABELS = 32
_FEWEST_ITEMS = 64


def parts(n_items: int, n_labels: int) -> list[slice]:
    """Return slices of items whose part of a table stays in the processor's cache."""
    size = max(PART_CELLS // max(n_labels, 1), _FEWEST_ITEMS)
    return [slice(start, min(start + size, n_items)) for start in range(0, n_items, size)]


def counted(votes: Votes, weights: Array | None = None) -> Iterator[tuple[slice, Array]]:
    """Give each part of items with its votes per item and label; `weights` (n_annotators,) say what a vote counts."""
    votes = votes.by_item()
    for rows in parts(votes.n_items, votes.n_labels):
        ends = np.array((rows.start, rows.stop), dtype=np.int32)  # of the items' own kind, or they are copied for it
        some = slice(*np.searchsorted(votes.item, ends))
        cell = (votes.item[some] - np.int32(rows.start)) * np.int64(votes.n_labels)
        cell += votes.label[some]
        shape = (rows.stop - rows.start, votes.n_labels)
        weight = None if weights is None else weights[votes.annotator[some]]
        found = np.bincount(cell, weight, shape[0] * shape[1])
        yield rows, found.astype(np.float64, copy=False).reshape(shape)


def row_max(table: Array) -> Array:
    """Return the largest entry of each row."""
    n_labels = table.shape[1]
    if n_labels > _FEW_LABELS:
        return np.asarray(table.max(axis=1))
    top = table[:, 0].copy()  # over a few columns this is much faster than along many short rows
    for column in range(1, n_labels):
        np.maximum(top, table[:, column], out=top)
    return top


def row_sum(table: Array) -> Array:
    """Return the sum of each row; in one thread, as those of a product with ones cost more than they save."""
    return np.asarray(np.einsum("ij->i", table))
