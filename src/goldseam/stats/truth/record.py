"""What every method of truth inference answers with.

In: a posterior over labels. Out: `Truth`. Never: chance; ties go to the label with more votes over all items, then to the
first in order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._parts import PART_CELLS, parts, row_max
from goldseam.stats._tally import tallies
from goldseam.stats.votes import BadVotes, Names, Votes, occurrences

Array = NDArray[np.float64]

MAX_POSTERIOR_CELLS = 250_000_000
"""The largest n_items * n_labels that methods take on: 2 GB."""
TIE = 1e-9
"""Probabilities this close to each other tie."""


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

_HELD = Truth.__dict__["posterior"]


class Later(Truth):
    """A truth whose posterior is worked out when it is first asked for; it is made with a function in its place."""

    __slots__ = ()

    @property
    def posterior(self) -> Array:
        """The posterior (n_items, n_labels)."""
        held = _HELD.__get__(self)
        if callable(held):
            held = held()
            _HELD.__set__(self, held)
        return np.asarray(held)

    @posterior.setter
    def posterior(self, value: Array) -> None:
        _HELD.__set__(self, value)


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
    warnings = (*warnings, *warned_of_silence(n_votes))
    label, confidence = best_labels(votes, posterior)
    return Truth(
        items=votes.items,
        labels=votes.labels,
        posterior=posterior,
        label=label,
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


def warned_of_silence(n_votes: NDArray[np.int64]) -> tuple[str, ...]:
    """Return a sentence that says how many items have no votes, where some have none."""
    silent = len(n_votes) - int(np.count_nonzero(n_votes))
    return (f"{silent} of {len(n_votes)} items have no votes; they carry the prior.",) if silent else ()


def check_size(votes: Votes) -> None:
    """Refuse votes whose posterior would not fit into memory."""
    cells = votes.n_items * votes.n_labels
    if cells > MAX_POSTERIOR_CELLS:
        some = MAX_POSTERIOR_CELLS // votes.n_labels
        raise BadVotes(
            f"The posterior of {votes.n_items:,} items over {votes.n_labels:,} labels has {cells:,} cells, "
            f"{cells * 8 / 1e9:.1f} GB, above {MAX_POSTERIOR_CELLS:,}: give at most {some:,} items at a time, "
            "or put labels that are seldom chosen under one name."
        )


def shares_of_votes(votes: Votes, weights: Array | None) -> Array:
    """Return each item's share of (weighted) votes per label; items without any get the same share for all labels."""
    check_size(votes)
    shares = np.zeros((votes.n_items, votes.n_labels))
    silent = np.ones(votes.n_items, dtype=np.bool_)
    for some in tallies(votes, weights):
        silent[some.item] = some.total == 0
        cell = some.each(some.item) * np.int64(votes.n_labels)
        cell += some.label
        shares.ravel()[cell] = some.shares(votes.n_labels)
    shares[silent] = 1.0 / max(votes.n_labels, 1)
    return shares


def agreeing(votes: Votes, posterior: Array) -> Array:
    """Return how far each annotator's votes agree with the posterior; without votes, the mean of all votes."""
    total = np.zeros(votes.n_annotators)
    size = max(PART_CELLS, votes.n_annotators)
    for start in range(0, votes.n_votes, size):
        some = slice(start, start + size)
        cell = np.multiply(votes.item[some], votes.n_labels, dtype=np.int64)
        cell += votes.label[some]
        total += np.bincount(votes.annotator[some], posterior.ravel()[cell], votes.n_annotators)
    return mean_of_annotators(votes, total)


def mean_of_annotators(votes: Votes, total: Array) -> Array:
    """Return what each annotator's votes have in all, by vote; without votes, the mean of all votes."""
    many = votes.votes_per_annotator()
    overall = float(total.sum()) / votes.n_votes if votes.n_votes else 1.0 / max(votes.n_labels, 1)
    return np.where(many > 0, total / np.maximum(many, 1), overall)


def best_labels(votes: Votes, posterior: Array) -> tuple[NDArray[np.int32], Array]:
    """Return each item's label and its probability; a tie goes to the label with more votes, then to the first."""
    n_items, n_labels = posterior.shape
    label, confidence = np.zeros(n_items, dtype=np.int32), np.zeros(n_items)
    order = by_popularity(votes.label, n_labels)
    rank = np.argsort(order).astype(np.int32)
    for rows in parts(n_items, n_labels) if n_labels else []:
        block = posterior[rows]
        confidence[rows] = top = row_max(block)
        place = np.flatnonzero(block >= (top - TIE)[:, None])
        row = place // n_labels
        column = place - row * n_labels
        if len(row) > len(block):  # some tie: of each row's, the most popular
            first = np.flatnonzero(np.diff(row, prepend=-1))
            column = order[np.minimum.reduceat(rank[column], first)]
        label[rows] = column
    return label, confidence


def by_popularity(label: NDArray[np.int32], n_labels: int) -> NDArray[np.int32]:
    """Return the labels from the one with most votes to the one with fewest; of those that tie, the first comes first."""
    return np.argsort(-occurrences(label, n_labels), kind="stable").astype(np.int32)
