"""The analysis of labeling functions: what each says, how often, where others speak too, and how right it is on gold.

In: a `Table` of votes, gold. Out: `Analysis`, one row a function. Never: a judgment of a function from the votes alone; that is
the label model's.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_gold import Known
from goldseam.stats._weak_table import Cells, Table
from goldseam.stats.votes import Names

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

_BLOCK_CELLS = 500_000
_FEW_LABELS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What each labeling function does; arrays have one entry a function, in the order of `annotators`.

    `polarity` are the labels it gives; `n_votes` how many items it votes on, `coverage` their share. `overlaps` is the share
    of items on which another votes too, `conflicts` where another votes for another label. With gold, `correct` and
    `incorrect` count its votes on items of gold, `accuracy` is their share with the Wilson interval from `low` to `high`;
    the accuracy of a function without votes on gold is None, and its interval the whole range.
    """

    annotators: Names
    labels: tuple[Hashable, ...]
    n_items: int
    polarity: tuple[tuple[Hashable, ...], ...]
    n_votes: Counts
    coverage: Array
    overlaps: Array
    conflicts: Array
    correct: Counts | None
    incorrect: Counts | None
    accuracy: tuple[float | None, ...] | None
    low: Array | None
    high: Array | None
    level: float
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as plain rows, one a function."""
        found = [
            {
                "function": name,
                "polarity": list(self.polarity[index]),
                "n_votes": int(self.n_votes[index]),
                "coverage": float(self.coverage[index]),
                "overlaps": float(self.overlaps[index]),
                "conflicts": float(self.conflicts[index]),
            }
            for index, name in enumerate(self.annotators.tolist())
        ]
        if self.correct is None or self.incorrect is None or self.accuracy is None:
            return found
        assert self.low is not None and self.high is not None  # noqa: S101 - all five come together
        for index, row in enumerate(found):
            row["correct"], row["incorrect"] = int(self.correct[index]), int(self.incorrect[index])
            row["accuracy"] = self.accuracy[index]
            row["low"], row["high"] = float(self.low[index]), float(self.high[index])
        return found


def analyze(table: Table, known: Known | None, level: float) -> Analysis:
    """Analyze the functions of a table, and against gold where there is some."""
    overlaps, conflicts = _meetings(table)
    n_votes = table.counts.sum(axis=1)
    n_items = max(table.n_items, 1)
    polarity = tuple(tuple(table.labels[label] for label in np.flatnonzero(row)) for row in table.counts)
    silent = [str(name) for name, many in zip(table.annotators.tolist(), n_votes, strict=True) if not many]
    warnings = [f"{len(silent)} of {table.n_functions} functions never vote: {listed(silent)}."] if silent else []
    correct = incorrect = low = high = accuracy = None
    if known is not None:
        correct, checked = _against(table, known)
        incorrect = checked - correct
        accuracy = tuple(int(right) / int(of) if of else None for right, of in zip(correct, checked, strict=True))
        low, high = wilson(correct, checked, level)
        lacking = int(((checked == 0) & (n_votes > 0)).sum())
        if lacking:
            warnings.append(
                f"{lacking} of {table.n_functions} functions have no vote on gold: their accuracy is unknown."
            )
    return Analysis(
        annotators=table.annotators,
        labels=table.labels,
        n_items=table.n_items,
        polarity=polarity,
        n_votes=n_votes,
        coverage=n_votes / n_items,
        overlaps=overlaps / n_items,
        conflicts=conflicts / n_items,
        correct=correct,
        incorrect=incorrect,
        accuracy=accuracy,
        low=low,
        high=high,
        level=level,
        warnings=tuple(warnings),
    )


def listed(names: list[str], most: int = 5) -> str:
    """Return the first names in words."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def wilson(right: Counts, of: Counts, level: float) -> tuple[Array, Array]:
    """Return Wilson's interval of shares; of nothing, 0 to 1."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    many = np.maximum(of, 1)
    share = right / many
    center = (share + z * z / (2 * many)) / (1 + z * z / many)
    half = z * np.sqrt(share * (1 - share) / many + z * z / (4 * many * many)) / (1 + z * z / many)
    low, high = np.maximum(center - half, 0.0), np.minimum(center + half, 1.0)
    return np.where(of > 0, low, 0.0), np.where(of > 0, high, 1.0)


def _meetings(table: Table) -> tuple[Counts, Counts]:
    """Return for each function on how many rows another votes too, and votes otherwise.

    A row on which two labels are given is in conflict for every function that votes there: some other says otherwise.
    """
    overlaps = np.zeros(table.n_functions, dtype=np.int64)
    conflicts = np.zeros(table.n_functions, dtype=np.int64)
    given = table.codes[table.counts.any(axis=0)]
    if not table.cells.size or not len(given):
        return overlaps, conflicts
    for _, block in table.blocks(max(_BLOCK_CELLS // table.n_functions, 1)):
        cells = np.ascontiguousarray(block.T)
        spoke = cells != table.abstain
        narrow = np.uint8 if len(cells) < 256 else np.uint32
        several = spoke.view(np.uint8).sum(axis=0, dtype=narrow) > 1
        split = several & _differing(cells, spoke, given)
        for function in range(table.n_functions):
            overlaps[function] += np.count_nonzero(spoke[function] & several)
            conflicts[function] += np.count_nonzero(spoke[function] & split)
    return overlaps, conflicts


def _differing(cells: Cells, spoke: Flags, given: Counts) -> Flags:
    """Return on which rows (columns here) more than one label is given; `given` are the codes that occur."""
    if len(given) > _FEW_LABELS:
        lowest = np.where(spoke, cells, cells.dtype.type(given.max())).min(axis=0)
        highest = np.where(spoke, cells, cells.dtype.type(given.min())).max(axis=0)
        return np.asarray(lowest != highest)
    labels = np.zeros(cells.shape[1], dtype=np.uint8)
    for code in given:
        labels += np.bitwise_or.reduce(cells == cells.dtype.type(code), axis=0)
    return labels > 1


def _against(table: Table, known: Known) -> tuple[Counts, Counts]:
    """Return each function's votes on items of gold that have its label, and all of them."""
    correct = np.zeros(table.n_functions, dtype=np.int64)
    checked = np.zeros(table.n_functions, dtype=np.int64)
    if not table.n_functions or not len(known.item):
        return correct, checked
    everything = len(known.item) == table.n_items
    step = max(_BLOCK_CELLS // table.n_functions, 1)
    for start in range(0, len(known.item), step):
        place = slice(start, start + step)
        block = table.cells[place] if everything else table.cells[known.item[place]]
        cells = np.ascontiguousarray(block.T)
        right = table.codes[known.label[place]].astype(cells.dtype)
        for function in range(table.n_functions):
            checked[function] += np.count_nonzero(cells[function] != table.abstain)
            correct[function] += np.count_nonzero(cells[function] == right)
    return correct, checked
