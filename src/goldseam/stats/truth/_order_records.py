"""What preferences and rankings are answered with.

In: strengths, an order, what is known of annotators. Out: `PreferenceTruth`, `RankingTruth`, and the chance that one item
is preferred to another. Never: a comparison of items that nothing links.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from goldseam.stats.truth._bradley_terry import log_chances
from goldseam.stats.truth._comparisons import Triads
from goldseam.stats.truth._curvature import Array
from goldseam.stats.votes import BadVotes, Names


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that one item is preferred to another, `low` to `high` at the fit's level, and that of a tie.

    None where undefined, with the reason.
    """

    value: float | None
    low: float | None
    high: float | None
    tie: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class PreferenceTruth:
    """What comparisons of pairs say.

    `strength` (n_items,) is on the scale of log odds, with mean 0 in each part; an item one above another is preferred in
    73 of 100 cases. `error` is its standard error, `low` to `high` its interval at `level`; None where `reason` says why.
    `order` holds item indices, best first. Items of different `part` were never linked by comparisons: their strengths
    cannot be held against each other. `reliability` is each annotator's chance to answer by the order and not its reverse
    (0.5: at random). `side` is what being shown on the left adds, `tie` Davidson's parameter, `spread` the standard
    deviation of the strengths' prior; None where there is none. `covariance` is that of the strengths, None if they are
    many. `warnings` are sentences for people.
    """

    items: Names
    strength: Array
    error: Array | None
    low: Array | None
    high: Array | None
    level: float
    order: NDArray[np.int32]
    part: NDArray[np.int32]
    n_votes: NDArray[np.int64]
    annotators: Names
    reliability: Array | None
    side: float | None
    side_error: float | None
    tie: float | None
    spread: float | None
    triads: Triads
    log_likelihood: float | None
    iterations: int
    covariance: Array | None
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def names(self) -> list[Any]:
        """Return the items, best first."""
        return [self.items[index] for index in self.order]

    def chance(self, a: object, b: object) -> Chance:
        """Return the chance that item `a` is preferred to item `b`, shown without an advantage of sides.

        Where strengths have a prior it is averaged over what is not known of them. Beyond a few hundred items the
        difference's error is taken as if the two were independent.
        """
        first, second = self._index(a), self._index(b)
        if self.error is None:
            return Chance(None, None, None, None, self.reason)
        if self.part[first] != self.part[second]:
            return Chance(None, None, None, None, f"No chain of comparisons links {a!r} and {b!r}.")
        difference = float(self.strength[first] - self.strength[second])
        variance = self._variance(first, second)
        wide = -float(ndtri((1 - self.level) / 2)) * variance**0.5
        shrink = 1.0 if self.spread is None else float((1 + np.pi / 8 * variance) ** -0.5)
        tie = -np.inf if self.tie is None else float(np.log(self.tie))
        at = np.array([difference * shrink, difference - wide, difference + wide])
        won, tied, _ = log_chances(at, tie)
        return Chance(float(won[0]), float(won[1]), float(won[2]), float(tied[0]), "")

    def _variance(self, first: int, second: int) -> float:
        if first == second or self.error is None:
            return 0.0
        if self.covariance is None:
            return float(self.error[first] ** 2 + self.error[second] ** 2)
        table = self.covariance
        return max(float(table[first, first] + table[second, second] - 2 * table[first, second]), 0.0)

    def _index(self, name: object) -> int:
        found = np.flatnonzero(self.items == name)
        if len(found) != 1:
            raise BadVotes(f"There is no item {name!r} among the {len(self.items)} items compared.")
        return int(found[0])


@dataclass(frozen=True, slots=True)
class Concordance:
    """How far rankings agree: 1 if all are the same, about 0 if they are at random; None where `reason` says why."""

    value: float | None
    reason: str
    n_rankings: int


@dataclass(frozen=True, slots=True)
class RankingTruth:
    """What rankings say together.

    `order` holds item indices, best first; `position` (n_items,) is the place of each item, 1 the best. `strength` is on
    the scale of log odds for Plackett-Luce, with mean 0 in each part, else the share of others that an item is placed
    before (Borda), 0 to 1; `low` to `high` is its interval at `level`, None where `reason` says why. `w` is Kendall's
    coefficient of concordance, `tau` the mean of Kendall's tau over pairs of rankings, pooled over the pairs of items that
    both rank. `reliability` is each annotator's share of pairs put in the consensus' order, `sharpness` how closely they
    follow the strengths (1: like the crowd; 0: at random; below 0: upside down). `disagreement` is the share of ranked
    pairs that the consensus turns around, `exact` whether no order has less, `n_best` how many orders have as little.
    """

    items: Names
    order: NDArray[np.int32]
    position: NDArray[np.int64]
    strength: Array
    low: Array | None
    high: Array | None
    level: float
    part: NDArray[np.int32]
    n_votes: NDArray[np.int64]
    annotators: Names
    reliability: Array | None
    sharpness: Array | None
    tau: Concordance
    w: Concordance
    disagreement: float | None
    exact: bool | None
    n_best: int | None
    spread: float | None
    log_likelihood: float | None
    iterations: int
    method: str
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def names(self) -> list[Any]:
        """Return the items, best first."""
        return [self.items[index] for index in self.order]
