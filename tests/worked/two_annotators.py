"""Tables of two annotators, as papers print them.

In: a square table, rows what the first said, columns what the second said. Out: their labels item by item, or `Votes`.
Never: a label left out because nobody used it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from goldseam.stats.votes import Votes

Table = Sequence[Sequence[int]]


def labels_of(table: Table) -> tuple[list[int], list[int]]:
    """Return what each of the two said, item by item."""
    first, second = np.nonzero(np.asarray(table))
    times = np.asarray(table)[first, second]
    return np.repeat(first, times).tolist(), np.repeat(second, times).tolist()


def votes_of(table: Table) -> Votes:
    """Return the same as votes."""
    return Votes.from_matrix(np.array(labels_of(table)).T, labels=list(range(len(table))))
