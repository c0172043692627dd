"""EM with two kinds of item per label: those that everyone sees rightly, and those that mislead many in the same way.

In: `Votes`, a starting posterior, what is known of items and labels. Out: `KindsFit`.
Never: a loop over votes in Python, or an item that judges the annotators who then judge it (in the final posterior).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import digamma, gammaln, softmax

from goldseam.stats.truth._rows import Expected
from goldseam.stats.truth.known import Known
from goldseam.stats.truth.record import Array, shares_of_votes
from goldseam.stats.votes import Votes

_STEPS = 30
_FIRM_STEPS = 15
_FIRM, _LOOSE = 10.0, 2.5
"""Anchoring votes a row: firm at first, so that the kinds keep the labels the crowd gave them, then loose."""
_SETTLED = 1e-4
"""A stage ends when less than this share of the posterior still moves."""
_SPARSE = 0.1
"""The Dirichlet parameter of the kinds within a label: below 1, so that a kind that is not needed dies out."""
_SPLIT = 1e-9
_BLOCK_CELLS = 131_072
_TRUST_STEPS = 5
_MOST_TRUST = 2.0


@dataclass(frozen=True, slots=True)
class KindsFit:
    """What the loop ended with.

    `posterior` (n_items, n_labels) takes errors as independent, and is not clamped to gold; `confusion`
    (n_annotators, true, said). `evidence` is the log likelihood less what the parameters cost.
    """

    posterior: Array
    confusion: Array
    reliability: Array
    iterations: int
    log_likelihood: float
    evidence: float


@dataclass(slots=True)
class _Work:
    """The votes as a sparse matrix (n_items, n_annotators * n_labels), and what the steps share."""

    said: csr_array
    n_annotators: int
    n_labels: int
    n_kinds: int
    teaches: Array
    known: Known
    required: NDArray[np.int64]
    power: float = 0.0

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which label each kind of item carries, (n_labels, n_labels * n_kinds)."""
        return np.tile(np.eye(self.n_labels, dtype=np.bool_), (1, self.n_kinds))

    def counts_of(self, soft: Array) -> Array:
        return soft.reshape(self.n_annotators, self.n_labels, self.n_labels * self.n_kinds)


def fit_best(votes: Votes, start: Array, known: Known, most_kinds: int) -> KindsFit:
    """Fit with one kind of item per label, and with two where there is room; return the fit with more evidence."""
    plain = fit(votes, start.copy(), known, 1)
    if most_kinds == 1:
        return plain
    split = fit(votes, start, known, 2)
    return split if split.evidence > plain.evidence else plain


def fit(votes: Votes, start: Array, known: Known, n_kinds: int) -> KindsFit:
    """Alternate between confusions per kind of item and posteriors; `start` becomes the posterior."""
    work = _work(votes, known, n_kinds)
    expected = Expected.of_the_crowd(votes.n_annotators, votes.n_labels)
    counts, mass = _first(work, votes, start)
    firm_until, step, log_likelihood, cost = _FIRM_STEPS, 0, -np.inf, 0.0
    while True:
        firm = step < firm_until
        pseudo = expected.pseudo_votes(counts, work.right, _FIRM if firm else _LOOSE)
        total = counts + pseudo
        last = step == _STEPS - 1
        if known.model is not None:
            work.power = _trust(start, known.model, _label_prior(work, mass))
        before = mass
        counts, mass, moved, log_likelihood = _step(work, total, mass, start)
        step += 1
        if last or (moved < _SETTLED and not firm):
            cost = _cost(work, total, pseudo, before)
            break
        if moved < _SETTLED:
            firm_until = step
    total = counts + expected.pseudo_votes(counts, work.right, _LOOSE)
    confusion, reliability = _summary(work, total, mass)
    _without_itself(work, total, mass, start)
    return KindsFit(start, confusion, reliability, step, log_likelihood, log_likelihood - cost)


def _cost(work: _Work, total: Array, pseudo: Array, mass: Array) -> float:
    """Return how far the parameters have moved from their priors (Kullback-Leibler), as a variational bound does."""
    by_kind = mass.reshape(work.n_kinds, work.n_labels)
    cost = _divergence(total, pseudo, 1)
    if work.n_kinds > 1:
        cost += _divergence(by_kind + _SPARSE, np.full_like(by_kind, _SPARSE), 0)
    if work.known.prior is None:
        of_label = by_kind.sum(axis=0)
        cost += _divergence(of_label + 1.0, np.ones_like(of_label), 0)
    return cost


def _divergence(after: Array, before: Array, axis: int) -> float:
    """Return the divergence of Dirichlet distributions along an axis, summed over the others."""
    whole, first = after.sum(axis=axis, keepdims=True), before.sum(axis=axis, keepdims=True)
    cells = gammaln(before) - gammaln(after) + (after - before) * (digamma(after) - digamma(whole))
    return float(cells.sum() + (gammaln(whole) - gammaln(first)).sum())


def _work(votes: Votes, known: Known, n_kinds: int) -> _Work:
    column = votes.annotator * np.int64(votes.n_labels) + votes.label
    shape = (votes.n_items, votes.n_annotators * votes.n_labels)
    said = csr_array(coo_array((np.ones(votes.n_votes), (votes.item, column)), shape=shape))
    teaches = np.ones(votes.n_items)
    if known.model is None:  # alone on an item, a vote says nothing of how well its annotator does
        teaches[votes.votes_per_item() == 1] = 0.0
        teaches[known.gold_item] = 1.0
    required = np.full(votes.n_items, -1)
    required[known.gold_item] = known.gold_label
    return _Work(said, votes.n_annotators, votes.n_labels, n_kinds, teaches, known, required)


def _blocks(work: _Work, per_item: float = 1.0) -> list[slice]:
    """Return slices of items whose cells stay in the cache, yet are no smaller than a tenth of the counts."""
    n_items = work.said.shape[0]
    width = work.n_labels * work.n_kinds
    least = work.said.shape[1] // 10 if per_item == 1.0 else 0
    size = max(int(_BLOCK_CELLS / (width * max(per_item, 1.0))), least, 64)
    return [slice(begin, min(begin + size, n_items)) for begin in range(0, n_items, size)]


def _first(work: _Work, votes: Votes, start: Array) -> tuple[Array, Array]:
    """Return counts and mass from the start, where a label's clear items are its first kind, the doubtful its second."""
    shares = shares_of_votes(votes, None)
    soft = np.zeros((work.said.shape[1], work.n_labels * work.n_kinds))
    mass = np.zeros(work.n_labels * work.n_kinds)
    for rows in _blocks(work):
        if work.n_kinds == 1:
            parts = start[rows].copy()
        else:
            parts = np.hstack([start[rows] * shares[rows], start[rows] * (1 - shares[rows])]) + _SPLIT
            parts /= parts.sum(axis=1, keepdims=True)
        mass += parts.sum(axis=0)
        parts *= work.teaches[rows, None]
        soft += work.said[rows].T @ parts
    return work.counts_of(soft), mass


def _step(work: _Work, total: Array, mass: Array, posterior: Array) -> tuple[Array, Array, float, float]:
    """Set the posterior, in place; return the new counts and mass, how much moved, and the log likelihood."""
    table = (np.log(total) - np.log(total.sum(axis=1, keepdims=True))).reshape(work.said.shape[1], -1)
    kinds = _kind_prior(work, mass)
    label = _label_prior(work, mass)
    soft, new_mass = np.zeros_like(table), np.zeros_like(mass)
    moved = log_likelihood = 0.0
    for rows in _blocks(work):
        said = work.said[rows]
        logits = said @ table + kinds
        log_likelihood += _normalize(work, logits, label, rows)
        of_label = _by_label(work, logits)
        moved += float(np.abs(of_label - posterior[rows]).sum()) / 2
        posterior[rows] = of_label
        new_mass += logits.sum(axis=0)
        logits *= work.teaches[rows, None]
        soft += said.T @ logits
    return work.counts_of(soft), new_mass, moved / max(len(posterior), 1), log_likelihood


def _normalize(work: _Work, logits: Array, label: Array, rows: slice, *, clamped: bool = True) -> float:
    """Add the labels' prior and the model to logits of votes and turn them into probabilities, in place."""
    beyond = label[rows] if label.ndim == 2 else label[None]
    if work.known.model is not None:
        beyond = beyond + work.power * work.known.model[rows]
    logits += np.tile(beyond, work.n_kinds)
    required = work.required[rows]
    gold = np.flatnonzero(required >= 0)
    if clamped and len(gold):
        kept = np.tile(np.arange(work.n_labels) == required[gold, None], work.n_kinds)
        logits[gold] = np.where(kept, logits[gold], -np.inf)
    top = logits.max(axis=1)
    logits -= top[:, None]
    np.exp(logits, out=logits)
    divisor = logits.sum(axis=1)
    logits /= divisor[:, None]
    return float((top + np.log(divisor)).sum())


def _by_label(work: _Work, by_kind: Array) -> Array:
    return by_kind if work.n_kinds == 1 else by_kind[:, : work.n_labels] + by_kind[:, work.n_labels :]


def _kind_prior(work: _Work, mass: Array) -> Array:
    """Return the expected logarithm of each kind's share within its label."""
    count = mass.reshape(work.n_kinds, work.n_labels) + _SPARSE
    return np.asarray(digamma(count) - digamma(count.sum(axis=0))).ravel()


def _label_prior(work: _Work, mass: Array) -> Array:
    if work.known.prior is not None:
        return work.known.prior
    count = mass.reshape(work.n_kinds, work.n_labels).sum(axis=0) + 1.0
    return np.asarray(np.log(count / count.sum()))


def _summary(work: _Work, total: Array, mass: Array) -> tuple[Array, Array]:
    """Return confusions over both kinds of item (annotator, true, said), and each annotator's share of right votes."""
    rows = total / total.sum(axis=1, keepdims=True)
    count = mass.reshape(work.n_kinds, work.n_labels) + _SPARSE
    share = count / count.sum(axis=0)
    shape = (work.n_annotators, work.n_labels, work.n_kinds, work.n_labels)
    confusion = np.einsum("almk,mk->akl", rows.reshape(shape), share)
    of_label = count.sum(axis=0) / count.sum()
    return confusion, np.einsum("akk,k->a", confusion, of_label)


def _without_itself(work: _Work, total: Array, mass: Array, posterior: Array) -> None:
    """Set the posterior, in place: each item by confusions from which its own share has been taken out."""
    width = work.n_labels * work.n_kinds
    flat, of_row = total.reshape(work.said.shape[1], width), total.sum(axis=1)
    table = np.log(flat.reshape(total.shape) / of_row[:, None, :]).reshape(flat.shape)
    count = mass.reshape(work.n_kinds, work.n_labels) + _SPARSE
    kinds, label = np.log(count / count.sum(axis=0)).ravel(), _label_prior(work, mass)
    per_item = work.said.nnz / max(work.said.shape[0], 1)
    for rows in _blocks(work, max(per_item, 1.0) + 1e-9):
        said = work.said[rows]
        own = said @ table + _kind_prior(work, mass)
        _normalize(work, own, label, rows)
        own *= work.teaches[rows, None]
        item = np.repeat(np.arange(said.shape[0]), np.diff(said.indptr))
        taken = own[item] * said.data[:, None]
        chance = np.log(np.maximum(flat[said.indices] - taken, _SPLIT))
        chance -= np.log(np.maximum(of_row[said.indices // work.n_labels] - taken, _SPLIT))
        place = np.arange(len(said.data))
        gathered = csr_array((said.data, place, said.indptr), shape=(said.shape[0], len(place)))
        logits = gathered @ chance + kinds
        _normalize(work, logits, label, rows, clamped=False)
        posterior[rows] = _by_label(work, logits)


def _trust(posterior: Array, evidence: Array, prior: Array) -> float:
    """Return the power at which the model's probabilities fit the posterior best (Newton on a concave sum)."""
    wanted, power = float((posterior * evidence).sum()), 1.0
    for _ in range(_TRUST_STEPS):
        share = softmax(prior + power * evidence, axis=1)
        mean = (share * evidence).sum(axis=1)
        spread = float((share * evidence**2).sum() - (mean**2).sum())
        if spread <= _SPLIT:
            break
        power = min(max(power + (wanted - float(mean.sum())) / spread, 0.0), _MOST_TRUST)
    return power
