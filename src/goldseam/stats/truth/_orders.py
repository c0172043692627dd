"""Orders: rankings in index form, how often each item is put before each other, and how far rankings agree.

In: lists of items best first, a table of them, or parallel arrays of positions. Out: `Orders`, `Sheet`, counts of pairs,
concordance. Never: a place for an item that its ranker did not see.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.truth._order_records import Concordance
from goldseam.stats.votes import BadVotes, Names, Votes

Array = NDArray[np.float64]

_CELLS = 4_000_000
"""Cells of pairs looked at together: 32 MB an array."""
MOST_ITEMS = 3_000
"""Up to so many items the counts of all pairs are held: 72 MB."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Rankings in index form, one after another: ranking r holds the entries `start[r]` to `start[r + 1]`, best first.

    `tied[e]` is true where entry e stands on the same step as the entry before it in its ranking. Rankings of fewer than
    two items say nothing and are counted in `n_empty`.
    """

    items: Names
    item: NDArray[np.int32]
    tied: NDArray[np.bool_]
    start: NDArray[np.int64]
    ranking: NDArray[np.int64]
    n_empty: int

    @classmethod
    def from_lists(cls, rankings: Iterable[Iterable[Any]] | NDArray[Any]) -> Orders:
        """Make orders from one sequence of items per ranking, best first; a set or a list inside is a tie.

        A table (n_rankings, k) holds one ranking per row; None, NaN, and -1 in a table of whole numbers, are empty places.
        """
        if isinstance(rankings, np.ndarray) and rankings.ndim == 2:
            row = np.repeat(np.arange(len(rankings)), rankings.shape[1])
            place = np.tile(np.arange(rankings.shape[1]), len(rankings))
            flat = rankings.ravel()
            given = ~_empty(flat)
            told = flat[given]
            told = told.astype(np.int64) if told.dtype.kind == "f" and (told == np.rint(told)).all() else told
            return cls.from_positions(row[given], told, place[given], n_rankings=len(rankings))
        steps = [[one if isinstance(one, set | frozenset | list) else (one,) for one in each] for each in rankings]
        sizes = [[len(step) for step in each] for each in steps]
        many = np.array([sum(each) for each in sizes], dtype=np.int64)
        place = np.repeat(
            np.fromiter(chain.from_iterable(range(len(each)) for each in sizes), dtype=np.int64),
            np.fromiter(chain.from_iterable(sizes), dtype=np.int64),
        )
        names = list(chain.from_iterable(chain.from_iterable(each) for each in steps))
        return cls.from_positions(np.repeat(np.arange(len(steps)), many), names, place, n_rankings=len(steps))

    @classmethod
    def from_positions(
        cls, ranking: ArrayLike, item: Iterable[Any], position: ArrayLike, *, n_rankings: int | None = None
    ) -> Orders:
        """Make orders from parallel arrays: in ranking number r this item has this position; 1 is best, equal is a tie."""
        which, place = np.asarray(ranking, dtype=np.int64), np.asarray(position, dtype=np.float64)
        listed = item if isinstance(item, np.ndarray) else list(item)
        if not len(which) == len(place) == len(listed):
            sizes = f"ranking {len(which)}, item {len(listed)}, position {len(place)}"
            raise BadVotes(f"The arrays of rankings must be equally long; they are {sizes}.")
        if np.isnan(place).any() or (which < 0).any():
            raise BadVotes("Positions are numbers, and rankings are numbered from 0.")
        nobody = np.zeros(len(listed), dtype=np.int64)
        named = Votes.from_arrays(listed, nobody, nobody, repeated="all")
        order = np.lexsort((named.item, place, which))
        which, place, index = which[order], place[order], named.item[order]
        _check_once(which, index, named.items)
        total = int(which.max(initial=-1)) + 1 if n_rankings is None else n_rankings
        many = np.bincount(which, minlength=total)
        useful = many > 1
        kept = useful[which]
        which, place, index = which[kept], place[kept], index[kept]
        tied = np.zeros(len(index), dtype=bool)
        tied[1:] = (which[1:] == which[:-1]) & (place[1:] == place[:-1])
        start = np.concatenate([[0], np.cumsum(many[useful])])
        return cls(named.items, index, tied, start, np.flatnonzero(useful), int(total - useful.sum()))

    @property
    def n_rankings(self) -> int:
        """Number of rankings of at least two items."""
        return len(self.start) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of items of each ranking."""
        return np.diff(self.start)

    def with_others_last(self) -> Orders:
        """Return the same rankings with all items that each leaves out on one last step."""
        n, n_items = self.n_rankings, len(self.items)
        if n * n_items > 200_000_000:
            raise BadVotes(f"{n} rankings of {n_items} items each are too many to fill up; leave unlisted='unknown'.")
        which = np.repeat(np.arange(n), self.sizes)
        step = np.full((n, n_items), np.inf)
        step[which, self.item] = _steps(self)
        rows, items = np.nonzero(np.ones_like(step, dtype=bool))
        names: Any = self.items
        again = Orders.from_positions(rows, np.arange(n_items)[items], step.ravel())
        return Orders(names, again.item, again.tied, again.start, self.ranking, self.n_empty)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rankings of about the same length as a table (n_rankings, width), padded by the index n_items."""

    which: NDArray[np.int64]
    item: NDArray[np.int64]
    first: NDArray[np.int64]
    after: NDArray[np.int64]
    tied: bool


def sheets(orders: Orders) -> Iterator[Sheet]:
    """Return the rankings in tables of at most some million cells, by length.

    `first` and `after` say for each place where its step begins and ends, `tied` whether any step holds two items.
    """
    sizes = orders.sizes
    n_items = len(orders.items)
    for width in np.unique(sizes):
        every = np.flatnonzero(sizes == width)
        at_once = max(1, _CELLS // (int(width) * 8))
        for begin in range(0, len(every), at_once):
            which = every[begin : begin + at_once]
            entry = orders.start[which][:, None] + np.arange(width)
            item = orders.item[entry].astype(np.int64)
            tied = orders.tied[entry]
            place = np.broadcast_to(np.arange(width), tied.shape)
            first = np.maximum.accumulate(np.where(tied, 0, place), axis=1)
            ends = np.concatenate([~tied[:, 1:], np.ones((len(which), 1), dtype=bool)], axis=1)
            after = np.minimum.accumulate(np.where(ends, place + 1, n_items + width)[:, ::-1], axis=1)[:, ::-1]
            yield Sheet(which, item, first, after, bool(tied.any()))


def pair_counts(orders: Orders) -> Array | None:
    """Return how many rankings put the row's item before the column's; None where items are too many."""
    n = len(orders.items)
    if n > MOST_ITEMS:
        return None
    counts = np.zeros(n * n)
    for cell in _pairs(orders):
        counts += np.bincount(cell, minlength=n * n)
    return counts.reshape(n, n)


def _pairs(orders: Orders) -> Iterator[NDArray[np.int64]]:
    """Return the cells (better * n_items + worse) of all ranked pairs, some million at a time."""
    n = len(orders.items)
    for sheet in sheets(orders):
        width = sheet.item.shape[1]
        upper, lower = np.triu_indices(width, 1)
        at_once = max(1, _CELLS // max(len(upper), 1))
        for begin in range(0, len(sheet.item), at_once):
            rows = slice(begin, begin + at_once)
            item, first = sheet.item[rows], sheet.first[rows]
            cell = item[:, upper] * n + item[:, lower]
            yield cell[first[:, upper] != first[:, lower]]


def mean_tau(counts: Array | None, n_rankings: int) -> Concordance:
    """Return Kendall's tau, averaged over pairs of rankings and of items that both rank (Ehrenberg 1952)."""
    if n_rankings < 2:
        return Concordance(None, "There are not two rankings to compare.", n_rankings)
    if counts is None:
        return Concordance(None, f"With more than {MOST_ITEMS} items the pairs are too many to count.", n_rankings)
    before, behind = counts, counts.T
    agreeing = (before * (before - 1) + behind * (behind - 1)).sum() / 2
    total = ((before + behind) * (before + behind - 1)).sum() / 2
    if total == 0:
        return Concordance(None, "No two rankings have two items in common in an order.", n_rankings)
    return Concordance(float(2 * agreeing / total - 1), "", n_rankings)


def kendall_w(orders: Orders) -> Concordance:
    """Return Kendall's coefficient of concordance, with its correction for ties (Kendall and Babington Smith 1939)."""
    m, n = orders.n_rankings, len(orders.items)
    if m < 2:
        return Concordance(None, "There are not two rankings to compare.", m)
    if not (orders.sizes == n).all():
        return Concordance(None, "Not every ranking covers all items; tau compares what they share.", m)
    total = np.zeros(n)
    ties = 0.0
    for sheet in sheets(orders):
        rank = (sheet.first + sheet.after + 1) / 2
        total += np.bincount(sheet.item.ravel(), weights=rank.ravel(), minlength=n)
        group = (sheet.after - sheet.first).astype(np.float64)
        ties += float((group**2 - 1).sum())  # each of g tied items counts g^2 - 1: in all g^3 - g
    spread = float(((total - m * (n + 1) / 2) ** 2).sum())
    most = m**2 * (n**3 - n) - m * ties
    if most <= 0:
        return Concordance(None, "Every ranking ties all items.", m)
    return Concordance(12 * spread / most, "", m)


def agreement_with(orders: Orders, strength: Array, annotator: NDArray[np.int64], n_annotators: int) -> Array:
    """Return each annotator's share of pairs put in the order of `strength`; one half where they ranked no pair."""
    right, total = np.zeros(n_annotators), np.zeros(n_annotators)
    for sheet in sheets(orders):
        width = sheet.item.shape[1]
        upper, lower = np.triu_indices(width, 1)
        at_once = max(1, _CELLS // max(len(upper), 1))
        for begin in range(0, len(sheet.item), at_once):
            rows = slice(begin, begin + at_once)
            item, first = sheet.item[rows], sheet.first[rows]
            told = first[:, upper] != first[:, lower]
            lead = np.sign(strength[item[:, upper]] - strength[item[:, lower]])
            who = annotator[sheet.which[rows]]
            right += np.bincount(who, weights=((1 + lead) / 2 * told).sum(axis=1), minlength=n_annotators)
            total += np.bincount(who, weights=told.sum(axis=1), minlength=n_annotators)
    return np.where(total > 0, right / np.maximum(total, 1), 0.5)


def borda(orders: Orders) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return each item's mean share of others placed behind it, its standard error, and in how many rankings it is."""
    n = len(orders.items)
    total, square = np.zeros(n), np.zeros(n)
    many = np.bincount(orders.item, minlength=n)
    for sheet in sheets(orders):
        width = sheet.item.shape[1]
        share = (width - (sheet.first + sheet.after + 1) / 2) / (width - 1)
        total += np.bincount(sheet.item.ravel(), weights=share.ravel(), minlength=n)
        square += np.bincount(sheet.item.ravel(), weights=(share**2).ravel(), minlength=n)
    mean = np.where(many > 0, total / np.maximum(many, 1), 0.5)
    variance = np.maximum(square - many * mean**2, 0.0) / np.maximum(many - 1, 1)
    return mean, np.where(many > 1, np.sqrt(variance / np.maximum(many, 1)), 0.5), many.astype(np.int64)


def _steps(orders: Orders) -> NDArray[np.int64]:
    """Return the number of the step that each entry stands on, within its ranking."""
    rising = np.cumsum(~orders.tied)
    return np.asarray(rising - np.repeat(rising[orders.start[:-1]], orders.sizes))


def _check_once(which: NDArray[np.int64], index: NDArray[np.int32], items: Names) -> None:
    order = np.lexsort((index, which))
    again = (which[order][1:] == which[order][:-1]) & (index[order][1:] == index[order][:-1])
    if again.any():
        place = order[1:][again][0]
        raise BadVotes(f"Ranking {which[place]} holds {items[index[place]]!r} twice; each item has one place.")


def _empty(flat: NDArray[Any]) -> NDArray[np.bool_]:
    if flat.dtype.kind in "iu":
        return np.asarray(flat == -1)
    if flat.dtype.kind == "f":
        return np.asarray(np.isnan(flat))
    return np.array([one is None or one != one for one in flat.tolist()], dtype=bool)  # noqa: PLR0124 - NaN


def names_of(
    annotator: Sequence[Hashable] | NDArray[Any] | None, orders: Orders, n: int
) -> tuple[Names, NDArray[np.int64]]:
    """Return the annotators' names, and the index of each kept ranking's; without any, each ranking is its own."""
    if annotator is None:
        return np.arange(n), orders.ranking
    listed = annotator if isinstance(annotator, np.ndarray) else list(annotator)
    if len(listed) != n:
        raise BadVotes(f"There are {n} rankings, but {len(listed)} annotators for them.")
    nobody = np.zeros(len(listed), dtype=np.int64)
    named = Votes.from_arrays(nobody, listed, nobody, repeated="all")
    return named.annotators, named.annotator[orders.ranking].astype(np.int64)
