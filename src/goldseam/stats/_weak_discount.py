"""What a vote still adds where functions that it depends on vote too.

In: how much of each function's votes its companions repeat; which of them vote on a row. Out: the row's indicators, each
worth what is new in it. Never: a vote discounted for a companion that is silent there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.stats._weak_design import Columns, Indicators
from goldseam.stats._weak_step import summed
from goldseam.stats._weak_table import Cells

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

_WORTH_COUNTING = 0.01
"""Functions of which others repeat less than this, all together, are taken to depend on none."""


@dataclass(frozen=True, slots=True, eq=False)
class Discount:
    """What companions take from each function's votes.

    `repeats` (n_functions, n_functions) is how much of the first one's votes the second repeats; `first` the function that
    each is a copy of; `dependent` and `companions` are those for whom it matters.
    """

    repeats: Array
    first: NDArray[np.int64]
    dependent: NDArray[np.int64]
    companions: NDArray[np.int64]

    @property
    def copies(self) -> Array:
        """How many functions say the same as each, itself among them, (n_functions,)."""
        return np.asarray(np.bincount(self.first, minlength=len(self.first))[self.first], dtype=np.float64)


def discount_of(repeats: Array, first: NDArray[np.int64]) -> Discount:
    """Return the discount; `repeats` is between the first of each group of copies."""
    of_all = repeats[first]
    dependent = np.flatnonzero(of_all.sum(axis=1) > _WORTH_COUNTING)
    companions = np.flatnonzero(of_all[dependent].any(axis=0))
    return Discount(repeats, first, dependent, companions)


def worth(discount: Discount, cells: Cells, abstain: int, kind: type[np.floating[Any]] = np.float32) -> Floats:
    """Return what the votes of the dependent functions add on each row, 0 to 1, (n_rows, n_dependent)."""
    spoken = (cells[:, discount.companions] != abstain).astype(kind)
    taken = summed(spoken, discount.repeats[discount.first[discount.dependent]][:, discount.companions])
    return np.asarray((1.0 / (1.0 + taken)).T)


def discounted(rows: Indicators, cells: Cells, columns: Columns, discount: Discount) -> Indicators:
    """Return the indicators with what each is worth on its row; the same ones where no function depends on another."""
    if not len(discount.dependent):
        return rows
    left = worth(discount, cells, columns.abstain, rows.dtype.type)
    place = np.full(columns.n_functions, -1)
    place[discount.dependent] = np.arange(len(discount.dependent))
    if sparse.issparse(rows):
        found = sparse.csr_array(rows, copy=True)
        row = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
        at = place[columns.function[found.indices]]
        found.data = np.where(at >= 0, left[row, at], 1.0).astype(rows.dtype)
        return found
    found = rows.copy()
    touched = np.flatnonzero(place[columns.function] >= 0)
    if len(touched) == columns.n_columns:
        return found * left[:, place[columns.function]]
    found[:, touched] *= left[:, place[columns.function[touched]]]
    return found


def taken_off(rows: Floats, cells: Cells, columns: Columns, discount: Discount, weights: Array) -> Floats:
    """Return what the discount takes from each row's sum of weights, (n_weights, n_rows), for dense rows.

    Few functions depend on others as a rule: taking off what is repeated looks at their columns only, where weighing every
    indicator would copy them all.
    """
    left = worth(discount, cells, columns.abstain, rows.dtype.type)
    place = np.full(columns.n_functions, -1)
    place[discount.dependent] = np.arange(len(discount.dependent))
    touched = np.flatnonzero(place[columns.function] >= 0)
    gone = rows[:, touched] * (1.0 - left)[:, place[columns.function[touched]]]
    return summed(gone, weights[:, touched])
