"""Comparisons: who beat whom, in index form, and which items can be compared at all.

In: parallel arrays of names. Out: `Comparisons`, `Bouts`, parts, circular triads. Never: an item compared with itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from goldseam.stats.votes import BadVotes, Names, Votes

Array = NDArray[np.float64]
Ties = Literal["davidson", "half", "none"]

_SIDES = {"left": 1, "right": -1}
_DENSE_TRIADS = 2_000
_MOST_STEPS = 200_000_000
"""How many pairs of edges are looked at for triads, at most: some seconds."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Comparison v: `outcome[v]` is 1 where `left[v]` was preferred to `right[v]`, -1 the other way, 0 for a tie."""

    items: Names
    annotators: Names
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    outcome: NDArray[np.int8]
    annotator: NDArray[np.int32] | None

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Bouts:
    """Comparisons of the same left, right and annotator together: how often left won, tied and lost."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    annotator: NDArray[np.int32] | None
    won: Array
    tied: Array
    lost: Array
    n_items: int
    n_annotators: int
    part: NDArray[np.int32]

    @property
    def times(self) -> Array:
        """How often each pair was compared."""
        return self.won + self.tied + self.lost


@dataclass(frozen=True, slots=True)
class Triads:
    """How often preferences run in a circle (a over b, b over c, c over a), by majority of each pair.

    `share` is that of the triads whose three pairs all have a majority; random answers give 0.25. None where `reason` says
    why.
    """

    share: float | None
    reason: str
    n_triads: int
    n_circular: int


def comparisons_of(
    left: Iterable[Any],
    right: Iterable[Any],
    winner: Iterable[Any],
    annotator: Iterable[Any] | None,
    tie: Hashable,
) -> Comparisons:
    """Return the comparisons in index form; those without a winner (None, NaN) are left out."""
    lefts, rights, winners = (_listed(part) for part in (left, right, winner))
    whos = None if annotator is None else _listed(annotator)
    sizes = {"left": len(lefts), "right": len(rights), "winner": len(winners)}
    sizes |= {} if whos is None else {"annotator": len(whos)}
    if len(set(sizes.values())) > 1:
        raise BadVotes(f"The arrays of comparisons must be equally long; they are {sizes}.")
    n = len(lefts)
    items, index = _named(_joined(lefts, rights))
    first, second = index[:n], index[n:]
    same = np.flatnonzero(first == second)
    if len(same):
        raise BadVotes(f"Comparison {same[0]} is of {items[first[same[0]]]!r} with itself.")
    outcome, given = _outcomes(items, first, second, winners, tie)
    names, who = (np.empty(0, dtype=object), None) if whos is None else _named(whos)
    kept = None if who is None else who[given]
    return Comparisons(items, names, first[given], second[given], outcome[given], kept)


def bouts_of(said: Comparisons, ties: Ties, *, sided: bool = True) -> Bouts:
    """Return the comparisons counted; ties as they are, as half a win for each, or left out.

    Unless `sided`, who stood left does not matter: both directions of a pair are one, with the earlier item on the left.
    """
    keep = said.outcome != 0 if ties == "none" else np.ones(len(said.outcome), dtype=bool)
    left, right, outcome = said.left[keep], said.right[keep], said.outcome[keep]
    who = None if said.annotator is None else said.annotator[keep]
    if not sided:
        turned = left > right
        left, right = np.minimum(left, right), np.maximum(left, right)
        outcome = np.where(turned, -outcome, outcome)
    pair = left.astype(np.int64) * said.n_items + right
    n_annotators = len(said.annotators)
    if who is not None and said.n_items**2 * n_annotators < 2**62:
        pair = pair * n_annotators + who
    if who is not None and said.n_items**2 * n_annotators >= 2**62:  # beyond counting: every comparison stands alone
        first, inverse = np.arange(len(pair)), np.arange(len(pair))
    else:
        _, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    won, tied, lost = (
        np.bincount(inverse.ravel(), weights=outcome == sign, minlength=len(first)).astype(np.float64)
        for sign in (1, 0, -1)
    )
    if ties == "half":
        won, lost, tied = won + tied / 2, lost + tied / 2, np.zeros_like(tied)
    return Bouts(
        left=left[first],
        right=right[first],
        annotator=None if who is None else who[first],
        won=won,
        tied=tied,
        lost=lost,
        n_items=said.n_items,
        n_annotators=n_annotators,
        part=parts(left[first], right[first], said.n_items),
    )


def parts(left: NDArray[np.int32], right: NDArray[np.int32], n_items: int) -> NDArray[np.int32]:
    """Return the number of the part that each item is in: items are in one if a chain of comparisons links them.

    Each item points to a smaller one that it is linked to, until all of a part point to its smallest.
    """
    root = np.arange(n_items)
    while True:
        first, second = root[left], root[right]
        apart = first != second
        if not apart.any():
            break
        np.minimum.at(root, np.maximum(first, second)[apart], np.minimum(first, second)[apart])
        while (root[root] != root).any():
            root = root[root]
    _, part = np.unique(root, return_inverse=True)
    return part.ravel().astype(np.int32)


def is_beatable(bouts: Bouts) -> bool:
    """Say whether in every part each item is led to each other by wins, so that strengths are finite without a prior."""
    won, lost = bouts.won + bouts.tied > 0, bouts.lost + bouts.tied > 0
    winner = np.concatenate([bouts.left[won], bouts.right[lost]])
    loser = np.concatenate([bouts.right[won], bouts.left[lost]])
    return is_led(winner, loser, bouts.part)


def is_led(winner: NDArray[np.int32], loser: NDArray[np.int32], part: NDArray[np.int32]) -> bool:
    """Say whether in every part each item is led to each other by wins (Ford 1957)."""
    _, start = np.unique(part, return_index=True)
    return all(_reached(start, *way, len(part)).all() for way in ((winner, loser), (loser, winner)))


def _reached(start: NDArray[np.intp], here: NDArray[np.int32], there: NDArray[np.int32], n: int) -> NDArray[np.bool_]:
    """Return which items some steps from `here` to `there` lead to, from one of those to start with."""
    order = np.argsort(here, kind="stable")
    ends = np.cumsum(np.bincount(here, minlength=n))
    seen = np.zeros(n, dtype=bool)
    seen[start] = True
    front = start
    while len(front):
        many = ends[front] - np.concatenate([[0], ends])[front]
        steps = np.repeat(ends[front] - np.cumsum(many), many) + np.arange(int(many.sum()))
        reached = there[order[steps]]
        front = np.unique(reached[~seen[reached]]).astype(np.intp)
        seen[front] = True
    return seen


def triads(bouts: Bouts) -> Triads:
    """Count the circular triads of the majority's preferences (Kendall and Babington Smith 1940)."""
    beat = _majorities(bouts)
    wins = np.asarray(beat.sum(axis=1), dtype=np.float64)
    losses = np.asarray(beat.sum(axis=0), dtype=np.float64)
    if float((wins * losses).sum()) > _MOST_STEPS and bouts.n_items > _DENSE_TRIADS:
        return Triads(None, "There are too many triads to count.", 0, 0)
    if bouts.n_items <= _DENSE_TRIADS:
        table = beat.toarray().astype(np.float32)
        two = table @ table
        straight, circles = float((two * table).sum(dtype=np.float64)), float((two * table.T).sum(dtype=np.float64))
    else:
        steps = csr_array(beat @ beat)
        straight, circles = float(steps.multiply(beat).sum()), float(steps.multiply(beat.T).sum())
    n_circular = round(circles / 3)
    n_triads = round(straight) + n_circular
    if n_triads == 0:
        return Triads(None, "No three items were all compared with each other without a tie.", 0, 0)
    return Triads(n_circular / n_triads, "", n_triads, n_circular)


def _majorities(bouts: Bouts) -> csr_array:
    """Return a matrix with a 1 where the row's item was preferred to the column's more often than the other way."""
    low, high = np.minimum(bouts.left, bouts.right), np.maximum(bouts.left, bouts.right)
    lead = np.where(bouts.left < bouts.right, bouts.won - bouts.lost, bouts.lost - bouts.won)
    cell, inverse = np.unique(low.astype(np.int64) * max(bouts.n_items, 1) + high, return_inverse=True)
    total = np.bincount(inverse.ravel(), weights=lead, minlength=len(cell))
    first, second = cell // max(bouts.n_items, 1), cell % max(bouts.n_items, 1)
    winner = np.where(total > 0, first, second)[total != 0]
    loser = np.where(total > 0, second, first)[total != 0]
    ones = np.ones(len(winner))
    return csr_array(coo_array((ones, (winner, loser)), shape=(bouts.n_items, bouts.n_items)))


def _listed(values: Iterable[Any]) -> NDArray[Any] | list[Any]:
    return values if isinstance(values, np.ndarray) else list(values)


def _joined(first: NDArray[Any] | list[Any], second: NDArray[Any] | list[Any]) -> NDArray[Any] | list[Any]:
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return np.concatenate([first, second])
    return [*first, *second]


def _named(values: NDArray[Any] | list[Any]) -> tuple[Names, NDArray[np.int32]]:
    """Return the names, sorted, and the index of each value among them."""
    nobody = np.zeros(len(values), dtype=np.int64)
    votes = Votes.from_arrays(values, nobody, nobody, repeated="all")
    return votes.items, votes.item


def _outcomes(
    items: Names,
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    winners: NDArray[Any] | list[Any],
    tie: Hashable,
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return each comparison's outcome, and which have one. A winner is one of the two items, or 'left' or 'right'."""
    n = len(items)
    plain = winners.tolist() if isinstance(winners, np.ndarray) else winners
    if isinstance(winners, np.ndarray) and winners.dtype.kind in "iu" and items.dtype.kind in "iu" and n:
        near = np.minimum(np.searchsorted(items, winners), n - 1)
        code = np.where(items[near] == winners, near, np.where(winners == tie, n + 2, n))
    else:
        code = _codes(items, plain, tie)
    outcome = np.where(code == first, 1, np.where(code == second, -1, 0)).astype(np.int8)
    outcome[code == n + 3], outcome[code == n + 1] = 1, -1
    known = (code == first) | (code == second) | (code > n)
    missing = np.zeros(len(plain), dtype=bool)
    for place in np.flatnonzero(~known):
        one = plain[place]
        if not _is_absent(one):
            raise BadVotes(
                f"Comparison {place} is between {items[first[place]]!r} and {items[second[place]]!r}, but its winner is "
                f"{one!r}: one of the two, 'left', 'right', or {tie!r} for a tie would be right."
            )
        missing[place] = True
    return outcome, ~missing


def _codes(items: Names, winners: list[Any], tie: Hashable) -> NDArray[np.int64]:
    """Return each winner as an item's index, or beyond: n for a word unknown, then right, tie, left."""
    n = len(items)
    codes: dict[Any, int] = {name: place for place, name in enumerate(items.tolist())}
    codes = {name: n + 2 + sign for name, sign in _SIDES.items() if name not in codes} | codes
    if tie not in codes:
        codes[tie] = n + 2
    try:
        return np.fromiter((codes.get(one, n) for one in winners), dtype=np.int64, count=len(winners))
    except TypeError:
        raise BadVotes("A winner is no name: name the item preferred, 'left', 'right' or the word for a tie.") from None


def _is_absent(one: object) -> bool:
    """Say whether this is None, NaN, or a frame library's own sign for a missing value."""
    return one is None or (isinstance(one, float) and one != one) or type(one).__name__ in ("NAType", "NaTType")  # noqa: PLR0124 - only NaN differs from itself
