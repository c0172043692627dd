"""Order: which item is better, from comparisons of pairs and from rankings.

In: parallel arrays of comparisons, or rankings. Out: `PreferenceTruth`, `RankingTruth`. Never: chance, or an order between
items that nothing links that looks like one that was found.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from goldseam.stats.truth import _bradley_terry as bradley_terry
from goldseam.stats.truth._bradley_terry import Spread, Strengths
from goldseam.stats.truth._comparisons import (
    Bouts,
    Comparisons,
    Ties,
    Triads,
    bouts_of,
    comparisons_of,
    is_beatable,
    triads,
)
from goldseam.stats.truth._order_records import Chance, Concordance, PreferenceTruth, RankingTruth
from goldseam.stats.truth._orders import Orders
from goldseam.stats.truth._ranking import RankingMethod, Unlisted, best_first, check_fit, ranking
from goldseam.stats.votes import BadVotes

Side = Literal["none", "learned"]

__all__ = [
    "Chance",
    "Concordance",
    "Orders",
    "PreferenceTruth",
    "RankingMethod",
    "RankingTruth",
    "Side",
    "Spread",
    "Ties",
    "Triads",
    "Unlisted",
    "preferences",
    "ranking",
]

_NO_COMPARISONS = "There are no comparisons."
_LOPSIDED = 4.0
"""Standard errors by which left's wins may be off one half before it is worth a warning."""


def preferences(
    left: Iterable[Any],
    right: Iterable[Any],
    winner: Iterable[Any],
    annotator: Iterable[Any] | None = None,
    *,
    tie: Hashable = "tie",
    ties: Ties = "davidson",
    side: Side = "none",
    spread: Spread = "learned",
    level: float = 0.95,
    max_iterations: int = 200,
    tolerance: float = 1e-5,
) -> PreferenceTruth:
    r"""Infer how strongly each item is preferred, from comparisons of two (Bradley and Terry).

    Left is preferred with chance :math:`\frac{e^{d/2}}{e^{d/2} + \nu + e^{-d/2}}` where :math:`d = s_l - s_r + h`, right
    with :math:`e^{-d/2}` on top, and else it is a tie (Davidson). With annotators, one of reliability r answers so with
    chance r and the other way round with 1 - r (Crowd-BT), and counts accordingly.

    Parameters
    ----------
    left, right, winner
        One entry per comparison. The winner is the name of one of the two, or 'left', 'right', or `tie`; None or NaN is no
        answer. An annotator's repeated comparisons all count.
    annotator
        Who compared. Left out, all comparisons count the same.
    ties
        'davidson' learns how readily people call it a tie; 'half' counts half a win for each; 'none' leaves ties out.
    side
        'learned' learns what being shown on the left adds (the home advantage).
    spread
        The standard deviation of the strengths' normal prior, 'learned' from how widely they are spread, or None for
        maximum likelihood, which asks that in each part every item be linked to every other by wins.

    Raises
    ------
    BadVotes
        The arrays differ in length, an item is compared with itself, a winner is none of the two, or `spread` is None where
        some strength is then infinite.

    References
    ----------
    Bradley and Terry (1952), Biometrika 39; Davidson (1970), JASA 65; Davidson and Beaver (1977), Biometrics 33 (sides);
    Ford (1957), American Mathematical Monthly 64 (when strengths are finite); Chen et al. (2013), WSDM (annotators);
    Kendall and Babington Smith (1940), Biometrika 31 (circular triads).

    Examples
    --------
    >>> found = preferences("aaabb", "bbccc", "aaabc")
    >>> found.names(), round(found.chance("a", "b").value, 2)
    (['a', 'c', 'b'], 0.74)
    """
    _check(ties, side, spread, level, max_iterations)
    said = comparisons_of(left, right, winner, annotator, tie)
    bouts = bouts_of(said, ties, sided=side == "learned")
    circles = triads(bouts)
    if len(bouts.left) == 0:
        return _nothing(said, bouts, circles, level)
    if spread is None and not is_beatable(bouts):
        raise BadVotes(
            "Some items never lost, never won, or only against some others, so that maximum likelihood puts them infinitely "
            "far off; spread='learned' keeps every strength finite."
        )
    found = bradley_terry.fit(
        bouts, side=side == "learned", spread=spread, max_iterations=max_iterations, tolerance=tolerance
    )
    return _truth_of(said, bouts, found, circles, side, level)


def _check(ties: Ties, side: Side, spread: Spread, level: float, max_iterations: int) -> None:
    if ties not in ("davidson", "half", "none"):
        raise BadVotes(f"ties={ties!r}: 'davidson', 'half' or 'none' would be right.")
    if side not in ("none", "learned"):
        raise BadVotes(f"side={side!r}: 'none' or 'learned' would be right.")
    check_fit(spread, level, max_iterations)


def _truth_of(
    said: Comparisons, bouts: Bouts, found: Strengths, circles: Triads, side: Side, level: float
) -> PreferenceTruth:
    compared = _counts(bouts)
    error = np.sqrt(found.variance)
    wide = -float(ndtri((1 - level) / 2)) * error
    settled = () if found.converged else (f"Stopped after {found.iterations} iterations, before it settled.",)
    return PreferenceTruth(
        items=said.items,
        strength=found.strength,
        error=error,
        low=found.strength - wide,
        high=found.strength + wide,
        level=level,
        order=best_first(found.strength),
        part=bouts.part,
        n_votes=compared,
        annotators=said.annotators,
        reliability=found.reliability,
        side=found.side if side == "learned" else None,
        side_error=found.side_variance**0.5 if side == "learned" else None,
        tie=found.tie,
        spread=found.spread,
        triads=circles,
        log_likelihood=found.log_likelihood,
        iterations=found.iterations,
        covariance=found.covariance,
        warnings=(*settled, *_warnings(said, bouts, compared, side)),
    )


def _nothing(said: Comparisons, bouts: Bouts, circles: Triads, level: float) -> PreferenceTruth:
    return PreferenceTruth(
        items=said.items,
        strength=np.zeros(said.n_items),
        error=None,
        low=None,
        high=None,
        level=level,
        order=np.arange(said.n_items, dtype=np.int32),
        part=bouts.part,
        n_votes=np.zeros(said.n_items, dtype=np.int64),
        annotators=said.annotators,
        reliability=None,
        side=None,
        side_error=None,
        tie=None,
        spread=None,
        triads=circles,
        log_likelihood=None,
        iterations=0,
        covariance=None,
        reason=_NO_COMPARISONS,
        warnings=(_NO_COMPARISONS,),
    )


def _counts(bouts: Bouts) -> NDArray[np.int64]:
    """Return how often each item was compared."""
    n = bouts.n_items
    many = np.bincount(bouts.left, bouts.times, n) + np.bincount(bouts.right, bouts.times, n)
    return np.asarray(np.rint(many), dtype=np.int64)


def _warnings(said: Comparisons, bouts: Bouts, compared: NDArray[np.int64], side: Side) -> tuple[str, ...]:
    """Return what people should know before they use the strengths."""
    told = []
    silent = int((compared == 0).sum())
    if silent:
        told.append(f"{silent} of {bouts.n_items} items were never compared; their strength is 0.")
    n_parts = len(np.unique(bouts.part[compared > 0]))
    if n_parts > 1:
        told.append(f"Nothing links {n_parts} parts of the items: strengths can be compared only within a part.")
    won, lost = int((said.outcome == 1).sum()), int((said.outcome == -1).sum())
    decided = won + lost
    if side == "none" and decided and abs(won - lost) > _LOPSIDED * decided**0.5:
        share = won / decided
        if share in (0.0, 1.0):
            told.append("The same side won every time: if sides are winner and loser, that is as it should be.")
        else:
            told.append(f"Left won {share:.0%} of the comparisons: side='learned' takes an advantage of sides off.")
    if side == "learned" and decided and won * lost == 0:
        told.append("The same side won every time, so that items and sides cannot be told apart; side='none' is right.")
    return tuple(told)
