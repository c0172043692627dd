"""Certified thresholds: which suggestions may be accepted unseen, so that a bound on their error holds with a stated chance.

In: the confidence of every suggestion of a pool, what is known of how right such suggestions are, labels of an audit draw.
Out: `Audit`, where the labels are best spent; `Certificate`, the threshold and what it rests on.
Never: an approximation for large numbers; a label that both chose the zone and tested it; a zone that cuts through a tie.

The items at or above a threshold are a zone; zones are nested. Where the true error is below the bound with enough room, few
labels prove it; at the edge no number of labels does. So a guess of the error curve (which may be wrong without harm to the
guarantee) chooses where to draw, and exact tests of ever larger zones, begun where the guess is sure and ended at the first
that fails, find the threshold. Each test may use all of `delta`: a fixed sequence errs only if its first false step passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression
from scipy.special import bdtr, gammaln

from goldseam.stats.votes import BadVotes

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

START, REACH = 0.98, 0.3
"""The first zone passes its test with this chance, if the guess is right; the largest looked at with this one."""
N_ZONES = 50
_EVEN = 1 + 1e-9
"""A chance equal to `delta` passes, whatever its last digits."""
_LEAST_ERROR = 0.002
"""No guess is better than this: a few hundred labels cannot show a smaller error, and nobody should count on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """Where to spend labels: draw `n` of the `sizes[-1]` most confident items, each with the same chance.

    `order` lists the pool from the most confident on; `sizes` are the zones to be tested, in this order; `predicted` is the
    error that the guess gives each. No sizes: no zone has a chance to pass.
    """

    order: Ints
    confidence: Array
    sizes: Ints
    predicted: Array
    n: int
    error: float
    delta: float

    def draw(self, rng: np.random.Generator) -> Ints:
        """Return the places in the pool of the items to be labeled, each zone a fair sample of itself."""
        zone = self.order[: int(self.sizes[-1])] if len(self.sizes) else self.order[:0]
        return np.sort(rng.choice(zone, min(self.n, len(zone)), replace=False))


@dataclass(frozen=True, slots=True)
class Step:
    """The test of one zone: of `size` items, `n` were looked at and `wrong` were; `p` is exact, `upper` bounds the error."""

    threshold: float
    size: int
    n: int
    wrong: int
    p: float
    upper: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """The threshold at or above which suggestions may be accepted, or None with the reason.

    With chance 1 - `delta` over the draw, at most the share `error` of the `size` accepted items is wrong; `coverage` is
    their share of the pool. `steps` are all tests made, the last of them failed unless the largest zone passed.
    """

    threshold: float | None
    size: int
    coverage: float
    upper: float | None
    error: float
    delta: float
    steps: tuple[Step, ...]
    reason: str


def plan(
    confidence: ArrayLike,
    guide_confidence: ArrayLike,
    guide_right: ArrayLike,
    *,
    n: int,
    error: float = 0.05,
    delta: float = 0.05,
) -> Audit:
    """Return where in the pool to spend `n` labels.

    Parameters
    ----------
    confidence
        Of each suggestion of the pool, (n_items,): any score that is higher where suggestions are more often right.
    guide_confidence, guide_right
        Suggestions whose rightness is known, (n_known,): as a rule those that a model made for its own training items by
        cross-fitting. They only guide: if they mislead, coverage is lost and the guarantee is not.
    n
        How many labels may be spent.
    error, delta
        The share of wrong labels that is tolerated, and the chance that this is broken.

    Raises
    ------
    BadVotes
        For a bound outside 0 to 1, or arrays that do not fit.

    References
    ----------
    Angelopoulos, Bates, Candes, Jordan & Lei (2021), Learn then test; fixed sequences: Maurer, Hothorn & Lehmacher (1995).
    """
    _check_bounds(error, delta, n)
    scores = _scores(confidence, "confidence")
    order = np.argsort(-scores, kind="stable").astype(np.int64)
    ranked = scores[order]
    guess = _curve(ranked, _scores(guide_confidence, "guide_confidence"), np.asarray(guide_right))
    sizes = _zones(ranked)
    predicted = guess[sizes - 1] if len(sizes) else np.empty(0)
    reachable = [
        int(size)
        for size, wrong in zip(sizes, predicted, strict=True)
        if _power(wrong, min(n, size), int(size), error, delta) >= REACH
    ]
    if not reachable:
        return Audit(order, ranked, np.empty(0, np.int64), np.empty(0), n, error, delta)
    top = reachable[-1]
    inside = sizes <= top
    sizes, predicted = sizes[inside], predicted[inside]
    share = min(n, top) / top
    chance = np.array(
        [_power(q, int(share * size), int(size), error, delta) for q, size in zip(predicted, sizes, strict=True)]
    )
    sure = np.flatnonzero(chance >= START)
    begin = int(sure[-1]) if len(sure) else int(chance.argmax())
    return Audit(order, ranked, sizes[begin:], predicted[begin:], n, error, delta)


def certify(audit: Audit, place: ArrayLike, right: ArrayLike) -> Certificate:
    """Return the threshold that the labels of the draw prove.

    `place` (n_drawn,) are the items drawn by `Audit.draw`, `right` (n_drawn,) whether their suggestions are. Labels that did
    not come (an item that nobody could answer) count as wrong: leave none out, as who fails to answer may depend on the item.

    Raises
    ------
    BadVotes
        For items outside the audited zone, named twice, or not all that were drawn.

    Examples
    --------
    >>> audit = plan(np.linspace(0.5, 1, 1000), np.linspace(0.5, 1, 400), np.arange(400) > 150, n=200)
    >>> drawn = audit.draw(np.random.default_rng(0))
    >>> found = certify(audit, drawn, drawn > 390)
    >>> found.threshold is not None and found.size / 1000 == found.coverage
    True
    """
    if not len(audit.sizes):
        return _none(
            audit, (), "No zone has a chance to pass: the suggestions are not right often enough where they are sure."
        )
    rank, wrong = _drawn(audit, np.asarray(place), np.asarray(right))
    seen = np.concatenate([[0], np.cumsum(wrong)])
    steps: list[Step] = []
    passed: Step | None = None
    for size in audit.sizes.tolist():
        n = int(np.searchsorted(rank, size))
        step = _step(audit, size, n, int(seen[n]))
        steps.append(step)
        if step.p > audit.delta * _EVEN:
            break
        passed = step
    if passed is None:
        first = steps[0]
        return _none(
            audit,
            tuple(steps),
            f"{first.wrong} of {first.n} looked at in the first zone are wrong: an error of at most {audit.error:g} is not "
            f"proven (p = {first.p:.3f}, above {audit.delta:g}).",
        )
    return Certificate(
        passed.threshold,
        passed.size,
        passed.size / len(audit.order),
        passed.upper,
        audit.error,
        audit.delta,
        tuple(steps),
        f"{passed.wrong} of {passed.n} looked at are wrong: with chance {1 - audit.delta:g} at most {passed.upper:.3f} of "
        f"the {passed.size} accepted are.",
    )


def tolerated(n: int, size: int, error: float, delta: float) -> int:
    """Return how many of `n` labels out of a zone of `size` may be wrong for the zone to pass; -1 if even none is too many.

    The exact test of the hypergeometric law: the fewest wrong ones that break the bound are floor(error * size) + 1.

    Examples
    --------
    >>> tolerated(59, 1_000_000, 0.05, 0.05), tolerated(58, 1_000_000, 0.05, 0.05)
    (0, -1)
    """
    return (
        int(np.count_nonzero(_cumulative(n, size, int(error * size + 1e-9) + 1, n) <= delta * _EVEN)) - 1 if n else -1
    )


def upper_bound(wrong: int, n: int, size: int, delta: float) -> float:
    """Return the exact upper bound on the share of wrong ones in a zone of `size`, from `wrong` of `n` drawn without return.

    Examples
    --------
    >>> upper_bound(0, 10, 10, 0.05)
    0.0
    >>> round(upper_bound(0, 59, 1_000_000, 0.05), 3)
    0.05
    """
    low, high = wrong, size - (n - wrong)
    while low < high:
        middle = (low + high + 1) // 2
        if _cumulative(wrong, size, middle, n)[-1] > delta * _EVEN:
            low = middle
        else:
            high = middle - 1
    return low / size if size else 1.0


def _curve(ranked: Array, guide: Array, right: NDArray[np.generic]) -> Array:
    """Return the error to be expected among the k most confident items, for each k, from an isotonic fit of the guide."""
    if right.shape != guide.shape:
        raise BadVotes(f"guide_right needs one entry per guide_confidence, {len(guide)}; got the shape {right.shape}.")
    if not len(guide):
        return np.zeros(len(ranked))  # nothing is known: begin small, and let the tests say
    order = np.argsort(guide, kind="stable")
    # One wrong and one right at the ends keep the fit from promising what few items cannot show.
    x = np.concatenate([guide[order][:1], guide[order], guide[order][-1:]])
    y = np.concatenate([[0.0], right[order].astype(np.float64), [1.0]])
    chance = isotonic_regression(y, increasing=True).x
    wrong = np.maximum(1.0 - np.interp(ranked, x, chance), _LEAST_ERROR)
    return np.asarray(np.cumsum(wrong) / np.arange(1, len(ranked) + 1))


def _zones(ranked: Array) -> Ints:
    """Return the sizes of the zones, ascending: evenly spread, each to the end of its tie."""
    n = len(ranked)
    if not n:
        return np.empty(0, np.int64)
    wanted = np.unique(np.ceil(np.arange(1, N_ZONES + 1) * n / N_ZONES).astype(np.int64))
    return np.unique(np.searchsorted(-ranked, -ranked[wanted - 1], side="right")).astype(np.int64)


def _power(wrong: float, n: int, size: int, error: float, delta: float) -> float:
    """Return the chance that a zone passes if this share of it is wrong."""
    most = tolerated(n, size, error, delta)
    return 0.0 if most < 0 else 1.0 if most >= n else float(bdtr(float(most), n, float(wrong)))


def _step(audit: Audit, size: int, n: int, wrong: int) -> Step:
    breaking = int(audit.error * size + 1e-9) + 1
    p = float(_cumulative(wrong, size, breaking, n)[-1]) if n and breaking <= size else float(breaking <= size)
    return Step(float(audit.confidence[size - 1]), size, n, wrong, p, upper_bound(wrong, n, size, audit.delta))


def _cumulative(most: int, size: int, n_wrong: int, n: int) -> Array:
    """Return P(at most k wrong) for k = 0..most, where `n` are drawn of `size` items of which `n_wrong` are wrong."""
    k = np.arange(most + 1, dtype=np.float64)
    possible = (k <= n_wrong) & (n - k <= size - n_wrong)
    inside = np.where(possible, k, min(max(0, n - (size - n_wrong)), n_wrong))
    log = _log_choose(n_wrong, inside) + _log_choose(size - n_wrong, n - inside) - _log_choose(size, np.float64(n))
    return np.asarray(np.minimum(np.cumsum(np.where(possible, np.exp(log), 0.0)), 1.0))


def _log_choose(n: float, k: Array | np.float64) -> Array:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def _drawn(audit: Audit, place: NDArray[np.generic], right: NDArray[np.generic]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the ranks of the items drawn, ascending, and whether each is wrong."""
    top = int(audit.sizes[-1])
    wanted = min(audit.n, top)
    if place.shape != right.shape or place.ndim != 1 or len(np.unique(place)) != wanted or len(place) != wanted:
        raise BadVotes(
            f"The audit drew {wanted} items; give each of them once, with whether it is right. "
            f"Got the shapes {place.shape} and {right.shape}."
        )
    rank_of = np.full(len(audit.order), len(audit.order), dtype=np.int64)
    rank_of[audit.order[:top]] = np.arange(top)
    rank = rank_of[place.astype(np.int64)]
    if (rank >= top).any():
        outside = place[rank >= top][0]
        raise BadVotes(f"Item {outside} lies outside the zone that was audited; only what the draw named may be given.")
    order = np.argsort(rank)
    return rank[order], ~right.astype(np.bool_)[order]


def _none(audit: Audit, steps: tuple[Step, ...], reason: str) -> Certificate:
    return Certificate(None, 0, 0.0, None, audit.error, audit.delta, steps, reason)


def _scores(values: ArrayLike, name: str) -> Array:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not np.isfinite(found).all():
        raise BadVotes(f"{name} needs one finite number per item; got the shape {found.shape}.")
    return found


def _check_bounds(error: float, delta: float, n: int) -> None:
    for name, value in (("error", error), ("delta", delta)):
        if not 0 < value < 1:
            raise BadVotes(f"{name}={value}: a share between 0 and 1, such as 0.05, would be right.")
    if n < 1:
        raise BadVotes(f"n={n}: an audit needs at least one label.")
