"""Rankings: one order from many, complete or not.

In: rankings as lists, a table or `Orders`. Out: `RankingTruth`. Never: chance.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from goldseam.stats.truth import _kemeny as kemeny
from goldseam.stats.truth import _orders as orders_of
from goldseam.stats.truth import _plackett_luce as plackett_luce
from goldseam.stats.truth._bradley_terry import Spread
from goldseam.stats.truth._comparisons import is_led, parts
from goldseam.stats.truth._curvature import Array
from goldseam.stats.truth._order_records import RankingTruth
from goldseam.stats.truth._orders import Orders
from goldseam.stats.votes import BadVotes, Names

RankingMethod = Literal["plackett_luce", "kemeny", "borda"]
Unlisted = Literal["unknown", "last"]

_NO_RANKINGS = "No ranking holds two items, so there is nothing to put in order."
_NO_STRENGTHS = "Kemeny's order has no strengths: `strength` is the share of others that an item is placed before."


def ranking(
    rankings: Orders | Iterable[Iterable[Any]] | NDArray[Any],
    annotator: Sequence[Hashable] | NDArray[Any] | None = None,
    *,
    method: RankingMethod = "plackett_luce",
    unlisted: Unlisted = "unknown",
    spread: Spread = "learned",
    level: float = 0.95,
    max_iterations: int = 200,
    tolerance: float = 1e-6,
) -> RankingTruth:
    r"""Infer one order from several rankings, and how far they agree.

    Parameters
    ----------
    rankings
        One sequence of items per ranking, best first (a set or list inside is a tie); or a table (n_rankings, k), with
        None, NaN or (whole numbers) -1 for no item; or `Orders.from_positions(ranking, item, position)`. A ranking need not
        hold every item.
    annotator
        Who made each ranking. With Plackett-Luce each gets a sharpness: how closely they follow the common strengths.
    method
        'plackett_luce': strengths, with the next place going to item i with chance :math:`e^{s_i} / \sum_j e^{s_j}` over
        those not yet placed. 'kemeny': the order that turns around the fewest ranked pairs. 'borda': by the mean share of
        others that an item is placed before.
    unlisted
        What leaving an item out says: 'unknown' nothing, 'last' that it belongs behind all that are listed.
    spread
        For Plackett-Luce: the standard deviation of the strengths' normal prior, 'learned', or None for maximum likelihood.

    Raises
    ------
    BadVotes
        A ranking holds an item twice, an option is unknown, there are too many items for Kemeny, or `spread` is None where
        some strength is then infinite.

    References
    ----------
    Luce (1959), Individual choice behavior; Plackett (1975), Applied Statistics 24; Hunter (2004), Annals of Statistics 32;
    Efron (1977), JASA 72 (ties); Kemeny (1959), Daedalus 88; Betzler et al. (2009), Theoretical Computer Science 410;
    Kendall and Babington Smith (1939), Annals of Mathematical Statistics 10 (W); Ehrenberg (1952), Biometrika 39 (tau).

    Examples
    --------
    >>> found = ranking([["a", "b", "c"], ["a", "c", "b"], ["b", "a"]], method="kemeny")
    >>> found.names(), round(found.disagreement, 2)
    (['a', 'b', 'c'], 0.29)
    """
    if method not in METHODS:
        raise BadVotes(f"method={method!r}: {', '.join(METHODS)} would be right.")
    if unlisted not in ("unknown", "last"):
        raise BadVotes(f"unlisted={unlisted!r}: 'unknown' or 'last' would be right.")
    check_fit(spread, level, max_iterations)
    said = rankings if isinstance(rankings, Orders) else Orders.from_lists(rankings)
    names, who = orders_of.names_of(annotator, said, said.n_rankings + said.n_empty)
    if said.n_rankings == 0:
        return _nothing(said, names, method, level)
    if unlisted == "last":
        said = said.with_others_last()
    given = _Given(said, who, annotator is not None, len(names), spread, max_iterations, tolerance)
    counts = orders_of.pair_counts(said)
    found = METHODS[method](given, counts)
    return _truth_of(given, found, names, counts, method, level)


@dataclass(frozen=True, slots=True)
class _Given:
    """What every method takes."""

    orders: Orders
    who: NDArray[np.int64]
    named: bool
    n_annotators: int
    spread: Spread
    max_iterations: int
    tolerance: float

    @property
    def linked(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Each entry that has one before it in its ranking: the one before, and itself."""
        inside = np.ones(len(self.orders.item), dtype=bool)
        inside[self.orders.start[:-1]] = False
        later = np.flatnonzero(inside)
        return self.orders.item[later - 1], self.orders.item[later]

    @property
    def part(self) -> NDArray[np.int32]:
        """The part that each item is in: items that some chain of rankings links are in one."""
        return parts(*self.linked, len(self.orders.items))


@dataclass(frozen=True, slots=True)
class _Found:
    """What every method returns."""

    strength: Array
    order: NDArray[np.int64]
    error: Array | None
    reason: str = ""
    sharpness: Array | None = None
    exact: bool | None = None
    n_best: int | None = None
    spread: float | None = None
    log_likelihood: float | None = None
    iterations: int = 0
    warnings: tuple[str, ...] = ()


def _by_plackett_luce(given: _Given, counts: Array | None) -> _Found:
    del counts
    said, part = given.orders, given.part
    if given.spread is None and not _is_finite(given, part):
        raise BadVotes(
            "Some items are always placed first, always last, or only behind some others, so that maximum likelihood puts "
            "them infinitely far off; spread='learned' keeps every strength finite."
        )
    fitted = plackett_luce.fit(
        said,
        part,
        given.who if given.named else None,
        given.n_annotators,
        spread=given.spread,
        max_iterations=given.max_iterations,
        tolerance=given.tolerance,
    )
    settled = () if fitted.converged else (f"Stopped after {fitted.iterations} iterations, before it settled.",)
    return _Found(
        strength=fitted.strength,
        order=best_first(fitted.strength).astype(np.int64),
        error=np.sqrt(fitted.variance),
        sharpness=fitted.sharpness,
        spread=fitted.spread,
        log_likelihood=fitted.log_likelihood,
        iterations=fitted.iterations,
        warnings=settled,
    )


def _is_finite(given: _Given, part: NDArray[np.int32]) -> bool:
    """Say whether wins lead from each item to each other; a tie counts as a win for both."""
    before, behind = given.linked
    inside = np.ones(len(given.orders.item), dtype=bool)
    inside[given.orders.start[:-1]] = False
    tied = given.orders.tied[inside]
    return is_led(np.concatenate([before, behind[tied]]), np.concatenate([behind, before[tied]]), part)


def _by_kemeny(given: _Given, counts: Array | None) -> _Found:
    if counts is None:
        raise BadVotes(f"Kemeny's order is searched among {orders_of.MOST_ITEMS:,} items at most; use plackett_luce.")
    share, _, _ = orders_of.borda(given.orders)
    best = kemeny.best_order(counts, share)
    warnings: tuple[str, ...] = ()
    if not best.exact:
        warnings = (f"More than {kemeny.EXACT} items beat each other in circles: a good order, maybe not the best.",)
    elif best.n_best is not None and best.n_best > 1:
        warnings = (f"{best.n_best} orders turn around as few pairs; this is the one closest to Borda's.",)
    return _Found(share, best.order, None, _NO_STRENGTHS, exact=best.exact, n_best=best.n_best, warnings=warnings)


def _by_borda(given: _Given, counts: Array | None) -> _Found:
    del counts
    share, error, _ = orders_of.borda(given.orders)
    sizes = given.orders.sizes
    uneven = ("Rankings hold different items: a share counts for more against strong others, which Borda cannot see.",)
    return _Found(
        share,
        best_first(share).astype(np.int64),
        error,
        warnings=() if (sizes == len(given.orders.items)).all() else uneven,
    )


METHODS = {"plackett_luce": _by_plackett_luce, "kemeny": _by_kemeny, "borda": _by_borda}
"""Every way to one order, by name."""


def check_fit(spread: Spread, level: float, max_iterations: int) -> None:
    """Refuse options of a fit that mean nothing."""
    named = isinstance(spread, str)
    if (named and spread != "learned") or (
        not isinstance(spread, str) and spread is not None and not 0 < spread < np.inf
    ):
        raise BadVotes(f"spread={spread!r}: 'learned', a number above 0, or None would be right.")
    if not 0 < level < 1 or max_iterations < 1:
        raise BadVotes(f"level={level}, max_iterations={max_iterations}: a level between 0 and 1, and at least 1.")


def best_first(strength: Array) -> NDArray[np.int32]:
    """Return the indices by strength, equal ones in the order of their names."""
    return np.argsort(-strength.round(12), kind="stable").astype(np.int32)


def _truth_of(
    given: _Given, found: _Found, names: Names, counts: Array | None, method: str, level: float
) -> RankingTruth:
    said = given.orders
    n = len(said.items)
    position = np.empty(n, dtype=np.int64)
    position[found.order] = np.arange(1, n + 1)
    turned = orders_of.agreement_with(said, -position.astype(np.float64), given.who, given.n_annotators)
    wide = None if found.error is None else -float(ndtri((1 - level) / 2)) * found.error
    part = given.part
    silent = int((np.bincount(said.item, minlength=n) == 0).sum())
    told = [f"{silent} of {n} items are in no ranking of two or more."] * bool(silent)
    told += [f"{said.n_empty} rankings hold fewer than two items and say nothing."] * bool(said.n_empty)
    n_parts = len(np.unique(part[said.item]))
    told += [f"Nothing links {n_parts} parts of the items: the order holds only within a part."] * (n_parts > 1)
    share = found.strength
    bounded = method != "plackett_luce"
    return RankingTruth(
        items=said.items,
        order=found.order.astype(np.int32),
        position=position,
        strength=share,
        low=None if wide is None else np.clip(share - wide, 0, 1) if bounded else share - wide,
        high=None if wide is None else np.clip(share + wide, 0, 1) if bounded else share + wide,
        level=level,
        part=part,
        n_votes=np.bincount(said.item, minlength=n).astype(np.int64),
        annotators=names,
        reliability=turned,
        sharpness=found.sharpness,
        tau=orders_of.mean_tau(counts, said.n_rankings),
        w=orders_of.kendall_w(said),
        disagreement=_disagreement(counts, found.order),
        exact=found.exact,
        n_best=found.n_best,
        spread=found.spread,
        log_likelihood=found.log_likelihood,
        iterations=found.iterations,
        method=method,
        reason=found.reason,
        warnings=(*found.warnings, *told),
    )


def _disagreement(counts: Array | None, order: NDArray[np.int64]) -> float | None:
    """Return the share of ranked pairs that the order turns around."""
    if counts is None or counts.sum() == 0:
        return None
    return float(np.tril(counts[np.ix_(order, order)], -1).sum() / counts.sum())


def _nothing(said: Orders, names: Names, method: str, level: float) -> RankingTruth:
    n = len(said.items)
    return RankingTruth(
        items=said.items,
        order=np.arange(n, dtype=np.int32),
        position=np.arange(1, n + 1),
        strength=np.zeros(n) if method == "plackett_luce" else np.full(n, 0.5),
        low=None,
        high=None,
        level=level,
        part=np.arange(n, dtype=np.int32),
        n_votes=np.zeros(n, dtype=np.int64),
        annotators=names,
        reliability=None,
        sharpness=None,
        tau=orders_of.mean_tau(None, 0),
        w=orders_of.kendall_w(said),
        disagreement=None,
        exact=None,
        n_best=None,
        spread=None,
        log_likelihood=None,
        iterations=0,
        method=method,
        reason=_NO_RANKINGS,
        warnings=(_NO_RANKINGS,),
    )
