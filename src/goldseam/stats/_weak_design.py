"""Votes as indicators: one column for each label that each function gives, 1 where it said so.

In: blocks of a `Table`. Out: matrices of 0 and 1 that a linear-algebra library multiplies at full speed, and the distinct
patterns of votes to fit on. Never: all rows of a large table at once; chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.stats._weak_table import Cells, Table

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Indicators = Any
"""A matrix (n_rows, n_columns) of 0 and 1: a dense array, or a sparse one where there are very many columns."""

FIT_ROWS = 32_768
"""Tables of more rows are fitted on so many of them, spread evenly; one pass over all rows follows."""

_BLOCK_CELLS = 1_000_000
_DENSE_COLUMNS = 1_024
_EXACT_CELLS = 4_000_000
"""Up to so many indicators are held in double precision."""
_GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio, modulo 1, spread evenly over the unit interval and never fall in step with the rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The indicators: column c is 1 where function `function[c]` said label `label[c]`, which the cells hold as `code[c]`.

    Columns are in rounds: first the first label of every function that votes, then the second of those that have two, ...
    so that a round is one comparison of whole rows.
    """

    function: Index
    label: Index
    code: Index
    rounds: tuple[int, ...]
    n_functions: int
    n_labels: int
    abstain: int

    @property
    def n_columns(self) -> int:
        """Number of indicators."""
        return len(self.function)

    @property
    def dense(self) -> bool:
        """Whether the indicators of a block are one dense matrix."""
        return self.n_columns <= _DENSE_COLUMNS

    @property
    def block_rows(self) -> int:
        """How many rows make a block that stays in the cache."""
        return max(_BLOCK_CELLS // max(min(self.n_columns, _DENSE_COLUMNS), self.n_functions, 1), 256)

    def of_function(self) -> Array:
        """Return which function each column belongs to, as 0 and 1, (n_columns, n_functions)."""
        belongs = np.zeros((self.n_columns, self.n_functions))
        belongs[np.arange(self.n_columns), self.function] = 1.0
        return belongs

    def own(self) -> Array:
        """Return which label each column says, as 0 and 1, (n_labels, n_columns)."""
        says = np.zeros((self.n_labels, self.n_columns))
        says[self.label, np.arange(self.n_columns)] = 1.0
        return says


def columns_of(table: Table, given: NDArray[np.bool_]) -> Columns:
    """Return the columns for the labels that functions give, `given` (n_functions, n_labels)."""
    function, label = np.nonzero(given)
    begin = np.concatenate([[0], np.cumsum(given.sum(axis=1))])
    turn = np.arange(len(function)) - begin[function]
    order = np.lexsort((function, turn))
    function, label, turn = function[order], label[order], turn[order]
    ends = np.cumsum(np.bincount(turn)) if len(turn) else np.zeros(0, dtype=np.int64)
    return Columns(
        function=function.astype(np.int64),
        label=label.astype(np.int64),
        code=table.codes[label].astype(np.int64),
        rounds=tuple(int(end) for end in ends),
        n_functions=table.n_functions,
        n_labels=table.n_labels,
        abstain=table.abstain,
    )


def indicators(cells: Cells, columns: Columns, kind: type[np.floating[Any]] = np.float32) -> Indicators:
    """Return the indicators of these rows, (n_rows, n_columns)."""
    if not columns.dense:
        return _sparse(cells, columns, kind)
    found = np.empty((len(cells), columns.n_columns), dtype=kind)
    start = 0
    for end in columns.rounds:
        functions = columns.function[start:end]
        whole = end - start == columns.n_functions
        at = cells if whole else cells.take(functions, axis=1)
        code = columns.code[start:end].astype(cells.dtype)
        np.equal(at, code, out=found[:, start:end], casting="unsafe")
        start = end
    return found


def _sparse(cells: Cells, columns: Columns, kind: type[np.floating[Any]]) -> Indicators:
    low, high = int(columns.code.min()), int(columns.code.max())
    place = np.full((columns.n_functions, high - low + 1), -1, dtype=np.int64)
    place[columns.function, columns.code - low] = np.arange(columns.n_columns)
    row, function = np.nonzero(cells != columns.abstain)
    code = cells[row, function].astype(np.int64) - low
    inside = (code >= 0) & (code <= high - low)
    row, column = row[inside], place[function[inside], code[inside]]
    row, column = row[column >= 0], column[column >= 0]
    ones = np.ones(len(row), dtype=kind)
    return sparse.csr_array((ones, (row, column)), shape=(len(cells), columns.n_columns))


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct rows to fit on.

    `cells` (n_patterns, n_functions) are their votes and `rows` (n_patterns, n_columns) the indicators of these, each
    standing for `count` rows; `silent` is the number of rows on
    which every function abstains, which are not among them. The last patterns are the items of gold, `gold` their label.
    `scale` is how many rows of the table each row looked at stands for.
    """

    cells: Cells
    rows: Indicators
    count: Array
    silent: float
    gold: Index
    scale: float


def patterns_of(table: Table, columns: Columns, gold_item: Index, gold_label: Index) -> Patterns:
    """Return the distinct rows of the table, or of an evenly spread part of a large one, with how many each stands for."""
    kept = spread(table.n_items)
    if len(gold_item):
        kept = kept[~np.isin(kept, gold_item)]
    part = table.cells[kept] if len(kept) < table.n_items else table.cells
    first, count = distinct(part)
    cells = np.concatenate([part[first], table.cells[gold_item]])
    exact = cells.shape[0] * columns.n_columns <= _EXACT_CELLS
    rows = indicators(cells, columns, np.float64 if exact else np.float32)
    weight = np.concatenate([count, np.ones(len(gold_item))])
    votes = np.asarray(rows.sum(axis=1)).ravel()
    told = votes > 0
    told[len(first) :] = True
    silent = float(weight[~told].sum())
    scale = max(table.n_items / max(len(kept) + len(gold_item), 1), 1.0)
    return Patterns(cells[told], rows[told], weight[told], silent, gold_label, scale)


def spread(n_items: int) -> Index:
    """Return all rows, or `FIT_ROWS` of them: the same ones each time, evenly over the table."""
    if n_items <= FIT_ROWS:
        return np.arange(n_items)
    return np.unique((np.arange(1, FIT_ROWS + 1) * _GOLDEN % 1.0 * n_items).astype(np.int64))


def distinct(cells: Cells) -> tuple[Index, Array]:
    """Return the first row of each distinct pattern, and how often each occurs."""
    if not cells.size:
        return np.arange(len(cells))[:1], np.full(min(len(cells), 1), float(len(cells)))
    mark = np.zeros(len(cells), dtype=np.uint64)
    factor = np.uint64(0x9E3779B97F4A7C15)
    for column in cells.T:
        with np.errstate(over="ignore"):
            mark = (mark ^ (column.astype(np.int64).view(np.uint64) + np.uint64(1))) * factor
            mark ^= mark >> np.uint64(29)
    _, first, count = np.unique(mark, return_index=True, return_counts=True)
    return first.astype(np.int64), count.astype(np.float64)
