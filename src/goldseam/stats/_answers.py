"""Answers that are no labels, in index form: one per item and annotator.

In: parallel arrays of items and annotators, and which entries hold an answer. Out: `Votes` whose labels say nothing, and the
places of the answers that count. Never: two answers of one annotator on one item.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.votes import Votes


def one_each(item: Iterable[Any], annotator: Iterable[Any], given: NDArray[np.bool_]) -> tuple[Votes, NDArray[np.intp]]:
    """Return the last answer of each annotator on each item, and its place in the arrays.

    Items and annotators without an answer keep their names.
    """
    every = Votes.from_arrays(item, annotator, np.zeros(len(given), dtype=np.int64), repeated="all")
    place = np.flatnonzero(given)
    pair = every.item[place].astype(np.int64) * max(every.n_annotators, 1) + every.annotator[place]
    _, last = np.unique(pair[::-1], return_index=True)
    kept = np.zeros(len(given), dtype=bool)
    kept[place[len(place) - 1 - last]] = True
    return every.where(kept), np.flatnonzero(kept)
