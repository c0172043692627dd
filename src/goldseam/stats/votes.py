"""Votes: the one shape that every kernel takes.

In: who said which label about which item: arrays, a frame or a matrix. Out: `Votes`, three parallel int32 arrays and
the names behind their indices. Never: a vote that is missing, by -1 or by NaN; a missing vote is absent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import BadVotes, Index, Names, as_names, indexed, plain

__all__ = ["BadVotes", "Index", "Names", "Repeated", "Votes"]

Repeated = Literal["last", "first", "all"]

_NEAR = 16
"""Up to so many votes of an item are compared with each other one distance at a time; with more, all are sorted."""
_PART = 131_072


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Votes in index form: vote number v says that `annotator[v]` called `item[v]` by `label[v]`.

    `items` and `annotators` are arrays of ids (or positions) and `labels` a tuple of names in their order (which the
    ordinal measures use); all three may hold entries without a vote. An annotator has one vote per item.
    """

    items: Names
    annotators: Names
    labels: tuple[Hashable, ...]
    item: Index
    annotator: Index
    label: Index

    def __post_init__(self) -> None:
        _freeze(self, "items", as_names(self.items))
        _freeze(self, "annotators", as_names(self.annotators))
        object.__setattr__(self, "labels", tuple(plain(self.labels)))
        sizes = {"item": len(self.items), "annotator": len(self.annotators), "label": len(self.labels)}
        for name, size in sizes.items():
            _freeze(self, name, _index(getattr(self, name), name, size))
        if not len(self.item) == len(self.annotator) == len(self.label):
            raise BadVotes(
                f"The three arrays of votes must be equally long; they are item {len(self.item)}, "
                f"annotator {len(self.annotator)}, label {len(self.label)}."
            )

    @classmethod
    def from_arrays(
        cls,
        item: Iterable[Any],
        annotator: Iterable[Any],
        label: Iterable[Any],
        *,
        items: Sequence[Any] | Names | None = None,
        annotators: Sequence[Any] | Names | None = None,
        labels: Sequence[Hashable] | None = None,
        repeated: Repeated = "last",
    ) -> Votes:
        """Make votes from three parallel arrays of any hashables, one entry per vote.

        Parameters
        ----------
        item, annotator, label
            One entry per vote. A label of None or NaN is an absent vote.
        items, annotators, labels
            The names in the order wanted, also those without votes; by default those seen, sorted.
        repeated
            What counts when an annotator answered the same item more than once.

        Raises
        ------
        BadVotes
            The arrays differ in length, or a name is missing or not among the names given.

        Examples
        --------
        >>> votes = Votes.from_arrays(["a", "a", "b"], ["ann", "bob", "ann"], ["yes", "no", "yes"])
        >>> votes.n_votes, votes.labels
        (3, ('no', 'yes'))
        """
        room = np.empty(
            (3, item.size if isinstance(item, np.ndarray) else 0), dtype=np.int32
        )  # one block is got faster
        item_names, item_index = indexed(item, items, "item", room[0])
        annotator_names, annotator_index = indexed(annotator, annotators, "annotator", room[1])
        label_names, label_index = indexed(label, labels, "label", room[2])
        if not len(item_index) == len(annotator_index) == len(label_index):
            raise BadVotes(
                f"The three arrays of votes must be equally long; they are item {len(item_index)}, "
                f"annotator {len(annotator_index)}, label {len(label_index)}."
            )
        given = label_index >= 0
        if not given.all():
            item_index, annotator_index, label_index = item_index[given], annotator_index[given], label_index[given]
        kept = _one_each(item_index, annotator_index, len(item_names), len(annotator_names), repeated)
        if kept is not None:
            item_index, annotator_index, label_index = item_index[kept], annotator_index[kept], label_index[kept]
        return cls(
            items=item_names,
            annotators=annotator_names,
            labels=tuple(label_names.tolist()),
            item=item_index,
            annotator=annotator_index,
            label=label_index,
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,  # noqa: ANN401 - any library's frame
        *,
        item: str = "item",
        annotator: str = "annotator",
        label: str = "label",
        repeated: Repeated = "last",
    ) -> Votes:
        """Make votes from three columns of a frame: pandas, polars, Arrow, or a mapping of name to array."""
        columns = [_column(frame, name) for name in (item, annotator, label)]
        return cls.from_arrays(*columns, repeated=repeated)

    @classmethod
    def from_matrix(
        cls,
        matrix: ArrayLike,
        *,
        abstain: Hashable = -1,
        annotators: Sequence[Any] | Names | None = None,
        labels: Sequence[Hashable] | None = None,
    ) -> Votes:
        """Make votes from a matrix of items by annotators; cells equal to `abstain`, None or NaN are absent votes.

        Examples
        --------
        >>> Votes.from_matrix([[0, 1, -1], [1, 1, 0]]).n_votes
        5
        """
        table = np.asarray(matrix)
        if table.ndim != 2:
            raise BadVotes(f"A matrix of votes has 2 dimensions, items by annotators; this one has {table.ndim}.")
        n_items, n_annotators = table.shape
        if annotators is not None and len(annotators) != n_annotators:
            raise BadVotes(f"The matrix has {n_annotators} columns, but {len(annotators)} annotators are named.")
        said = np.asarray(table != abstain, dtype=bool)
        if table.dtype.kind == "f":
            said &= ~np.isnan(table)
        names, label = indexed(table[said], labels, "label")
        if not (given := label >= 0).all():
            said[said] = given
            label = label[given]
        return cls(
            items=np.arange(n_items),
            annotators=np.arange(n_annotators) if annotators is None else as_names(annotators),
            labels=tuple(names.tolist()),
            item=np.repeat(np.arange(n_items, dtype=np.int32), np.count_nonzero(said, axis=1)),
            annotator=np.broadcast_to(np.arange(n_annotators, dtype=np.int32), said.shape)[said],
            label=label,
        )

    @property
    def n_items(self) -> int:
        """Number of items, also those without votes."""
        return len(self.items)

    @property
    def n_annotators(self) -> int:
        """Number of annotators, also those without votes."""
        return len(self.annotators)

    @property
    def n_labels(self) -> int:
        """Number of labels, also those nobody chose."""
        return len(self.labels)

    @property
    def n_votes(self) -> int:
        """Number of votes."""
        return len(self.item)

    def counts(self) -> NDArray[np.int64]:
        """Return the votes per item and label, as an array (n_items, n_labels)."""
        cell = np.multiply(self.item, self.n_labels, dtype=np.int64)
        cell += self.label
        flat = np.bincount(cell, minlength=self.n_items * self.n_labels).astype(np.int64, copy=False)
        return flat.reshape(self.n_items, self.n_labels)

    def votes_per_item(self) -> NDArray[np.int64]:
        """Return the number of votes of each item."""
        return occurrences(self.item, self.n_items)

    def votes_per_annotator(self) -> NDArray[np.int64]:
        """Return the number of votes of each annotator."""
        return occurrences(self.annotator, self.n_annotators)

    def by_item(self) -> Votes:
        """Return the same votes in the order of their items, and as they were within an item; all names stay."""
        if bool((self.item[1:] >= self.item[:-1]).all()):
            return self
        key = (
            self.item.astype(np.int64) << 32
        )  # packed with each vote's place, as sorting numbers is quicker than argsort
        key |= np.arange(self.n_votes)
        key.sort()
        order = key.astype(np.uint32)  # the place is the lower half
        return Votes(
            self.items, self.annotators, self.labels, self.item[order], self.annotator[order], self.label[order]
        )

    def where(self, kept: NDArray[np.bool_]) -> Votes:
        """Return the votes where `kept` is true; all names stay."""
        if kept.shape != (self.n_votes,):
            raise BadVotes(f"`kept` needs one entry per vote, {self.n_votes}; it has the shape {kept.shape}.")
        return Votes(self.items, self.annotators, self.labels, self.item[kept], self.annotator[kept], self.label[kept])

    def __eq__(self, other: object) -> bool:
        """Say whether both hold the same names and the same votes; the order of the votes carries no meaning."""
        if not isinstance(other, Votes):
            return NotImplemented
        same_names = (
            np.array_equal(self.items, other.items)
            and np.array_equal(self.annotators, other.annotators)
            and self.labels == other.labels
        )
        return same_names and self.n_votes == other.n_votes and np.array_equal(_in_order(self), _in_order(other))

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equality is by content, so no hash


def occurrences(index: Index, size: int) -> NDArray[np.int64]:
    """Return how often each number below `size` occurs; part by part, as counting copies what it counts."""
    part = max(_PART, size)
    found = np.zeros(size, dtype=np.int64)
    for start in range(0, len(index), part):
        found += np.bincount(index[start : start + part], minlength=size)
    return found


def _freeze(votes: Votes, name: str, array: NDArray[Any]) -> None:
    view = array.view()
    view.flags.writeable = False
    object.__setattr__(votes, name, view)


def _in_order(votes: Votes) -> NDArray[np.int32]:
    order = np.lexsort((votes.label, votes.annotator, votes.item))
    return np.stack([votes.item[order], votes.annotator[order], votes.label[order]])


def _index(values: ArrayLike, name: str, size: int) -> Index:
    array = np.asarray(values)
    if array.size == 0:
        return np.empty(0, dtype=np.int32)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise BadVotes(f"`{name}` must be a 1-D array of whole numbers, not {array.ndim}-D of {array.dtype}.")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= size:
        wrong = low if low < 0 else high
        raise BadVotes(
            f"`{name}` holds the index {wrong}, but there are {size} {name}s: 0 to {size - 1} would be right."
        )
    return array.astype(np.int32, copy=False)


def _one_each(
    item: Index, annotator: Index, n_items: int, n_annotators: int, repeated: Repeated
) -> NDArray[np.intp] | None:
    """Return which votes to keep so that each annotator has one per item, or None to keep all."""
    if repeated not in ("last", "first", "all"):
        raise BadVotes(f"repeated={repeated!r}: 'last', 'first' or 'all' would be right.")
    if repeated == "all" or len(item) == 0:
        return None
    if _each_once(item, annotator):
        return None
    wide = n_items * n_annotators > np.iinfo(np.int32).max
    pair = np.multiply(item, n_annotators, dtype=np.int64 if wide else np.int32)
    pair += annotator
    ordered = np.sort(pair)
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    backwards = repeated == "last"
    _, first = np.unique(pair[::-1] if backwards else pair, return_index=True)
    kept: NDArray[np.intp] = np.sort(len(pair) - 1 - first if backwards else first)
    return kept


def _each_once(item: Index, annotator: Index) -> bool:
    """Say whether votes come item by item, few for each, and no annotator twice; without sorting, part by part."""
    for start in range(0, len(item), _PART):
        some = slice(start, start + _PART + _NEAR)
        items, annotators = item[some], annotator[some]
        if (items[1:] < items[:-1]).any():
            return False
        for apart in range(1, _NEAR + 1):
            same = items[apart:] == items[:-apart]
            if not same.any():
                break
            if apart == _NEAR or (same & (annotators[apart:] == annotators[:-apart])).any():
                return False
    return True


def _column(frame: Any, name: str) -> Any:  # noqa: ANN401 - any library's frame
    wrong = f"The frame has no column {name!r}; name the columns with item=, annotator=, label=."
    columns = getattr(frame, "column_names", getattr(frame, "columns", None))  # Arrow's name for them; pandas, polars
    if columns is not None and name not in list(columns):
        raise BadVotes(wrong)
    try:
        return frame[name]
    except LookupError as error:
        raise BadVotes(wrong) from error
