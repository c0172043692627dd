"""EM: the loop behind Dawid-Skene.

In: `Votes`, a starting posterior, what is known of items and labels. Out: `Fit`. Never: a loop over votes in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import softmax

from goldseam.stats._parts import parts, row_max, row_sum
from goldseam.stats.truth.known import Known, clamp
from goldseam.stats.truth.record import Array
from goldseam.stats.votes import BadVotes, Votes

MAX_CONFUSION_CELLS = 100_000_000
"""The largest n_annotators * n_labels**2 that Dawid-Skene takes on: 800 MB."""
_SURE = 1e-6
"""Below this spread of a model's evidence, its power cannot be told."""
_OWN = 0.01
"""Added to every cell of a confusion matrix on top of pooling, so that nothing is impossible."""
_SAFE = -600.0
"""Logarithms from here to 0 are exponentiated as they are: e to this power is far from the smallest number there is."""
_TRUST_STEPS = 5
_MOST_TRUST = 2.0


@dataclass(frozen=True, slots=True)
class Stop:
    """After how many iterations to stop, or by what share of itself the log likelihood may still move; 0 for never."""

    max_iterations: int
    tolerance: float

    def reached(self, log_likelihood: float, last: float) -> bool:
        """Say whether the log likelihood has settled."""
        return self.tolerance > 0 and abs(log_likelihood - last) <= self.tolerance * abs(log_likelihood)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a loop ended with."""

    posterior: Array
    confusion: Array | None
    reliability: Array
    iterations: int
    log_likelihood: float
    converged: bool


def dawid_skene(votes: Votes, start: Array, known: Known, smoothing: float, stop: Stop) -> Fit:
    """Alternate between confusion matrices and posteriors; `start` becomes the posterior.

    Both steps are one product with the sparse matrix that has a 1 where an item has a vote (annotator, label).
    """
    n_cells = votes.n_annotators * votes.n_labels**2
    if n_cells > MAX_CONFUSION_CELLS:
        raise BadVotes(
            f"Dawid-Skene would need {n_cells:,} cells of confusion for {votes.n_annotators} annotators and "
            f"{votes.n_labels} labels, above {MAX_CONFUSION_CELLS:,}: use one_coin, with one number per annotator."
        )
    said = _said(votes)
    said_by = {rows.start: _part(said, rows) for rows in parts(*start.shape)}
    n_said = np.bincount(said.indices, minlength=said.shape[1])
    most = int(np.diff(said.indptr).max(initial=0))

    def step(posterior: Array) -> float:
        table = _confusion(said.T @ posterior, votes, smoothing).reshape(-1, votes.n_labels)
        np.log(table, out=table)
        top = row_max(table)
        table -= top[:, None]
        lowest = most * float(table.min(initial=0.0))
        return _expect(lambda rows: said_by[rows.start] @ table, posterior, known, lowest) + float(top @ n_said)

    iterations, log_likelihood, converged = _climb(start, step, stop)
    confusion = _confusion(said.T @ start, votes, smoothing)
    reliability = np.einsum("akk,k->a", confusion, _shares(start))
    by_truth = np.ascontiguousarray(confusion.transpose(0, 2, 1))
    return Fit(start, by_truth, reliability, iterations, log_likelihood, converged)


def _climb(posterior: Array, step: Callable[[Array], float], stop: Stop) -> tuple[int, float, bool]:
    """Improve the posterior in place until the log likelihood settles; return the steps, it, and whether it did."""
    last = -np.inf
    for iteration in range(1, stop.max_iterations + 1):
        log_likelihood = step(posterior)
        if stop.reached(log_likelihood, last):
            return iteration, log_likelihood, True
        last = log_likelihood
    return stop.max_iterations, last, False


def _expect(logits_of: Callable[[slice], Array], posterior: Array, known: Known, lowest: float = -np.inf) -> float:
    """Set the posterior, in place, from the logarithms of the votes' chances; return the log likelihood.

    Works through parts of the items that stay in the processor's cache. Logits lie between `lowest` and 0, if it is given.
    """
    prior = np.log(_shares(posterior)) if known.prior is None else known.prior
    trust = 0.0 if known.model is None else _trust(posterior, known.model, prior)
    safe = known.model is None and lowest + float(prior.min(initial=0.0)) > _SAFE
    evidence = np.empty(len(posterior))
    for rows in parts(*posterior.shape):
        logits = logits_of(rows)
        logits += prior if prior.ndim == 1 else prior[rows]
        if known.model is not None:
            logits += trust * known.model[rows]
        top = None if safe else row_max(logits)
        evidence[rows] = _normalize(logits, top, posterior[rows])
    at_gold = np.log(np.maximum(posterior[known.gold_item, known.gold_label], np.finfo(np.float64).tiny))
    evidence[known.gold_item] += at_gold  # of gold only the known label's chance counts
    clamp(posterior, known)
    return float(evidence.sum())


def _said(votes: Votes) -> csr_array:
    """Return the sparse matrix (n_items, n_annotators * n_labels) of votes."""
    votes = votes.by_item()
    starts = np.zeros(votes.n_items + 1, dtype=np.int32)
    np.cumsum(votes.votes_per_item(), out=starts[1:])
    column = votes.annotator * np.int32(votes.n_labels)  # below 2**31, as the confusions fit into memory
    column += votes.label
    return csr_array(
        (np.ones(votes.n_votes), column, starts), shape=(votes.n_items, votes.n_annotators * votes.n_labels)
    )


def _part(said: csr_array, rows: slice) -> csr_array:
    """Return some rows of a sparse matrix, sharing its memory."""
    starts = said.indptr[rows.start : rows.stop + 1]
    votes = slice(starts[0], starts[-1])
    shape = (rows.stop - rows.start, said.shape[1])
    return csr_array((said.data[votes], said.indices[votes], starts - starts[0]), shape=shape)


def _confusion(soft: Array, votes: Votes, smoothing: float) -> Array:
    """Return P(said | true) as (annotator, said, true): soft counts and `smoothing` votes from the crowd's row."""
    counts = soft.reshape(votes.n_annotators, votes.n_labels, votes.n_labels)
    crowd = counts.sum(axis=0) + 1.0 / max(votes.n_labels, 1)
    crowd /= crowd.sum(axis=0)
    counts += smoothing * crowd + _OWN / max(votes.n_labels, 1)
    counts /= counts.sum(axis=1, keepdims=True)
    return counts


def _trust(posterior: Array, evidence: Array, prior: Array) -> float:
    """Return the power to which the model's probabilities fit the posterior best, by Newton's method on a concave sum.

    A calibrated model gets about 1, one that is too sure of itself less, and one that knows nothing about 0.
    """
    wanted = float((posterior * evidence).sum())
    power = 1.0
    for _ in range(_TRUST_STEPS):
        share = softmax(prior + power * evidence, axis=1)
        mean = (share * evidence).sum(axis=1)
        spread = float((share * evidence**2).sum() - (mean**2).sum())
        if spread <= _SURE:
            break
        power = min(max(power + (wanted - float(mean.sum())) / spread, 0.0), _MOST_TRUST)
    return power


def _shares(posterior: Array) -> Array:
    """Return the shares of the labels, with one more vote spread over all of them."""
    total = np.einsum("ij->j", posterior) + 1.0 / max(posterior.shape[1], 1)
    return np.asarray(total / total.sum())


def _normalize(logits: Array, top: Array | None, posterior: Array) -> Array:
    """Turn logits, which are spent, into probabilities; return the logarithm of what each row was divided by.

    `top` is each row's largest, or None where it is not needed to keep the exponentials within bounds.
    """
    if top is not None:
        logits -= top[:, None]
    np.exp(logits, out=logits)
    total = row_sum(logits)
    np.divide(logits, total[:, None], out=posterior)
    np.log(total, out=total)
    return total if top is None else np.asarray(total + top)
