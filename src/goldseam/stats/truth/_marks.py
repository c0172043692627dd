"""Marks: what annotators put on items, any number on each, in index form.

In: parallel arrays of items, annotators and labels; who looked and marked nothing. Out: `Marks`, in order of item.
Never: an annotator who marked an item without having looked at it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from goldseam.stats._names import BadVotes, Names, indexed
from goldseam.stats._neighbors import Index
from goldseam.stats.truth._objects import Candidates, Looks
from goldseam.stats.truth.record import Array

Looked = tuple[Iterable[Any], Iterable[Any]]
"""Items and annotators, in pairs: who looked at what, also where nothing was marked."""


class Settled(Protocol):
    """What EM says of itself."""

    @property
    def iterations(self) -> int: ...
    @property
    def converged(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks in index form, sorted by item; mark v was given at place `order[v]`."""

    items: Names
    annotators: Names
    labels: tuple[Hashable, ...]
    item: Index
    annotator: Index
    label: Index
    order: Index
    looks: Looks

    @property
    def n_marks(self) -> int:
        """Number of marks."""
        return len(self.item)

    def candidates(self, cluster: Index) -> Candidates:
        """Return clusters, numbered in order of their first marks, as candidates."""
        first = np.full(int(cluster.max(initial=-1)) + 1, self.n_marks)
        np.minimum.at(first, cluster, np.arange(self.n_marks))
        return Candidates(self.item[first], cluster, self.annotator, self.label, len(self.labels))

    def given(self, values: Index) -> Index:
        """Return values of marks in the order in which the marks were given."""
        found = np.empty_like(values)
        found[self.order] = values
        return found

    def precision(self, real: Array) -> Array:
        """Return the share of each annotator's marks that are real, pooled with two marks of the crowd.

        `real` is the probability of each mark.
        """
        many = np.bincount(self.annotator, minlength=len(self.annotators))
        right = np.bincount(self.annotator, weights=real, minlength=len(self.annotators))
        crowd = (float(real.sum()) + 0.5) / (self.n_marks + 1)
        return np.asarray((right + 2 * crowd) / (many + 2))


def marks_of(
    item: Iterable[Any], annotator: Iterable[Any], label: Iterable[Hashable] | None, looked: Looked | None, n_marks: int
) -> Marks:
    """Return marks in index form; arrays that do not fit together raise `BadVotes`."""
    seen_item, seen_annotator = ([], []) if looked is None else (list(looked[0]), list(looked[1]))
    if len(seen_item) != len(seen_annotator):
        raise BadVotes(
            f"looked=(items, annotators) needs two arrays of one length, not {len(seen_item)} and {len(seen_annotator)}."
        )
    items, item_index = _with(item, seen_item, "item")
    annotators, annotator_index = _with(annotator, seen_annotator, "annotator")
    labels, label_index = _labels(label, n_marks)
    sizes = len(item_index) - len(seen_item), len(annotator_index) - len(seen_annotator), len(label_index)
    if sizes != (n_marks, n_marks, n_marks):
        raise BadVotes(
            f"The arrays must be equally long; there are {n_marks} marks, but item {sizes[0]}, annotator {sizes[1]}, "
            f"label {sizes[2]}."
        )
    wide = np.int64(max(len(annotators), 1))
    pairs = np.unique(item_index * wide + annotator_index)
    order = np.argsort(item_index[:n_marks], kind="stable")
    return Marks(
        items=items,
        annotators=annotators,
        labels=labels,
        item=item_index[:n_marks][order],
        annotator=annotator_index[:n_marks][order],
        label=label_index[order],
        order=order,
        looks=Looks(pairs // wide, pairs % wide, len(items), len(annotators)),
    )


def _with(names: Iterable[Any], more: list[Any], what: str) -> tuple[Names, Index]:
    """Return the names of marks and of looks together, and the index of each, marks first."""
    if more:
        names = [*(names.tolist() if isinstance(names, np.ndarray) else names), *more]
    found, index = indexed(names, None, what)
    return found, index.astype(np.int64)


def _labels(label: Iterable[Hashable] | None, n_marks: int) -> tuple[tuple[Hashable, ...], Index]:
    if label is None:
        return (None,), np.zeros(n_marks, dtype=np.int64)
    names, index = indexed(label, None, "label")
    if (index < 0).any():
        raise BadVotes(
            f"Mark {int(np.flatnonzero(index < 0)[0])} has no label; give all of them one, or leave out label=."
        )
    return tuple(names.tolist()), index.astype(np.int64)


def chosen(item: Index, real: Array, at_least: float) -> Index:
    """Return the candidates to keep, in order of item and of confidence."""
    kept = np.flatnonzero(real >= within_1(at_least, "at_least"))
    return kept[np.lexsort((-real[kept], item[kept]))]


def rows_of(kept: Index, n_candidates: int) -> Index:
    """Return the row of each candidate among those kept, -1 for none."""
    row = np.full(n_candidates, -1)
    row[kept] = np.arange(len(kept))
    return row


def within_1(value: float, name: str) -> float:
    """Return an option that must lie between 0 and 1."""
    if not 0 <= value <= 1:
        raise BadVotes(f"{name}={value}: a number from 0 to 1 would be right.")
    return value


def warnings_of(marks: Marks, fit: Settled) -> tuple[str, ...]:
    """Return what to know before trusting what was inferred."""
    if not marks.n_marks:
        return ("Nobody marked anything.",)
    found = []
    alone = int((np.bincount(marks.looks.item, minlength=marks.looks.n_items) == 1).sum())
    if alone:
        found.append(
            f"{alone} of {len(marks.items)} items were looked at by one annotator: nobody else's marks tell there."
        )
    if not fit.converged:
        found.append(f"Stopped after {fit.iterations} iterations, before it settled.")
    return tuple(found)
