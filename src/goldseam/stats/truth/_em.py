"""EM: the loops behind Dawid-Skene and one-coin.

In: `Votes`, a starting posterior, what is known of items and labels. Out: `Fit`. Never: a loop over votes in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import softmax

from goldseam.stats.truth.known import Known, clamp
from goldseam.stats.truth.record import Array
from goldseam.stats.votes import BadVotes, Votes

MAX_CONFUSION_CELLS = 100_000_000
"""The largest n_annotators * n_labels**2 that Dawid-Skene takes on: 800 MB."""
_SURE = 1e-6
"""One-coin accuracies stay this far from 0 and 1."""
_OWN = 0.01
"""Added to every cell of a confusion matrix on top of pooling, so that nothing is impossible."""
_BLOCK_CELLS = 65_536
_FEW_LABELS = 32
_TRUST_STEPS = 5
_MOST_TRUST = 2.0


@dataclass(frozen=True, slots=True)
class Stop:
    """After how many iterations to stop, or by what share of itself the log likelihood may still move."""

    max_iterations: int
    tolerance: float


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
    by_vote = csr_array(said.T)
    parts = {rows.start: said[rows] for rows in _blocks(start)}

    def step(posterior: Array) -> float:
        table = np.log(_confusion(by_vote @ posterior, votes, smoothing)).reshape(-1, votes.n_labels)
        return _expect(lambda rows: parts[rows.start] @ table, posterior, known)

    iterations, log_likelihood, converged = _climb(start, step, stop)
    confusion = _confusion(by_vote @ start, votes, smoothing)
    by_truth = np.ascontiguousarray(confusion.transpose(0, 2, 1))
    reliability = np.einsum("akk,k->a", by_truth, _shares(start))
    return Fit(start, by_truth, reliability, iterations, log_likelihood, converged)


def one_coin(votes: Votes, start: Array, known: Known, smoothing: float, stop: Stop) -> Fit:
    """Alternate between one accuracy per annotator and posteriors; `start` becomes the posterior.

    A wrong vote falls on each of the other labels with the same chance.
    """
    n_labels = votes.n_labels
    cell = votes.item.astype(np.int64) * n_labels + votes.label
    n_said = votes.votes_per_annotator()

    def step(posterior: Array) -> float:
        accuracy = _accuracy(votes.annotator, posterior.ravel()[cell], n_said, smoothing)
        wrong = np.log((1 - accuracy) / max(n_labels - 1, 1))
        lead = np.log(accuracy) - wrong
        summed = np.bincount(cell, weights=lead[votes.annotator], minlength=posterior.size)
        logits = summed.astype(np.float64, copy=False).reshape(posterior.shape)
        return _expect(lambda rows: logits[rows], posterior, known) + float(wrong @ n_said)

    iterations, log_likelihood, converged = _climb(start, step, stop)
    accuracy = _accuracy(votes.annotator, start.ravel()[cell], n_said, smoothing)
    return Fit(start, None, accuracy, iterations, log_likelihood, converged)


def _climb(posterior: Array, step: Callable[[Array], float], stop: Stop) -> tuple[int, float, bool]:
    """Improve the posterior in place until the log likelihood settles; return the steps, it, and whether it did."""
    last = -np.inf
    for iteration in range(1, stop.max_iterations + 1):
        log_likelihood = step(posterior)
        if abs(log_likelihood - last) <= stop.tolerance * abs(log_likelihood):
            return iteration, log_likelihood, True
        last = log_likelihood
    return stop.max_iterations, last, False


def _expect(logits_of: Callable[[slice], Array], posterior: Array, known: Known) -> float:
    """Set the posterior, in place, from the logarithms of the votes' chances; return the log likelihood.

    Works through blocks of items that stay in the processor's cache.
    """
    prior = np.log(_shares(posterior)) if known.prior is None else known.prior
    trust = 0.0 if known.model is None else _trust(posterior, known.model, prior)
    evidence = np.empty(len(posterior))
    for rows in _blocks(posterior):
        logits = logits_of(rows)
        logits += prior if prior.ndim == 1 else prior[rows]
        if known.model is not None:
            logits += trust * known.model[rows]
        evidence[rows] = _normalize(logits)
        posterior[rows] = logits
    at_gold = np.log(np.maximum(posterior[known.gold_item, known.gold_label], np.finfo(np.float64).tiny))
    evidence[known.gold_item] += at_gold  # of gold only the known label's chance counts
    clamp(posterior, known)
    return float(evidence.sum())


def _blocks(posterior: Array) -> list[slice]:
    """Return slices of items, each of about half a megabyte of posterior."""
    n_items, n_labels = posterior.shape
    size = max(_BLOCK_CELLS // max(n_labels, 1), 64)
    return [slice(start, min(start + size, n_items)) for start in range(0, n_items, size)]


def _said(votes: Votes) -> csr_array:
    """Return the sparse matrix (n_items, n_annotators * n_labels) of votes."""
    column = votes.annotator * np.int32(votes.n_labels) + votes.label  # below 2**31, as the confusions fit into memory
    shape = (votes.n_items, votes.n_annotators * votes.n_labels)
    return csr_array(coo_array((np.ones(votes.n_votes), (votes.item, column)), shape=shape))


def _confusion(soft: Array, votes: Votes, smoothing: float) -> Array:
    """Return P(said | true) as (annotator, said, true): soft counts and `smoothing` votes from the crowd's row."""
    counts = soft.reshape(votes.n_annotators, votes.n_labels, votes.n_labels)
    crowd = counts.sum(axis=0) + 1.0 / max(votes.n_labels, 1)
    crowd /= crowd.sum(axis=0)
    counts += smoothing * crowd + _OWN / max(votes.n_labels, 1)
    counts /= counts.sum(axis=1, keepdims=True)
    return counts


def _accuracy(annotator: NDArray[np.int32], agreeing: Array, n_said: NDArray[np.int64], smoothing: float) -> Array:
    """Return each annotator's share of right votes, and `smoothing` votes of the whole crowd's accuracy."""
    right = np.bincount(annotator, weights=agreeing, minlength=len(n_said))
    crowd = right.sum() / max(int(n_said.sum()), 1)
    share = (right + smoothing * crowd) / np.maximum(n_said + smoothing, _SURE)
    return np.asarray(np.clip(share, _SURE, 1 - _SURE))


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
    total = posterior.sum(axis=0) + 1.0 / max(posterior.shape[1], 1)
    return np.asarray(total / total.sum())


def _normalize(logits: Array) -> Array:
    """Turn logits into probabilities, in place; return the logarithm of what each row was divided by."""
    n_labels = logits.shape[1]
    if n_labels > _FEW_LABELS:
        top = logits.max(axis=1)
    else:  # over a few columns this is much faster than along many short rows
        top = logits[:, 0].copy()
        for column in range(1, n_labels):
            np.maximum(top, logits[:, column], out=top)
    logits -= top[:, None]
    np.exp(logits, out=logits)
    total = logits @ np.ones(n_labels)
    logits /= total[:, None]
    return np.asarray(top + np.log(total))
