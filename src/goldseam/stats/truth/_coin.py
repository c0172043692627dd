"""One coin: the loop behind the model of one accuracy per annotator.

In: `Votes`, a starting posterior, what is known of items and labels. Out: `Fit`. Never: an array of items by labels
inside the loop, unless a prior or a model differs by item: labels that nobody chose for an item are all alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from goldseam.stats.truth import _cells
from goldseam.stats.truth._cells import Cells, Outset
from goldseam.stats.truth._em import Fit, Stop, _shares, _trust
from goldseam.stats.truth.known import Known, clamp
from goldseam.stats.truth.record import Array
from goldseam.stats.votes import Votes

_SURE = 1e-6
"""Accuracies stay this far from 0 and 1."""


def one_coin(votes: Votes, start: Array, known: Known, smoothing: float, stop: Stop) -> Fit:
    """Alternate between one accuracy per annotator and posteriors; `start` becomes the posterior.

    A wrong vote falls on each of the other labels with the same chance.
    """
    cells = _cells.cells_of(votes)
    n_said = votes.votes_per_annotator()
    said = _said(votes, cells)
    next_base, power = _first_base(cells, start, known)
    accuracy = _accuracy(said.T @ start[cells.item, cells.label], n_said, smoothing)
    last = -np.inf
    for iteration in range(1, stop.max_iterations + 1):
        base = next_base
        wrong = np.log((1 - accuracy) / max(votes.n_labels - 1, 1))
        belief = _cells.believe(cells, said @ (np.log(accuracy) - wrong), base, known)
        log_likelihood = float(belief.evidence.sum() + wrong @ n_said)
        accuracy = _accuracy(said.T @ belief.at_cell, n_said, smoothing)
        settled = stop.reached(log_likelihood, last)
        if settled or iteration == stop.max_iterations:
            break
        last = log_likelihood
        next_base, power = _cells.next_base(cells, base, belief, known, power)
    np.multiply(base.table, belief.scale[:, None], out=start)
    start[cells.item, cells.label] = belief.at_cell
    clamp(start, known)
    return Fit(start, None, accuracy, iteration, log_likelihood, settled)


def _said(votes: Votes, cells: Cells) -> csr_array:
    """Return the sparse matrix (n_cells, n_annotators) of votes."""
    place = np.array([0, votes.n_votes], dtype=np.int32)
    in_a_row = csr_array((votes.annotator, cells.of_vote.astype(np.int32), place), shape=(1, len(cells.item)))
    by_cell = in_a_row.tocsc()  # turns rows into columns by counting, which is the quickest way to order votes by cell
    return csr_array(
        (np.ones(votes.n_votes), by_cell.data, by_cell.indptr), shape=(len(cells.item), votes.n_annotators)
    )


def _first_base(cells: Cells, start: Array, known: Known) -> tuple[Outset, float]:
    """Return what is believed before the votes, where shares and the model's power are learned from the start."""
    shares = _shares(start)
    power = 1.0
    if known.model is not None:
        power = _trust(start, known.model, np.log(shares) if known.prior is None else known.prior)
    return _cells.base_of(cells, known, shares, power), power


def _accuracy(right: Array, n_said: NDArray[np.int64], smoothing: float) -> Array:
    """Return each annotator's share of right votes, and `smoothing` votes of the whole crowd's accuracy."""
    crowd = right.sum() / max(int(n_said.sum()), 1)
    share = (right + smoothing * crowd) / np.maximum(n_said + smoothing, _SURE)
    return np.asarray(np.clip(share, _SURE, 1 - _SURE))
