"""Tally: how many votes of its item say the same as a vote does, without a table of items by labels.

In: `Votes`. Out: one `Tally` for each part of the votes, so that a part stays in the processor's cache.
Never: a cell that nobody voted for: labels may be many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.votes import Votes

Array = NDArray[np.float64]

_PART = 65_536
_NEAR = 16
"""Up to so many votes of an item are compared with each other one distance at a time; with more, they are counted."""
_SPARSE = 8
"""Up to this many cells of item and label for each vote, they are counted in a table; beyond, votes are sorted."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """A part of the votes, item by item: runs of votes on the same item, none of them cut.

    `item` (n_runs,) says whose run it is, `starts` and `sizes` where it begins and how long it is; `annotator` and
    `label` (n_votes,) are those of the votes. `same` holds what all votes of its run count together that say what a
    vote says, itself included, and `total` (n_runs,) what the whole run counts.
    """

    item: NDArray[np.int32]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    annotator: NDArray[np.int32]
    label: NDArray[np.int32]
    same: NDArray[Any]
    total: NDArray[Any]

    def most(self, at_vote: NDArray[Any]) -> NDArray[Any]:
        """Return the largest of what the votes of each run have, none of it negative."""
        if (
            at_vote.dtype == np.float64
        ):  # numbers of 0 or more are in the order of their bits, which are compared faster
            bits: NDArray[np.int64] = np.maximum.reduceat(at_vote.view(np.int64), self.starts)
            return bits.view(np.float64)
        return np.asarray(np.maximum.reduceat(at_vote, self.starts))

    def least(self, at_vote: NDArray[Any]) -> NDArray[Any]:
        """Return the smallest of what the votes of each run have."""
        return np.asarray(np.minimum.reduceat(at_vote, self.starts))

    def sums(self, at_vote: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of what the votes of each run have."""
        return np.asarray(np.add.reduceat(at_vote, self.starts, dtype=np.result_type(at_vote, np.int64)))

    def each(self, at_run: NDArray[Any]) -> NDArray[Any]:
        """Return for each vote what its run has."""
        return np.repeat(at_run, self.sizes)

    def shares(self, n_labels: int) -> Array:
        """Return for each vote the share of its label in its run; where nothing counts, all labels have the same."""
        heard = self.total > 0
        if heard.all():
            return np.asarray(self.same / self.each(self.total))
        share = self.same / self.each(np.where(heard, self.total, 1))
        share[self.each(~heard)] = 1.0 / n_labels
        return np.asarray(share)


def tallies(votes: Votes, weights: Array | None = None) -> Iterator[Tally]:
    """Give the tally of each part of the votes; `weights` (n_annotators,) say what a vote counts, by default 1."""
    votes = votes.by_item()
    begin, n_votes = 0, votes.n_votes
    least = max(_PART, votes.n_annotators)
    while begin < n_votes:
        end = min(begin + least, n_votes)
        if end < n_votes:
            end = int(np.searchsorted(votes.item, votes.item[end - 1], side="right"))
        yield _tally(votes, slice(begin, end), weights)
        begin = end


def _tally(votes: Votes, some: slice, weights: Array | None) -> Tally:
    item, annotator, label = votes.item[some], votes.annotator[some], votes.label[some]
    starts = np.concatenate([[0], np.flatnonzero(item[1:] != item[:-1]) + 1])
    sizes = np.diff(starts, append=len(item))
    weight = None if weights is None else weights.take(annotator)
    total = sizes if weight is None else np.add.reduceat(weight, starts)
    if weight is None and int(sizes.max()) <= _NEAR:
        same: NDArray[Any] = _compared(item, label, int(sizes.max()))
    else:
        same = _counted(item, label, votes.n_labels, weight)
    return Tally(item[starts], starts, sizes, annotator, label, same, total)


def _compared(item: NDArray[np.int32], label: NDArray[np.int32], longest: int) -> NDArray[np.uint8]:
    """Compare each vote with those next to it."""
    same = np.ones(len(item), dtype=np.uint8)
    for apart in range(1, longest):
        alike = label[apart:] == label[:-apart]
        alike &= item[apart:] == item[:-apart]
        same[:-apart] += alike.view(np.uint8)
        same[apart:] += alike.view(np.uint8)
    return same


def _counted(item: NDArray[np.int32], label: NDArray[np.int32], n_labels: int, weight: Array | None) -> NDArray[Any]:
    """Count in a table of items by labels, or sort where most of it would be empty."""
    cell = (item - item[0]) * np.int64(n_labels)
    cell += label
    if (int(item[-1]) - int(item[0]) + 1) * n_labels > _SPARSE * len(item):
        cell = np.unique(cell, return_inverse=True)[1].reshape(-1)
    return np.asarray(np.bincount(cell, weight).take(cell))
