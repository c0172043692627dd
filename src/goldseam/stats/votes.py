"""Votes: the one shape that every kernel takes.

In: who said which label about which item: arrays, a frame or a matrix. Out: `Votes`, three parallel int32 arrays and
the names behind their indices. Never: a vote that is missing, by -1 or by NaN; a missing vote is absent.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Names = NDArray[Any]
Index = NDArray[np.int32]
Repeated = Literal["last", "first", "all"]

_MISSING = frozenset({"NAType", "NaTType"})
"""The types by which frame libraries mark a missing value; known by name, as none of these libraries is needed here."""


class BadVotes(ValueError):
    """The votes, or what came with them, contradict themselves."""


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
        _freeze(self, "items", _names(self.items))
        _freeze(self, "annotators", _names(self.annotators))
        object.__setattr__(self, "labels", tuple(_plain(self.labels)))
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
        item_names, item_index = _factorize(item, items, "item")
        annotator_names, annotator_index = _factorize(annotator, annotators, "annotator")
        label_names, label_index = _factorize(label, labels, "label")
        if not len(item_index) == len(annotator_index) == len(label_index):
            raise BadVotes(
                f"The three arrays of votes must be equally long; they are item {len(item_index)}, "
                f"annotator {len(annotator_index)}, label {len(label_index)}."
            )
        given = label_index >= 0
        if not given.all():
            item_index, annotator_index, label_index = item_index[given], annotator_index[given], label_index[given]
        kept = _one_each(item_index, annotator_index, len(annotator_names), repeated)
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
        item, annotator = np.nonzero(said)
        names, label = _factorize(table[item, annotator], labels, "label")
        given = label >= 0
        return cls(
            items=np.arange(n_items),
            annotators=np.arange(n_annotators) if annotators is None else _names(annotators),
            labels=tuple(names.tolist()),
            item=item[given].astype(np.int32),
            annotator=annotator[given].astype(np.int32),
            label=label[given],
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
        cell = self.item.astype(np.int64) * self.n_labels + self.label
        flat = np.bincount(cell, minlength=self.n_items * self.n_labels).astype(np.int64, copy=False)
        return flat.reshape(self.n_items, self.n_labels)

    def votes_per_item(self) -> NDArray[np.int64]:
        """Return the number of votes of each item."""
        return np.bincount(self.item, minlength=self.n_items).astype(np.int64, copy=False)

    def votes_per_annotator(self) -> NDArray[np.int64]:
        """Return the number of votes of each annotator."""
        return np.bincount(self.annotator, minlength=self.n_annotators).astype(np.int64, copy=False)

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


def _plain(values: Iterable[Any]) -> list[Any]:
    """Return the values as plain Python objects, so that np.int64(1) and 1 print and compare as one."""
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def _names(values: Sequence[Any] | Names) -> Names:
    array = values if isinstance(values, np.ndarray) else None
    if array is None:
        plain = _plain(values)
        if plain and all(type(value) is int for value in plain):
            return np.array(plain, dtype=np.int64)
        array = np.empty(len(plain), dtype=object)
        array[:] = plain
    if array.ndim != 1:
        raise BadVotes(f"Names must be a 1-D array; this one has {array.ndim} dimensions.")
    return array


def _factorize(values: Iterable[Any], known: Sequence[Any] | Names | None, what: str) -> tuple[Names, Index]:
    """Return the names, and the index of each value among them; a missing label gets -1, other missing names raise."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu" and known is None:
        uniques, inverse = np.unique(values, return_inverse=True)
        return uniques.astype(np.int64), inverse.astype(np.int32).reshape(-1)
    listed = values.tolist() if hasattr(values, "tolist") else _plain(values)
    seen: dict[Any, int] = {}
    raw = np.fromiter((seen.setdefault(value, len(seen)) for value in listed), dtype=np.int32, count=len(listed))
    present = [name for name in seen if not _is_missing(name)]
    if what != "label" and len(present) != len(seen):
        raise BadVotes(f"A vote has no {what}: None or NaN is not a name. Leave such votes out, or give a name.")
    names = _names(_sorted(present) if known is None else known)
    place = {name: index for index, name in enumerate(names.tolist())}
    if len(place) != len(names):
        raise BadVotes(f"The {what}s given name one of them twice; each may occur once.")
    unknown = next((name for name in present if name not in place), None)
    if unknown is not None:
        raise BadVotes(f"A vote names the {what} {unknown!r}, which is not among the {len(names)} {what}s given.")
    remap = np.array([place.get(name, -1) for name in seen], dtype=np.int32)
    return names, remap[raw] if len(raw) else raw


def _is_missing(name: object) -> bool:
    """Say whether this is None, NaN, or a frame library's own sign for a missing value (pandas.NA, NaT)."""
    return name is None or (isinstance(name, float) and math.isnan(name)) or type(name).__name__ in _MISSING


def _sorted(names: list[Any]) -> list[Any]:
    """Sort names; digits in text count as numbers ('2' before '10'), and mixed kinds are sorted kind by kind."""
    try:
        return sorted(names, key=float)
    except (TypeError, ValueError):
        pass
    try:
        return sorted(names)
    except TypeError:
        return sorted(names, key=lambda name: (type(name).__name__, repr(name)))


def _one_each(item: Index, annotator: Index, n_annotators: int, repeated: Repeated) -> NDArray[np.intp] | None:
    """Return which votes to keep so that each annotator has one per item, or None to keep all."""
    if repeated not in ("last", "first", "all"):
        raise BadVotes(f"repeated={repeated!r}: 'last', 'first' or 'all' would be right.")
    if repeated == "all" or len(item) == 0:
        return None
    pair = item.astype(np.int64) * n_annotators + annotator
    backwards = repeated == "last"
    _, first = np.unique(pair[::-1] if backwards else pair, return_index=True)
    if len(first) == len(pair):
        return None
    kept: NDArray[np.intp] = np.sort(len(pair) - 1 - first if backwards else first)
    return kept


def _column(frame: Any, name: str) -> Any:  # noqa: ANN401 - any library's frame
    try:
        column = frame[name]
    except (KeyError, IndexError, LookupError) as error:
        raise BadVotes(f"The frame has no column {name!r}; name the columns with item=, annotator=, label=.") from error
    return column.to_numpy() if hasattr(column, "to_numpy") else column
