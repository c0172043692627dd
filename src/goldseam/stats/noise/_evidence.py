"""Evidence: how probable it is that an item's label is wrong, from a model, the labels given, and a crowd's votes.

In: `Given`, the joint, a crowd's posterior. Out: `Evidence`, which scores any items. Never: a fit on all the items of a
large set; some thousands, evenly spaced, tell the few numbers that are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.noise._calibration import recalibrated, softmax
from goldseam.stats.noise._crowd import Crowd
from goldseam.stats.noise._given import OFF, TINY, Array, Float, Given, Index, gathered, spaced
from goldseam.stats.noise.confident import Tally

_POOLED = 10.0
"""So many items of the mean mix of labels are added to those from which each label's confusions are learned."""
_ROUNDS = 10
_ROWS_PER_LABEL, _ROWS, _CELLS = 50, (5_000, 20_000), 4_000_000
"""From how many items the evidence is learned: per label, within limits, and with so many cells at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What makes odds of probabilities: where g is given, j is true with odds p_j ** power * exp(table[g, j]).

    With a crowd the table has two rows, for items with votes and without, and the crowd's odds are added.
    """

    power: float
    table: Array
    crowd: Crowd | None = None

    def odds(self, given: Given, rows: Index) -> tuple[Array, NDArray[np.int64], Array]:
        """Return the log odds that the label of each of some items is wrong, the best other label, and its probability."""
        odds, best = np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
        proba = np.empty(len(rows))
        table = self.table.astype(given.work, copy=False)
        start = 0
        for part, block in gathered(given, rows):
            some, label = slice(start, start + len(part)), given.label[part]
            odds[some], best[some] = _wrong(self._logs(block, part, label, table), label)
            proba[some] = given.proba[part, best[some]]
            start = some.stop
        return odds, best, proba

    def doubtful(self, given: Given, own: Float) -> NDArray[np.int64]:
        """Return the items that may have log odds above 0: none that has is missing.

        All other labels together have the rest of an item's probability, which bounds their odds.
        """
        if self.crowd is not None or given.n_labels < 2:
            return np.arange(given.n_items)
        other = self.table.copy()
        np.fill_diagonal(other, -np.inf)
        spread = max(1.0 - self.power, 0.0) * np.log(given.n_labels - 1)
        ratio = np.exp((other.max(axis=1) - self.table.diagonal() + spread) / self.power)
        most = 1.0 + OFF + given.n_labels * TINY
        bound = (most * ratio / (1.0 + ratio)).astype(own.dtype)
        rows = np.flatnonzero(own < bound.max())
        return np.asarray(rows[own[rows] < bound[given.label[rows]]])

    def _logs(self, block: Float, part: Index, label: Index, table: NDArray[Any]) -> Float:
        """Turn probabilities into the logarithms of what each label has for it, in place where no crowd has a say."""
        np.maximum(block, block.dtype.type(TINY), out=block)
        np.log(block, out=block)
        block *= block.dtype.type(self.power)
        if self.crowd is None:
            block += table[label]
            return block
        silent = self.crowd.silent[part]
        votes = self.crowd.power * np.log(np.maximum(self.crowd.posterior[part], TINY))
        return np.asarray(block + table[silent.astype(np.int64)] + np.where(silent[:, None], 0.0, votes))


def from_model(given: Given, tally: Tally) -> Evidence:
    """Learn the evidence of a model: recalibrated, with the confusions of the labels given, and each label's level.

    Two readings of the same probabilities are averaged in log odds, since they fail on different sets: the posterior of
    the true label given the label that was given (by its confusions), and the probability of each label relative to what
    the model usually gives it.
    """
    rows, weight = _telling(given, tally)
    label, logs = given.label[rows], _logs_of(given, rows)
    target = np.zeros(logs.shape)
    target[np.arange(len(rows)), label] = weight
    power, shift = recalibrated(logs, target)
    proba = softmax(power * logs + shift)
    many, own = target.sum(axis=0), np.einsum("ij,ij->j", target, proba)
    usual = (own + own.sum() / weight.sum()) / (many + 1.0)
    confusion = _confusion(proba, label, weight, tally.joint.calibrated)
    return Evidence(power, shift + 0.5 * (np.log(np.maximum(confusion, TINY)) - np.log(np.maximum(usual, TINY))))


def from_both(given: Given, crowd: Crowd) -> Evidence:
    """Learn the evidence of a model and a crowd: the crowd's posterior times what the model adds to it, each to a power.

    The model is recalibrated to the crowd, not to the labels given, and counts relative to the shares of the labels. An
    item without votes has the model alone.
    """
    voted = np.flatnonzero(~crowd.silent)
    if not len(voted):
        return Evidence(1.0, np.zeros((2, given.n_labels)), crowd)
    rows = spaced(voted, _wanted(given.n_labels))
    power, shift = recalibrated(_logs_of(given, rows), crowd.posterior[rows])
    table = crowd.model_power * np.stack([shift - np.log(crowd.share), shift])
    return Evidence(crowd.model_power * power, table, crowd)


def _wrong(logs: Float, label: Index) -> tuple[Float, Index]:
    """Return the log odds of all other labels together against the label given, and the best of the others."""
    every = np.arange(len(logs))
    own = logs[every, label]
    logs[every, label] = -np.inf
    best = logs.argmax(axis=1)
    most = logs[every, best]
    if logs.shape[1] < 2:
        return most, best
    logs -= most[:, None]
    np.exp(logs, out=logs)
    return most + np.log(logs @ np.ones(logs.shape[1], dtype=logs.dtype)) - own, best


def _confusion(proba: Array, label: Index, weight: Array, calibrated: Array) -> Array:
    """Return the probability (k, k) of each label being given (first axis) when each is true, learned by EM.

    It starts from the calibrated joint. The shares of the labels given, as of ten items, are added to each true label.
    """
    k = proba.shape[1]
    order = np.argsort(label, kind="stable")
    held, said, many = proba[order], label[order], weight[order, None]
    used, begin = np.unique(said, return_index=True)
    share = np.bincount(label, weights=weight, minlength=k)[:, None] / weight.sum()
    together = calibrated * weight.sum()
    for _ in range(_ROUNDS):
        confusion = together + _POOLED * share
        confusion /= confusion.sum(axis=0)
        posterior = held * confusion[said]
        posterior *= many / np.maximum(posterior.sum(axis=1, keepdims=True), TINY)
        together = np.zeros((k, k))
        together[used] = np.add.reduceat(posterior, begin, axis=0)
    confusion = together + _POOLED * share
    return np.asarray(confusion / confusion.sum(axis=0))


def _logs_of(given: Given, rows: Index) -> Array:
    return np.log(np.maximum(given.rows(rows).astype(np.float64), TINY))


def _telling(given: Given, tally: Tally) -> tuple[NDArray[np.int64], Array]:
    """Return items to learn from, with the number of items that each stands for.

    Errors are seen where the model has another label: up to half of the items are such, of a large set too.
    """
    apart, others = tally.apart, np.ones(given.n_items, dtype=np.bool_)
    others[apart] = False
    alike = np.flatnonzero(others)
    wanted = _wanted(given.n_labels)
    n_apart = min(len(apart), max(wanted // 2, wanted - len(alike)))
    n_alike = min(len(alike), wanted - n_apart)
    rows = np.concatenate([spaced(apart, n_apart), spaced(alike, n_alike)])
    weight = np.repeat([len(apart) / max(n_apart, 1), len(alike) / max(n_alike, 1)], [n_apart, n_alike])
    return rows, weight


def _wanted(n_labels: int) -> int:
    low, high = _ROWS
    return min(max(_ROWS_PER_LABEL * n_labels, low), high, max(_CELLS // n_labels, 1_000))
