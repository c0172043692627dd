"""Assignment: the best one-to-one pairing of two sets, of which only some pairs are allowed.

In: allowed pairs with what each is worth. Out: which pairs to take. Never: a table of all pairs of large sets; what is
not connected is solved apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

from goldseam.stats._areas import Array
from goldseam.stats._neighbors import Index

_DENSE_CELLS = 1 << 22
"""Above so many cells a connected part is solved as a sparse problem."""


def best_pairs(first: Index, second: Index, worth: Array, n_first: int, n_second: int) -> Index:
    """Return the places of the pairs to take, each thing at most once: as many as can be, then worth most in sum.

    `first` and `second` name the pairs allowed (each once), `worth` lies in 0 to 1.
    """
    if not len(first):
        return np.empty(0, dtype=np.int64)
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second + n_first)), shape=(n_first + n_second,) * 2)
    _, part_of = connected_components(links, directed=False)
    part = part_of[first]
    n_parts = int(part_of.max()) + 1
    many_first = _distinct(part_of[:n_first], first, n_parts)
    many_second = _distinct(part_of[n_first:], second, n_parts)
    star = np.minimum(many_first, many_second) == 1
    order = np.lexsort((-worth, part))
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = part[order][1:] != part[order][:-1]
    heads = order[opens]  # the pair worth most of each part: all there is to take where one side has one thing
    taken = [heads[star[part[heads]]]]
    begin = np.append(np.flatnonzero(opens), len(order))
    for k in np.flatnonzero(~star[part[heads]]).tolist():
        edges = order[begin[k] : begin[k + 1]]
        taken.append(edges[_solve(first[edges], second[edges], worth[edges])])
    return np.sort(np.concatenate(taken))


def _distinct(part_of: NDArray[np.int32], ends: Index, n_parts: int) -> NDArray[Any]:
    """Return how many things of one side each part has."""
    used = np.zeros(len(part_of), dtype=bool)
    used[ends] = True
    return np.bincount(part_of[used], minlength=n_parts)


def _solve(first: Index, second: Index, worth: Array) -> Index:
    """Return the places of the best pairs of one connected part."""
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    gain = worth + (min(len(rows), len(columns)) + 1.0)  # one more pair is worth more than any better pairs
    if len(rows) * len(columns) <= _DENSE_CELLS:
        table = np.zeros((len(rows), len(columns)))
        place = np.full(table.shape, -1, dtype=np.int64)
        table[row, column], place[row, column] = gain, np.arange(len(first))
        chosen = place[linear_sum_assignment(table, maximize=True)]
        return np.asarray(chosen[chosen >= 0])
    return _solve_sparse(row, column, gain, len(rows), len(columns))


def _solve_sparse(row: Index, column: Index, gain: Array, n_rows: int, n_columns: int) -> Index:
    """Solve with one column of its own for each row to stay alone in."""
    cost = np.concatenate([gain.max() + 1 - gain, np.full(n_rows, gain.max() + 1)])
    rows = np.concatenate([row, np.arange(n_rows)])
    columns = np.concatenate([column, n_columns + np.arange(n_rows)])
    shape = (n_rows, n_columns + n_rows)
    chosen_row, chosen_column = min_weight_full_bipartite_matching(csr_array(coo_array((cost, (rows, columns)), shape)))
    wide = np.int64(n_columns + n_rows)
    order = np.argsort(row * wide + column)
    real = chosen_column < n_columns
    wanted = chosen_row[real] * wide + chosen_column[real]
    return np.asarray(order[np.searchsorted((row * wide + column)[order], wanted)])
