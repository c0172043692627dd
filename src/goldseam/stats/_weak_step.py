"""The two steps of the fit over a block of rows: from evidence to posterior, and from posterior to counts.

In: indicators of some rows. Out: posteriors, or votes counted by label. Never: a decision about either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.stats._weak_design import Indicators

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]


def posteriors(rows: Indicators, evidence: Array, log_prior: Array) -> tuple[Floats, Floats]:
    """Return the posterior of each row by each model, (n_models, n_labels, n_rows), and its log likelihood by each.

    The likelihood of a row is how much likelier its votes are than if all functions voted independently of everything.
    """
    n_models, n_labels, n_columns = evidence.shape
    score = summed(rows, evidence.reshape(n_models * n_labels, n_columns)).reshape(n_models, n_labels, -1)
    return normalized(score, log_prior)


def summed(rows: Indicators, weights: Array) -> Floats:
    """Return each row's sum of the weights of its votes, (n_weights, n_rows); `weights` are (n_weights, n_columns)."""
    flat = weights.astype(rows.dtype)
    if sparse.issparse(rows):
        return np.ascontiguousarray((rows @ flat.T).T)
    return np.asarray(np.dot(flat, rows.T))


def normalized(score: Floats, log_prior: Array) -> tuple[Floats, Floats]:
    """Return scores and prior as posteriors, in place, and the log of what they summed to."""
    score += log_prior[:, :, None].astype(score.dtype)
    highest = score.max(axis=1, keepdims=True)
    score -= highest
    np.exp(score, out=score)
    total = score.sum(axis=1, keepdims=True)
    score /= total
    return score, (highest + np.log(total))[:, 0, :]


def by_label(rows: Indicators, posterior: Floats, weight: Floats) -> Array:
    """Return the votes of each column by label, each row counting `weight`, (n_models, n_labels, n_columns)."""
    n_models, n_labels, n_rows = posterior.shape
    weighted = (posterior * weight).reshape(n_models * n_labels, n_rows)
    found = (rows.T @ weighted.T).T if sparse.issparse(rows) else np.dot(weighted, rows)
    return np.asarray(found, dtype=np.float64).reshape(n_models, n_labels, -1)
