"""Gold beside a table of votes: a few items by name, or one label for every row.

In: a mapping from item to label, or a sequence as long as the table. Out: `Known`, places and labels as indices.
Never: a label that the table does not have.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_table import Table
from goldseam.stats.votes import BadVotes

Index = NDArray[np.int64]
Gold = Mapping[Any, Hashable] | Sequence[Hashable] | NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Items of gold: their places in the table, in order, and the index of their label."""

    item: Index
    label: Index

    def within(self, place: slice) -> tuple[Index, Index]:
        """Return those within a block of rows, placed from its start, with their labels."""
        low, high = np.searchsorted(self.item, [place.start, place.stop])
        return self.item[low:high] - place.start, self.label[low:high]


def known_of(table: Table, gold: Gold | None) -> Known:
    """Return gold in index form; what does not fit the table raises `BadVotes`."""
    if gold is None:
        return Known(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    if isinstance(gold, Mapping):
        return _by_name(table, gold)
    label = np.asarray(gold)
    if label.shape != (table.n_items,):
        raise BadVotes(
            f"Gold needs one label per item, {table.n_items}, or a mapping from item to label; it has shape {label.shape}."
        )
    return _by_row(table, label)


def _by_name(table: Table, gold: Mapping[Any, Hashable]) -> Known:
    place = {name: index for index, name in enumerate(table.items.tolist()) if name in gold}
    code = {name: index for index, name in enumerate(table.labels)}
    for item, label in gold.items():
        if item not in place:
            raise BadVotes(f"Gold names the item {item!r}, which is not among the {table.n_items} items of the votes.")
        if label not in code:
            raise BadVotes(f"Gold gives {item!r} the label {label!r}, which is not among the labels {table.labels!r}.")
    found = np.array(sorted((place[item], code[label]) for item, label in gold.items()), dtype=np.int64).reshape(-1, 2)
    return Known(found[:, 0], found[:, 1])


def _by_row(table: Table, gold: NDArray[Any]) -> Known:
    """Return the rows whose gold is known: not the sign for abstaining, not None, not NaN."""
    if gold.dtype.kind in "iu" and all(isinstance(name, int) for name in table.labels):
        names = np.array(table.labels, dtype=np.int64)
        order = np.argsort(names)
        at = np.minimum(np.searchsorted(names, gold, sorter=order), max(len(names) - 1, 0))
        label = order[at] if len(names) else np.zeros(len(gold), dtype=np.int64)
        fits = names[label] == gold if len(names) else np.zeros(len(gold), dtype=bool)
        wrong = ~fits & (gold != table.abstain)
    else:
        code = {name: index for index, name in enumerate(table.labels)}
        listed = gold.tolist()
        label = np.array([code.get(name, -1) for name in listed], dtype=np.int64)
        fits = label >= 0
        unknown = [name is None or name != name or name == table.abstain for name in listed]  # noqa: PLR0124 - NaN
        wrong = ~fits & ~np.array(unknown, dtype=bool)
    if wrong.any():
        raise BadVotes(
            f"Gold gives the label {gold.tolist()[int(wrong.argmax())]!r}, which is not among the labels {table.labels!r}."
        )
    item = np.flatnonzero(fits)
    return Known(item, label[item].astype(np.int64))
