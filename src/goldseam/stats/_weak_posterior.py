"""A fitted label model over all rows of a table, in blocks.

In: a `Table` and a `Fitted` model. Out: the model with counts of all rows, the posterior of every row. Never: the indicators
of more than one block at a time; a parameter changed by the rows that it is applied to, outside of `polish`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.stats._weak_design import Columns, Indicators, indicators
from goldseam.stats._weak_discount import discounted, taken_off
from goldseam.stats._weak_evidence import Balance, Counted, evidence, firmness
from goldseam.stats._weak_fit import Fitted
from goldseam.stats._weak_gold import Known
from goldseam.stats._weak_step import by_label, normalized, summed
from goldseam.stats._weak_table import Cells, Table

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

_TIE = 1e-9
_EXACT_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """The posterior (n_items, n_labels) of every row, its best label and that label's probability.

    `log_likelihood` says how much likelier the votes are than if all functions voted independently of everything.
    """

    posterior: Array
    label: NDArray[np.int32]
    confidence: Array
    n_votes: NDArray[np.int64]
    log_likelihood: float


def polish(table: Table, columns: Columns, fitted: Fitted, balance: Balance, gold: Array, known: Known) -> Fitted:
    """Return the model after one more round of both steps, over all rows of the table."""
    n_models, n_labels, n_columns = fitted.evidence.shape
    kept = fitted.discount.first == np.arange(columns.n_functions)
    marks = np.stack([np.ones(n_columns), kept[columns.function].astype(float)])
    met, mass = np.zeros(fitted.evidence.shape), np.zeros((n_models, n_labels))
    for place, cells in table.blocks(columns.block_rows):
        rows = indicators(cells, columns)
        score, (votes, speakers) = _scored(rows, cells, columns, fitted, marks)
        posterior, _ = normalized(score, fitted.log_prior)
        at, label = known.within(place)
        posterior[:, :, at] = 0.0
        posterior[:, label, at] = 1.0
        speakers[at], votes[at] = 2.0, 1.0
        met += by_label(rows, posterior, (speakers > 1).astype(rows.dtype))
        mass += posterior @ (votes > 0).astype(rows.dtype)
    counted = Counted(met, mass)
    firm = firmness(fitted.open_share, counted.meeting)
    found = evidence(columns, counted, gold, firm) / fitted.discount.copies[columns.function]
    return replace(fitted, evidence=found, log_prior=balance.log_prior(counted), counted=counted)


def infer(table: Table, columns: Columns, fitted: Fitted, known: Known) -> Inferred:
    """Return the posterior of every row of the table."""
    n_labels, n_columns = fitted.evidence.shape[1:]
    kind = np.float64 if table.n_items * n_columns <= _EXACT_CELLS else np.float32
    popular = table.counts.sum(axis=0).astype(np.float64)[:, None]
    posterior = np.empty((table.n_items, n_labels))
    label = np.empty(table.n_items, dtype=np.int32)
    confidence = np.empty(table.n_items)
    n_votes = np.empty(table.n_items, dtype=np.int64)
    log_likelihood = 0.0
    for place, cells in table.blocks(columns.block_rows):
        score, (votes,) = _scored(indicators(cells, columns, kind), cells, columns, fitted, np.ones((1, n_columns)))
        each, fits = normalized(score, fitted.log_prior)
        mixed = np.tensordot(fitted.mix, each.astype(np.float64), axes=1)
        mixed /= mixed.sum(axis=0)
        at, known_label = known.within(place)
        mixed[:, at] = 0.0
        mixed[known_label, at] = 1.0
        best = mixed.max(axis=0)
        tied = mixed >= best - _TIE
        label[place] = np.where(tied, popular, -1.0).argmax(axis=0)
        posterior[place], confidence[place], n_votes[place] = mixed.T, best, np.rint(votes)
        log_likelihood += float(fitted.mix @ fits[:, votes > 0].sum(axis=1, dtype=np.float64))
    return Inferred(posterior, label, confidence, n_votes, log_likelihood)


def _scored(rows: Indicators, cells: Cells, columns: Columns, fitted: Fitted, marks: Array) -> tuple[Floats, Floats]:
    """Return the evidence on each row, (n_models, n_labels, n_rows), and sums of marks over its votes, (n_marks, n_rows)."""
    n_models, n_labels, n_columns = fitted.evidence.shape
    flat = fitted.evidence.reshape(n_models * n_labels, n_columns)
    if sparse.issparse(rows) and len(fitted.discount.dependent):
        score, marked = summed(discounted(rows, cells, columns, fitted.discount), flat), summed(rows, marks)
    else:
        both = summed(rows, np.concatenate([flat, marks]))
        score, marked = both[: len(flat)], both[len(flat) :]
        if len(fitted.discount.dependent):
            score -= taken_off(rows, cells, columns, fitted.discount, flat)
    return score.reshape(n_models, n_labels, rows.shape[0]), marked
