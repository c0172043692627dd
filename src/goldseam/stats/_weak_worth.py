"""What a fitted label model says of each function: how right it is, and what it says of which label.

In: a fitted model and the votes counted by function. Out: reliability and confusions. Never: the belief beforehand passed off as
a measurement; these are expected shares of votes that were given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_design import Columns
from goldseam.stats._weak_evidence import TRUST
from goldseam.stats._weak_fit import Fitted
from goldseam.stats._weak_table import Table

Array = NDArray[np.float64]

MAX_CONFUSION_CELLS = 20_000_000
"""Confusions of more cells than this are not given."""


def expected_votes(table: Table, columns: Columns, fitted: Fitted) -> Array:
    """Return the votes of each column by the label behind them, (n_labels, n_columns): on rows with others, and alone."""
    votes = table.counts[columns.function, columns.label]
    alone = np.maximum(votes - fitted.counted.meeting, 0.0)
    score = fitted.evidence * fitted.discount.copies[columns.function] + fitted.log_prior[:, :, None]
    chance = np.exp(score - score.max(axis=1, keepdims=True, initial=-np.inf))
    chance /= chance.sum(axis=1, keepdims=True)
    return np.asarray(np.tensordot(fitted.mix, fitted.counted.met + alone * chance, axes=1))


def reliability_of(expected: Array, columns: Columns) -> Array:
    """Return the share of each function's votes expected to be right; of a function without votes, that of all votes."""
    right = np.bincount(columns.function, weights=(expected * columns.own()).sum(axis=0), minlength=columns.n_functions)
    votes = np.bincount(columns.function, weights=expected.sum(axis=0), minlength=columns.n_functions)
    overall = right.sum() / votes.sum() if votes.sum() else TRUST
    return np.where(votes > 0, right / np.where(votes > 0, votes, 1.0), overall)


def confusion_of(expected: Array, columns: Columns) -> Array | None:
    """Return what each function says where it votes, (n_functions, true label, label said), or None if it were too large."""
    n_functions, n_labels = columns.n_functions, columns.n_labels
    if n_functions * n_labels**2 > MAX_CONFUSION_CELLS:
        return None
    said = np.zeros((n_functions, n_labels, n_labels))
    said[columns.function, :, columns.label] = expected.T
    overall = said.sum(axis=1, keepdims=True)
    total = overall.sum(axis=2, keepdims=True)
    usual = np.where(total > 0, overall / np.where(total > 0, total, 1.0), 1.0 / max(n_labels, 1))
    of_label = said.sum(axis=2, keepdims=True)
    return np.where(of_label > 0, said / np.where(of_label > 0, of_label, 1.0), usual)
