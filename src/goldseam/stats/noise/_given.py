"""What every function of this folder starts from: labels and a model's probabilities, checked.

In: labels in any form, probabilities (n, k). Out: `Given`, and rows of probabilities block by block.
Never: a copy of all probabilities, or of their type: float32 stays float32.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import indexed, plain
from goldseam.stats.truth.record import Truth
from goldseam.stats.votes import BadVotes, Votes

Array = NDArray[np.float64]
Float = NDArray[np.floating[Any]]
Index = NDArray[np.integer[Any]]
Labels = Iterable[Any] | Truth

OFF = 0.01
"""How far the sum of a row may be from 1: float16 comes close to it."""
TINY = 1e-12
"""A probability below this counts as this where its logarithm is taken."""
_BELOW_ZERO = -1e-6
"""A softmax put right by a calibration may end this little below zero."""
_BLOCK_BYTES = 1 << 19
_FEW_LABELS = 32
"""Up to so many labels the largest of each row is found column by column."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Labels given (n,) as indices of `names`, and a model's probabilities (n, k), as they came.

    `soft` (n, k) is there when the labels came as a posterior.
    """

    label: Index
    proba: Float
    names: tuple[Hashable, ...]
    soft: Array | None = None

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.label)

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.names)

    @property
    def work(self) -> np.dtype[Any]:
        """The type to reckon with: that of the probabilities, or float32 where they have less."""
        return np.dtype(np.float32 if self.proba.dtype.itemsize <= 4 else np.float64)

    def rows(self, rows: Index) -> Float:
        """Return a copy of the probabilities of some items, in the type to reckon with."""
        return np.ascontiguousarray(self.proba[rows], dtype=self.work)


def given_of(labels: Labels, proba: ArrayLike, names: Sequence[Hashable] | None) -> Given:
    """Check labels against probabilities and return both; what does not fit raises `BadVotes`."""
    table = table_of(proba)
    n_items, n_labels = table.shape
    if isinstance(labels, Votes):
        raise BadVotes("These are votes, not labels: give truth.infer(votes), or one label for each item.")
    if isinstance(labels, Truth) and names is None:
        names = labels.labels
    listed = names_of(names, n_labels)
    if n_items and not n_labels:
        raise BadVotes("proba has no column, so there is no label that an item could have.")
    soft: Array | None = None
    label: Index = np.empty(0, dtype=np.int64)
    if isinstance(labels, Truth):
        soft, label = posterior_of(labels.posterior, n_items, listed), labels.label
    elif isinstance(labels, np.ndarray) and labels.ndim == 2:
        soft = posterior_of(labels, n_items, listed)
        label = soft.argmax(axis=1) if n_labels else label
    else:
        label = coded(labels, names, listed)
    if len(label) != n_items:
        raise BadVotes(f"There are {len(label)} labels and {n_items} rows of proba; each item has one of both.")
    return Given(label, table, listed, soft)


def table_of(proba: ArrayLike) -> Float:
    """Return probabilities as a 2-D array of floating numbers, without a copy where they are one."""
    table = np.asarray(proba.to_numpy() if hasattr(proba, "to_numpy") else proba)
    if table.ndim != 2:
        raise BadVotes(f"proba needs the shape (items, labels), 2 dimensions; it has {table.ndim}.")
    if table.dtype.kind == "f" and table.dtype.itemsize <= 8:
        return table
    try:
        return table.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise BadVotes(f"proba must hold numbers; it holds {table.dtype}.") from error


def stretches(given: Given) -> list[tuple[int, int]]:
    """Return from which to which item each block goes; one stays within the processor's cache."""
    size = max(_BLOCK_BYTES // max(given.n_labels * given.work.itemsize, 1), 64)
    return [(start, min(start + size, given.n_items)) for start in range(0, given.n_items, size)]


def gathered(given: Given, rows: Index) -> Iterator[tuple[Index, Float]]:
    """Yield some items in groups, with their probabilities in a block that may be written to and is used again.

    One block for all of them stays within the processor's cache, which saves most of the time of copying.
    """
    size = max(_BLOCK_BYTES // max(given.n_labels * given.work.itemsize, 1), 64)
    plain_rows = given.proba.flags.c_contiguous and given.proba.dtype == given.work
    held = np.empty((min(size, len(rows)), given.n_labels), dtype=given.work)
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        block = held[: len(part)]
        if plain_rows:
            np.take(given.proba, part, axis=0, out=block, mode="clip")  # the other modes copy once more
        else:
            block[...] = given.proba[part]
        yield part, block


def own_of(given: Given) -> Float:
    """Return the model's probability of each item's given label; rows that are no probabilities raise `BadVotes`."""
    own = np.empty(given.n_items, dtype=given.work)
    ones = np.ones(given.n_labels, dtype=given.work)
    for start, stop in stretches(given):
        block = np.ascontiguousarray(given.proba[start:stop], dtype=given.work)
        _check_rows(block, block @ ones, start, given.names)
        places = np.arange(0, block.size, given.n_labels)
        places += given.label[start:stop]
        np.take(block.reshape(-1), places, out=own[start:stop])
    return own


def row_max(block: Float) -> Float:
    """Return the largest entry of each row."""
    if block.shape[1] <= _FEW_LABELS:
        return np.asarray(np.maximum.reduce(np.ascontiguousarray(block.T), axis=0))
    best = block.argmax(axis=1)
    return np.asarray(block[np.arange(len(block)), best])


def _check_rows(block: Float, total: Float, start: int, names: tuple[Hashable, ...]) -> None:
    """Raise what is wrong with the first bad row, if one is."""
    if not block.size or (np.abs(total - 1).max() <= OFF and block.min() >= _BELOW_ZERO):
        return
    for kind, bad in (
        ("is not a finite number", ~np.isfinite(block)),
        ("is negative; probabilities are 0 to 1", block < _BELOW_ZERO),
    ):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise BadVotes(
                f"Row {start + row} of proba gives {names[column]!r} {float(block[row, column])}, which {kind}."
            )
    row = int(np.flatnonzero(~(np.abs(total - 1) <= OFF))[0])
    raise BadVotes(
        f"Row {start + row} of proba sums to {float(total[row]):.4g}; the probabilities of labels of which an item has "
        "one sum to 1 (where it may have several, use multilabel_issues)."
    )


def posterior_of(values: Any, n_items: int, names: tuple[Hashable, ...]) -> Array:  # noqa: ANN401 - an array of any kind
    """Return a posterior (n, k) as an array; what is none raises `BadVotes`."""
    soft = np.asarray(values, dtype=np.float64)
    if soft.shape != (n_items, len(names)):
        raise BadVotes(f"A posterior needs the shape ({n_items}, {len(names)}), items by labels, not {soft.shape}.")
    total = soft @ np.ones(len(names))
    if not len(soft) or (np.abs(total - 1).max() <= OFF and soft.min() >= _BELOW_ZERO):
        return soft
    row = int(np.flatnonzero(~((np.abs(total - 1) <= OFF) & (soft.min(axis=1) >= _BELOW_ZERO)))[0])
    raise BadVotes(f"Row {row} of the posterior is none: numbers that are not negative, 1 in sum, would be right.")


def names_of(names: Sequence[Hashable] | None, n_labels: int) -> tuple[Hashable, ...]:
    """Return the names of the columns: their positions where none are given."""
    if names is None:
        return tuple(range(n_labels))
    listed = tuple(plain(names))
    if len(listed) != n_labels:
        raise BadVotes(f"names= has {len(listed)} names; proba has {n_labels} columns, one for each label.")
    return listed


def coded(labels: Any, names: Sequence[Hashable] | None, listed: tuple[Hashable, ...]) -> Index:  # noqa: ANN401 - a column
    """Return labels as indices: positions in `names`, unless they are among the names themselves."""
    array = labels if isinstance(labels, np.ndarray) else None
    if array is None:
        held = labels.to_numpy() if hasattr(labels, "to_numpy") else plain(labels)
        array = np.asarray(held) if len(held) else np.empty(0, dtype=np.int64)
    if array.dtype.kind == "f" and array.ndim == 1 and np.array_equal(array, np.rint(array)):
        array = array.astype(np.int64)
    numbers = names is not None and any(isinstance(name, int | float) for name in listed)
    if array.dtype.kind in "iu" and array.ndim == 1 and not numbers:
        return _positions(array, len(listed))
    if names is None:
        shown = array.dtype if array.dtype.kind == "f" else repr(plain(labels)[0])
        raise BadVotes(
            f"Labels must be positions of the columns of proba, 0 to {len(listed) - 1}, not {shown}; "
            "with names= they may be names."
        )
    seen, index = indexed(labels, None, "label")
    place = {name: position for position, name in enumerate(listed)}
    moved = np.array([place.get(name, -1) for name in plain(seen.tolist())] + [-1], dtype=np.int32)
    found = moved[index]
    wrong = np.flatnonzero(found < 0)
    if not len(wrong):
        return found
    if index[wrong[0]] < 0:
        raise BadVotes(f"Item {wrong[0]} has no label; leave such items out of the labels and of proba.")
    raise BadVotes(f"Item {wrong[0]} is given {plain([seen[index[wrong[0]]]])[0]!r}, which is not among names=.")


def _positions(array: NDArray[Any], n_labels: int) -> Index:
    if len(array):
        low, high = int(array.min()), int(array.max())
        if low < 0 or high >= n_labels:
            row = int(np.flatnonzero((array < 0) | (array >= n_labels))[0])
            raise BadVotes(
                f"Item {row} has the label {int(array[row])}; proba has {n_labels} columns: 0 to {n_labels - 1} would be right."
            )
    return array


def spaced(items: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Return so many of the items, evenly spaced; all where there are no more."""
    if len(items) <= wanted:
        return items
    return items[np.arange(wanted, dtype=np.int64) * len(items) // wanted]
