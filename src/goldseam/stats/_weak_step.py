"""The products that a fit is made of: votes times weights, weights times votes, votes times votes.

In: indicators of some rows. Out: sums by row, by column, by pair of columns; posteriors. Never: a decision about any of them.

These matrices are long and narrow. Threads that wait for each other cost more there than they bring, most of all on a busy
machine, so products are cut into pieces that a linear-algebra library does in one go on one thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.stats._weak_design import Indicators

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

_PIECE = 262_144
"""Multiplications that are done on one thread."""
_LEAST_ROWS = 64
"""Pieces of fewer rows than this are not worth cutting."""
_TILE = 32


def summed(rows: Indicators, weights: Array) -> Floats:
    """Return each row's sum of the weights of its votes, (n_weights, n_rows); `weights` are (n_weights, n_columns)."""
    flat = weights.astype(rows.dtype)
    if sparse.issparse(rows):
        return np.ascontiguousarray((rows @ flat.T).T)
    step, whole = _cut(rows, flat.size)
    found = np.empty((len(rows), len(flat)), dtype=rows.dtype)
    if whole:
        pieces = rows[:whole].reshape(-1, step, rows.shape[1])
        np.matmul(pieces, flat.T, out=found[:whole].reshape(-1, step, len(flat)))
    np.dot(rows[whole:], flat.T, out=found[whole:])
    return np.ascontiguousarray(found.T)


def by_column(rows: Indicators, weights: Floats) -> Array:
    """Return each column's sum of the weights of its rows, (n_weights, n_columns); `weights` are (n_weights, n_rows)."""
    if sparse.issparse(rows):
        return np.asarray((rows.T @ weights.T).T, dtype=np.float64)
    step, whole = _cut(rows, len(weights) * rows.shape[1])
    found = np.dot(weights[:, whole:], rows[whole:]).astype(np.float64)
    if whole:
        pieces = rows[:whole].reshape(-1, step, rows.shape[1])
        cut = weights[:, :whole].reshape(len(weights), -1, step).transpose(1, 0, 2)
        found += np.matmul(cut, pieces).sum(axis=0, dtype=np.float64)
    return np.asarray(found)


def pairs(rows: Indicators, count: Array) -> Any:  # noqa: ANN401 - an array, or a sparse one
    """Return how often two columns are 1 on the same row, each row counting `count`, (n_columns, n_columns)."""
    if sparse.issparse(rows):
        return sparse.csr_array(rows.T @ rows.multiply(count[:, None]))
    weighted = rows * count[:, None].astype(rows.dtype)
    n_columns = rows.shape[1]
    found = np.zeros((n_columns, n_columns))
    for start in range(0, n_columns, _TILE):
        tile = np.ascontiguousarray(weighted[:, start : start + _TILE].T)
        for other in range(0, n_columns, _TILE):
            if other >= start:
                part = by_column(np.ascontiguousarray(rows[:, other : other + _TILE]), tile)
                found[start : start + _TILE, other : other + _TILE] = part
                found[other : other + _TILE, start : start + _TILE] = part.T
    return found


def _cut(rows: Floats, per_row: int) -> tuple[int, int]:
    """Return of how many rows a piece is, and how many rows there are in whole pieces; none if cutting is not worth it."""
    step = _PIECE // max(per_row, 1)
    return (step, len(rows) // step * step) if step >= _LEAST_ROWS else (1, 0)


def posteriors(rows: Indicators, evidence: Array, log_prior: Array) -> Floats:
    """Return the posterior of each row by each model, (n_models, n_labels, n_rows)."""
    n_models, n_labels, n_columns = evidence.shape
    score = summed(rows, evidence.reshape(n_models * n_labels, n_columns)).reshape(n_models, n_labels, rows.shape[0])
    return normalized(score, log_prior)[0]


def normalized(score: Floats, log_prior: Array) -> tuple[Floats, Floats]:
    """Return scores and prior as posteriors, in place, and the logarithm of what they summed to, (n_models, n_rows)."""
    score += log_prior[:, :, None].astype(score.dtype)
    highest = score.max(axis=1, keepdims=True, initial=-np.inf)
    score -= highest
    np.exp(score, out=score)
    total = score.sum(axis=1, keepdims=True)
    score /= total
    return score, (highest + np.log(total))[:, 0, :]


def by_label(rows: Indicators, posterior: Floats, weight: Floats) -> Array:
    """Return the votes of each column by label, each row counting `weight`, (n_models, n_labels, n_columns)."""
    n_models, n_labels, n_rows = posterior.shape
    weighted = (posterior * weight).reshape(n_models * n_labels, n_rows)
    return by_column(rows, weighted).reshape(n_models, n_labels, rows.shape[1])
