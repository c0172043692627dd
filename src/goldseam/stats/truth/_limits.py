"""Limits: where a span starts and ends, by those who mark limits exactly.

In: spans in clusters, who marked them, how probably each cluster is real. Out: limits of each cluster, their posterior,
and each annotator's exactness. Never: limits that nobody marked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldseam.stats._neighbors import Index
from goldseam.stats.truth.record import Array

_ROUNDS = 20
_SETTLED = 1e-4
_POOLED = 5.0
"""Each annotator's exactness is pooled with the crowd's over so many spans."""
_SURE = 0.02
_FIRST = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """Start and end of each cluster with their posterior, and how often each annotator marks the right ones."""

    start: Index
    end: Index
    posterior: Array
    exactness: Array


def chosen_limits(limits: Index, cluster: Index, annotator: Index, real: Array, n_annotators: int) -> Limits:
    """Choose the limits of each cluster among those of its members (n_marks, 2).

    An annotator marks the right limits with the probability `exactness`, and else any other that someone marked; both
    are learned by EM from clusters in which there are several members, each as far as it is `real`.
    """
    n_clusters = len(real)
    if not n_clusters:
        return Limits(cluster, cluster, np.empty(0), np.full(n_annotators, _FIRST))
    order = np.lexsort((limits[:, 1], limits[:, 0], cluster))
    ordered = np.column_stack([cluster, limits])[order]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    option_of = np.empty(len(order), dtype=np.int64)
    option_of[order] = np.cumsum(opens) - 1
    options = ordered[opens]
    owner = options[:, 0]
    others = np.maximum(np.bincount(owner)[cluster] - 1, 1)
    teaches = real[cluster] * (np.bincount(cluster)[cluster] > 1)
    many = np.bincount(annotator, weights=teaches, minlength=n_annotators)
    exactness = np.full(n_annotators, _FIRST)
    begin = np.searchsorted(owner, np.arange(n_clusters))
    for _ in range(_ROUNDS):
        known = exactness[annotator]
        logits = np.bincount(option_of, weights=np.log(known * others / (1 - known)), minlength=len(options))
        logits = np.exp(logits - np.maximum.reduceat(logits, begin)[owner])
        posterior = logits / np.bincount(owner, weights=logits)[owner]
        right = np.bincount(annotator, weights=posterior[option_of] * teaches, minlength=n_annotators)
        crowd = (float(right.sum()) + _FIRST) / (float(many.sum()) + 1)
        before, exactness = exactness, (right + _POOLED * crowd) / (many + _POOLED)
        exactness = np.clip(exactness, _SURE, 1 - _SURE)
        if np.abs(exactness - before).max(initial=0.0) <= _SETTLED:
            break
    ranked = np.lexsort((-posterior, owner))
    best = ranked[begin]
    return Limits(options[best, 1], options[best, 2], posterior[best], exactness)
