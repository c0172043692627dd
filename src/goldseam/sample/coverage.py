"""Coverage: what the draws cover of all items, by segment and by cluster, and what they leave out.

In: for each item whether it was drawn, its inclusion chance, its group. Out: `Coverage`. Never: a share without its counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue

RATIO = 0.5
"""A group that has less than this part of its share of the draws is called thin."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One group: how many of its items were drawn; `ratio` is its share of the draws over its share of all items."""

    name: str
    n_items: int
    n_drawn: int
    ratio: float

    @property
    def thin(self) -> bool:
        """Whether the draws as good as miss the group: an estimate for it rests on little."""
        return self.ratio < RATIO


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the draws cover.

    `groups` has those of most items first. `distance` is half the sum of the differences between a group's share of the draws and
    of all items: the part of the draws that would have to be elsewhere to be like the whole. `effective` is the number of items
    drawn with equal chances that would tell as much as those drawn by chance do: (sum w)^2 / sum w^2 of their weights.
    """

    kind: str
    n_items: int
    n_drawn: int
    groups: tuple[Covered, ...]
    distance: float
    effective: float


def coverage(
    kind: str,
    group: NDArray[np.integer],
    names: Sequence[str],
    drawn: NDArray[np.bool_],
    chance: NDArray[np.floating],
) -> Coverage:
    """Compare the items drawn with all, by group; `group` (n,) indexes `names`, `chance` matters where `drawn` is true."""
    if not len(group) == len(drawn) == len(chance):
        raise BadValue(f"One group, draw and chance per item: got {len(group)}, {len(drawn)} and {len(chance)}.")
    n, n_drawn = len(group), int(np.count_nonzero(drawn))
    whole = np.bincount(group, minlength=len(names))
    ours = np.bincount(group[drawn], minlength=len(names))
    share, had = whole / max(n, 1), ours / max(n_drawn, 1)
    rows = [
        Covered(names[at], int(whole[at]), int(ours[at]), float(had[at] / share[at]))
        for at in np.lexsort((np.arange(len(names)), -whole)).tolist()
        if whole[at]
    ]
    weight = 1.0 / np.asarray(chance, dtype=np.float64)[drawn]
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if n_drawn else 0.0
    distance = 0.5 * float(np.abs(share - had).sum()) if n_drawn else 1.0
    return Coverage(kind, n, n_drawn, tuple(rows), distance, effective)
