"""What every method of truth inference answers with.

In: a posterior over labels. Out: `Truth`. Never: chance; ties go to the label with more votes over all items, then to the
first in order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.votes import Names, Votes

Array = NDArray[np.float64]

_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Truth:
    """What the votes say.

    `posterior` (n_items, n_labels) sums to 1 per item; `label` is the index of its largest entry and `confidence` that
    entry. An item without votes (`n_votes` 0) has the prior. `reliability` is each annotator's expected accuracy, and
    `confusion` (n_annotators, true label, label said) its probabilities, where the method has them.
    `log_likelihood` is None for methods without a model. `warnings` are sentences for people.
    """

    items: Names
    labels: tuple[Hashable, ...]
    posterior: Array
    label: NDArray[np.int32]
    confidence: Array
    annotators: Names
    reliability: Array
    confusion: Array | None
    iterations: int
    log_likelihood: float | None
    n_votes: NDArray[np.int64]
    method: str
    warnings: tuple[str, ...] = ()

    def names(self) -> list[Hashable]:
        """Return each item's label by name."""
        return [self.labels[index] for index in self.label]


Method = Callable[..., Truth]


def truth_of(
    votes: Votes,
    posterior: Array,
    reliability: Array,
    method: str,
    *,
    confusion: Array | None = None,
    iterations: int = 0,
    log_likelihood: float | None = None,
    warnings: tuple[str, ...] = (),
) -> Truth:
    """Return the record of a posterior (n_items, n_labels); it is kept, not copied."""
    n_votes = votes.votes_per_item()
    silent = int((n_votes == 0).sum())
    if silent:
        warnings = (*warnings, f"{silent} of {votes.n_items} items have no votes; they carry the prior.")
    confidence = posterior.max(axis=1, initial=0.0)
    label = posterior.argmax(axis=1) if votes.n_labels else np.zeros(votes.n_items)
    tied = posterior >= (confidence - _TIE)[:, None]
    several = np.flatnonzero(tied.sum(axis=1) > 1)
    if len(several):
        popular = np.bincount(votes.label, minlength=votes.n_labels)
        label[several] = np.where(tied[several], popular, -1).argmax(axis=1)
    return Truth(
        items=votes.items,
        labels=votes.labels,
        posterior=posterior,
        label=label.astype(np.int32),
        confidence=confidence,
        annotators=votes.annotators,
        reliability=reliability,
        confusion=confusion,
        iterations=iterations,
        log_likelihood=log_likelihood,
        n_votes=n_votes,
        method=method,
        warnings=warnings,
    )


def shares_of_votes(votes: Votes, weights: Array | None) -> Array:
    """Return each item's share of (weighted) votes per label; items without any get the same share for all labels."""
    if weights is None:
        counts = votes.counts().astype(np.float64)
    else:
        cell = votes.item.astype(np.int64) * votes.n_labels + votes.label
        summed = np.bincount(cell, weights=weights[votes.annotator], minlength=votes.n_items * votes.n_labels)
        counts = summed.astype(np.float64, copy=False).reshape(votes.n_items, votes.n_labels)
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1.0 / max(votes.n_labels, 1))


def agreeing(votes: Votes, posterior: Array) -> Array:
    """Return how far each annotator's votes agree with the posterior; without votes, the mean of all votes."""
    at_vote = posterior[votes.item, votes.label]
    many = votes.votes_per_annotator()
    total = np.bincount(votes.annotator, weights=at_vote, minlength=votes.n_annotators)
    overall = float(at_vote.mean()) if votes.n_votes else 1.0 / max(votes.n_labels, 1)
    return np.where(many > 0, total / np.maximum(many, 1), overall)
