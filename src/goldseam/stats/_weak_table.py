"""A table of what labeling functions said: one row an item, one column a function, kept as it came.

In: a matrix of whole numbers (used as it is, not copied), any other matrix or frame, or `Votes`. Out: `Table`.
Never: a list of votes made from a large matrix; a label that nobody named and no function gave.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.votes import BadVotes, Names, Votes

Cells = NDArray[np.integer[Any]]
Counts = NDArray[np.int64]

MAX_CELLS = 4_000_000_000
"""The largest n_items * n_functions that `Votes` are spread out to."""

_BLOCK_CELLS = 500_000
_WIDEST = 1_000
"""Codes of labels further apart than this are looked up by name, not counted in place."""
_FEW_CODES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Who said what.

    `cells` (n_items, n_functions) hold `codes[k]` where a function said label k and `abstain` where it said nothing;
    `counts` (n_functions, n_labels) are the votes of each function for each label. `named` says whether the functions have
    names of their own, not just their places.
    """

    cells: Cells
    items: Names
    annotators: Names
    labels: tuple[Hashable, ...]
    codes: Counts
    abstain: int
    counts: Counts
    named: bool

    @property
    def n_items(self) -> int:
        """Number of items, also those on which every function abstains."""
        return len(self.items)

    @property
    def n_functions(self) -> int:
        """Number of labeling functions, also those that never vote."""
        return len(self.annotators)

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.labels)

    def blocks(self, rows: int) -> Iterator[tuple[slice, Cells]]:
        """Yield the cells in blocks of so many rows, each with its place."""
        for start in range(0, self.n_items, rows):
            place = slice(start, min(start + rows, self.n_items))
            yield place, self.cells[place]


def table_of(
    votes: Any,  # noqa: ANN401 - votes, an array, or any library's frame
    *,
    abstain: Hashable = -1,
    annotators: Sequence[Any] | Names | None = None,
    labels: Sequence[Hashable] | None = None,
) -> Table:
    """Return the table of votes; a matrix of whole numbers is kept as it is."""
    if isinstance(votes, Votes):
        return _of_votes(votes)
    if annotators is None and hasattr(votes, "columns"):
        annotators = list(votes.columns)
    matrix = _array(votes)
    if matrix.ndim != 2:
        raise BadVotes(f"A matrix of votes has 2 dimensions, items by functions; this one has {matrix.ndim}.")
    if matrix.dtype.kind in "iu" and isinstance(abstain, int | np.integer):
        return _of_matrix(matrix, int(abstain), annotators, labels)
    made = _of_votes(Votes.from_matrix(matrix, abstain=abstain, annotators=annotators, labels=labels))
    return replace(made, named=annotators is not None)


def aligned(table: Table, annotators: Names, labels: tuple[Hashable, ...]) -> Table:
    """Return the table with these functions and labels, in this order; functions that it lacks abstain."""
    if not table.named and table.n_functions != len(annotators):
        raise BadVotes(
            f"The matrix has {table.n_functions} columns, but the model knows {len(annotators)} functions: "
            f"give as many, in the same order, or name them."
        )
    names = table.annotators.tolist() if table.named else annotators.tolist()
    place = {name: index for index, name in enumerate(annotators.tolist())}
    code = {label: index for index, label in enumerate(labels)}
    _check_known(names, place, "function")
    _check_known(table.labels, code, "label")
    counts = np.zeros((len(annotators), len(labels)), dtype=np.int64)
    codes = np.full(len(labels), table.abstain, dtype=np.int64)
    at = np.array([place[name] for name in names], dtype=np.int64)
    said = np.array([code[label] for label in table.labels], dtype=np.int64)
    counts[np.ix_(at, said)] = table.counts
    codes[said] = table.codes
    cells = table.cells
    if not np.array_equal(at, np.arange(len(annotators))):
        cells = np.full((table.n_items, len(annotators)), table.abstain, dtype=table.cells.dtype)
        cells[:, at] = table.cells
    return replace(table, cells=cells, annotators=annotators, labels=labels, codes=codes, counts=counts)


def _check_known(names: Sequence[Any], known: dict[Any, int], what: str) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise BadVotes(f"The {what} {unknown!r} is not among the {len(known)} {what}s that the model was fitted on.")


def _array(votes: ArrayLike) -> NDArray[Any]:
    """Return an array; a list of words and numbers keeps both, where numpy would make words of the numbers."""
    matrix = np.asarray(votes)
    if matrix.dtype.kind in "US" and not isinstance(votes, np.ndarray):
        matrix = np.asarray(votes, dtype=object)
    return matrix.astype(object) if matrix.dtype.kind in "US" else matrix


def _of_votes(votes: Votes) -> Table:
    if votes.n_items * votes.n_annotators > MAX_CELLS:
        raise BadVotes(
            f"{votes.n_items} items by {votes.n_annotators} annotators are too many cells for a label model "
            f"({MAX_CELLS:,} at most): it is for functions that look at every item; use truth.infer for people."
        )
    kind = next(kind for kind in (np.int8, np.int16, np.int32) if votes.n_labels <= np.iinfo(kind).max)
    cells = np.full((votes.n_items, votes.n_annotators), -1, dtype=kind)
    cells[votes.item, votes.annotator] = votes.label
    codes = np.arange(votes.n_labels, dtype=np.int64)
    counts = tally(cells, 0, max(votes.n_labels - 1, 0))[:, : votes.n_labels]
    return Table(cells, votes.items, votes.annotators, votes.labels, codes, -1, counts, named=True)


def _of_matrix(
    matrix: Cells, abstain: int, annotators: Sequence[Any] | Names | None, labels: Sequence[Hashable] | None
) -> Table:
    n_items, n_functions = matrix.shape
    if annotators is not None and len(annotators) != n_functions:
        raise BadVotes(f"The matrix has {n_functions} columns, but {len(annotators)} functions are named.")
    low, high = (int(matrix.min()), int(matrix.max())) if matrix.size else (abstain, abstain)
    if high - low > _WIDEST or (labels is not None and not all(isinstance(name, int | np.integer) for name in labels)):
        made = _of_votes(Votes.from_matrix(matrix, abstain=abstain, annotators=annotators, labels=labels))
        return replace(made, named=annotators is not None)
    counts = tally(matrix, low, high)
    if low <= abstain <= high:
        counts[:, abstain - low] = 0
    seen = np.flatnonzero(counts.any(axis=0)) + low
    codes = seen if labels is None else np.array([int(str(name)) for name in labels], dtype=np.int64)
    _check_codes(seen, codes, abstain)
    inside = (codes >= low) & (codes <= high)
    wanted = np.zeros((n_functions, len(codes)), dtype=np.int64)
    wanted[:, inside] = counts[:, codes[inside] - low]
    names = np.arange(n_functions) if annotators is None else _names(annotators)
    return Table(
        matrix, np.arange(n_items), names, tuple(codes.tolist()), codes, abstain, wanted, annotators is not None
    )


def _check_codes(seen: Counts, codes: Counts, abstain: int) -> None:
    if len(set(codes.tolist())) != len(codes):
        raise BadVotes("The labels given name one of them twice; each may occur once.")
    if abstain in codes.tolist():
        raise BadVotes(f"{abstain} stands for abstaining, so it cannot be a label too; give another abstain=.")
    unknown = sorted(set(seen.tolist()) - set(codes.tolist()))
    if unknown:
        raise BadVotes(f"The matrix holds the label {unknown[0]}, which is not among the {len(codes)} labels given.")


def _names(names: Sequence[Any] | Names) -> Names:
    if isinstance(names, np.ndarray) and names.ndim == 1:
        return names
    plain = [name.item() if isinstance(name, np.generic) else name for name in names]
    if plain and all(type(name) is int for name in plain):
        return np.array(plain, dtype=np.int64)
    array = np.empty(len(plain), dtype=object)
    array[:] = plain
    return array


def tally(cells: Cells, low: int, high: int) -> Counts:
    """Return how often each column holds each code from `low` to `high`, as (n_columns, high - low + 1)."""
    n_rows, n_columns = cells.shape
    width = high - low + 1
    counts = np.zeros((n_columns, width), dtype=np.int64)
    if not cells.size:
        return counts
    rows = max(_BLOCK_CELLS // n_columns, 1)
    for start in range(0, n_rows, rows):
        block = np.ascontiguousarray(cells[start : start + rows].T)
        if width <= _FEW_CODES:
            for code in range(width):
                said = block == low + code
                counts[:, code] += [np.count_nonzero(column) for column in said]
        else:
            for column in range(n_columns):
                at = block[column].astype(np.int64) - low
                at = at[(at >= 0) & (at < width)]
                counts[column] += np.bincount(at, minlength=width)
    return counts
