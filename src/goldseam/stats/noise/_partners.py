"""Partners: which things of two sets touch, and the best of each one's.

In: groups and limits; keys. Out: pairs as parallel arrays; one place for each owner. Never: all pairs of an item.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._neighbors import pairs_between

Places = NDArray[np.int64]
Limits = tuple[Places, NDArray[Any], NDArray[Any]]
"""The group of each thing, and where it begins and ends: (n,), or (n, axes)."""


def touching(one: Limits, two: Limits) -> tuple[Places, Places]:
    """Return the pairs (place in one, place in two) of the same group that may share something."""
    pairs = list(pairs_between(*one, *two))
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *(pair[0] for pair in pairs)]), np.concatenate([none, *(pair[1] for pair in pairs)])


def first_of(owner: Places, *keys: NDArray[np.float64]) -> Places:
    """Return for each owner the place of its best entry: the largest first key, of equal ones the largest second ..."""
    order = np.lexsort((*(-key for key in reversed(keys)), owner))
    held = owner[order]
    opens = np.ones(len(held), dtype=np.bool_)
    opens[1:] = held[1:] != held[:-1]
    return np.asarray(order[opens])
