"""Bradley and Terry: strengths of items from who beat whom, with ties, an advantage of the left side, and annotators.

In: `Bouts`. Out: `Strengths`. Never: a loop over comparisons in Python, or an infinite strength that looks like a number.

The chances that left wins, ties and loses are as e^(d/2), e^t and e^(-d/2), where d is left's strength minus right's plus
the side's advantage (Davidson 1970). An annotator of reliability r says so with chance r, and the reverse with 1 - r (Chen
et al. 2013). The strengths are normal around 0, with a spread that is given or learned; then they are posterior means, for
which chances are averaged over what is not known of d: about those at d / sqrt(1 + pi/8 var(d)) (MacKay 1992).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from goldseam.stats.truth import _curvature as curvature
from goldseam.stats.truth._comparisons import Bouts
from goldseam.stats.truth._curvature import Array, Curvature

Spread = Literal["learned"] | float | None

RELIABLE, WRONG = 10.0, 1.0
"""What is known of an annotator beforehand, in answers like the crowd's and against it (Chen et al. 2013)."""
_USUAL_SPREAD = 1.0
_WIDEST = 3.0
"""No wider spread is learned: an item one spread above the mean beats one at the mean in 95 of 100 cases."""
_PEERS = 1.0
"""As many items of usual spread stand beside those compared."""
_WEAK = 0.1
"""The precision of side and tie, where strengths have a prior too."""
_HALVINGS = 30
_SMALL = 0.1
"""A step that moves nothing by more than this cannot overshoot: over it the curvature changes by a tenth at most."""
_NEWTON = 3
_STEADY = 0.95
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, slots=True)
class Strengths:
    """What a fit ended with. `tie` is Davidson's (None without ties), `spread` the strengths' prior (None without)."""

    strength: Array
    side: float
    tie: float | None
    reliability: Array | None
    spread: float | None
    log_likelihood: float
    iterations: int
    converged: bool
    variance: Array
    side_variance: float
    covariance: Array | None


@dataclass(frozen=True, slots=True)
class _Point:
    """Where the climb is: strengths, the side's advantage, the logarithm of the tie (both maybe held at nothing).

    `shrink` is what each bout's difference is multiplied by for what is not known of it.
    """

    strength: Array
    side: float
    tie: float
    reliability: Array | None
    precision: float
    shrink: Array | float = 1.0


@dataclass(frozen=True, slots=True)
class _Chances:
    """Chances of each bout's outcomes, as the model has them and as the annotator tells them, and how they move with d."""

    won: Array
    tied: Array
    lost: Array
    said_won: Array
    said_lost: Array
    move_won: Array
    move_tied: Array
    move_lost: Array


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays the same through a climb: which extras are learned, and where each bout goes in the curvature."""

    bouts: Bouts
    extras: tuple[str, ...]
    cell: NDArray[np.intp]
    n_pairs: int
    place: NDArray[np.int64]
    pattern: csr_array


def fit(bouts: Bouts, *, side: bool, spread: Spread, max_iterations: int, tolerance: float) -> Strengths:
    """Climb by Fisher's scoring to the most probable strengths; stop when nothing moves by more than `tolerance`."""
    frame = _framed(bouts, (*(("side",) if side else ()), *(("tie",) if bouts.tied.any() else ())))
    known = 0.0 if spread is None else 1 / (_USUAL_SPREAD if isinstance(spread, str) else spread) ** 2
    who = None if bouts.annotator is None else np.full(bouts.n_annotators, RELIABLE / (RELIABLE + WRONG))
    now = _Point(np.zeros(bouts.n_items), 0.0, 0.0 if "tie" in frame.extras else -np.inf, who, known)
    moves, moved = (0.0, 0.0), 1.0
    for iteration in range(1, max_iterations + 1):
        after, bent = _step(frame, now, min(moved / 10, 1e-2))
        after = replace(after, reliability=_reliability(bouts, after))
        if known:
            after, moves = _eased(frame, after, bent, moves, learned=spread == "learned")
        moved = _moved(now, after)
        now = after
        if moved <= tolerance:
            return _ended(frame, now, iteration, converged=True)
    return _ended(frame, now, max_iterations, converged=False)


def _moved(before: _Point, after: _Point) -> float:
    """Return the largest change."""
    changes = [np.abs(after.strength - before.strength).max(initial=0.0), abs(after.side - before.side)]
    if np.isfinite(after.tie):
        changes.append(abs(after.tie - before.tie))
    if after.reliability is not None and before.reliability is not None:
        changes.append(np.abs(after.reliability - before.reliability).max(initial=0.0))
    if after.precision:
        changes.append(abs(np.log(after.precision / before.precision)))
    return float(max(changes))


def log_chances(difference: Array, tie: float) -> tuple[Array, Array, Array]:
    """Return the chances that left wins, ties and loses where strengths differ by so much."""
    if tie == -np.inf:
        small = np.exp(-np.abs(difference))
        less, more = small / (1 + small), 1 / (1 + small)
        ahead = difference > 0
        return np.where(ahead, more, less), np.zeros_like(small), np.where(ahead, less, more)
    half = difference / 2
    top = np.maximum(np.abs(half), tie)
    won, lost, tied = np.exp(half - top), np.exp(-half - top), np.exp(tie - top)
    total = won + lost + tied
    return won / total, tied / total, lost / total


def _framed(bouts: Bouts, extras: tuple[str, ...]) -> Frame:
    """Find where the weight of each bout goes in the matrix of pairs, once for all steps."""
    n = max(bouts.n_items, 1)
    pair = np.minimum(bouts.left, bouts.right).astype(np.int64) * n + np.maximum(bouts.left, bouts.right)
    if (pair[1:] > pair[:-1]).all():
        cell = np.arange(len(pair))
    else:
        pair, inverse = np.unique(pair, return_inverse=True)
        cell = inverse.ravel()
    start = np.concatenate([[0], np.cumsum(np.bincount(pair // n, minlength=bouts.n_items))])
    number = np.arange(1, len(pair) + 1)  # from 1, as sums of sparse matrices drop zeros
    upper = csr_array((number, (pair % n).astype(np.int32), start), shape=(bouts.n_items, bouts.n_items))
    pattern = csr_array(upper + upper.T)
    return Frame(bouts, extras, cell, len(pair), pattern.data - 1, pattern)


def _chances(bouts: Bouts, at: _Point) -> _Chances:
    d = at.strength[bouts.left] - at.strength[bouts.right] + at.side
    won, tied, lost = log_chances(d * at.shrink, at.tie)
    if at.tie == -np.inf and at.reliability is None:
        move = won * lost
        return _Chances(won, tied, lost, won, lost, move, tied, -move)
    move_won, move_lost = won * (2 * lost + tied) / 2, -lost * (2 * won + tied) / 2
    move_tied = tied * (lost - won) / 2
    if at.reliability is None or bouts.annotator is None:
        return _Chances(won, tied, lost, won, lost, move_won, move_tied, move_lost)
    r = at.reliability[bouts.annotator]
    said_won, said_lost = r * won + (1 - r) * lost, r * lost + (1 - r) * won
    told_won, told_lost = r * move_won + (1 - r) * move_lost, r * move_lost + (1 - r) * move_won
    return _Chances(won, tied, lost, said_won, said_lost, told_won, move_tied, told_lost)


def _value(frame: Frame, at: _Point, chance: _Chances) -> float:
    """Return what a step raises: its slope is the likelihood's, averaged over what is not known, plus the prior's."""
    return float((_log_likelihood(frame.bouts, chance) / at.shrink).sum()) + _log_prior(at)


def _log_likelihood(bouts: Bouts, chance: _Chances) -> Array:
    found = bouts.won * np.log(np.maximum(chance.said_won, _TINY))
    found += bouts.lost * np.log(np.maximum(chance.said_lost, _TINY))
    tied = bouts.tied > 0
    found[tied] += bouts.tied[tied] * np.log(np.maximum(chance.tied[tied], _TINY))
    return np.asarray(found)


def _log_prior(at: _Point) -> float:
    if at.precision == 0:
        return 0.0
    tie = at.tie if np.isfinite(at.tie) else 0.0
    return -0.5 * (at.precision * float((at.strength**2).sum()) + _WEAK * (at.side**2 + tie**2))


def _step(frame: Frame, now: _Point, near: float) -> tuple[_Point, Curvature]:
    """Take one step of Fisher's scoring, halved until it does not lead down; return the curvature that it used.

    Where its equations are solved by iteration, then as nearly as `near`: the next step mends the rest.
    """
    bouts = frame.bouts
    chance = _chances(bouts, now)
    weak = _WEAK if now.precision else 0.0
    won, lost = np.maximum(chance.said_won, _TINY), np.maximum(chance.said_lost, _TINY)
    pull = bouts.won * chance.move_won / won + bouts.lost * chance.move_lost / lost
    pull += bouts.tied * (chance.lost - chance.won) / 2
    up = _gathered(bouts, pull) - now.precision * now.strength
    slopes = {
        "side": float(pull.sum()) - weak * now.side,
        "tie": float(((bouts.tied - bouts.times * chance.tied) / now.shrink).sum())
        - weak * (now.tie if np.isfinite(now.tie) else 0),
    }
    bent, border, corner = _bends(frame, now, chance)
    slope = np.array([slopes[name] for name in frame.extras])
    solved = curvature.solve(bent, np.column_stack([up, border]), tolerance=near)
    direct, through = solved[:, 0], solved[:, 1:]
    extra = np.zeros(0)
    if len(slope):
        extra = np.asarray(np.linalg.solve(corner - border.T @ through, slope - border.T @ direct), dtype=np.float64)
    step = direct - through @ extra
    by_name = dict(zip(frame.extras, extra.tolist(), strict=True))
    full = replace(
        now,
        strength=now.strength + step,
        side=now.side + by_name.get("side", 0.0),
        tie=now.tie + by_name.get("tie", 0.0),
    )
    if _moved(now, full) < _SMALL:
        return full, bent
    before = _value(frame, now, chance)
    for halving in range(_HALVINGS):
        length = 0.5**halving
        after = replace(
            now,
            strength=now.strength + length * step,
            side=now.side + length * by_name.get("side", 0.0),
            tie=now.tie + length * by_name.get("tie", 0.0),
        )
        if _value(frame, after, _chances(bouts, after)) >= before - 1e-12 * abs(before):
            return after, bent
    return now, bent


def _bends(frame: Frame, now: _Point, chance: _Chances) -> tuple[Curvature, Array, Array]:
    """Return the expected curvature: of the strengths, between strengths and extras (n, k), and of the extras (k, k)."""
    bouts = frame.bouts
    many = bouts.times
    won, lost = np.maximum(chance.said_won, _TINY), np.maximum(chance.said_lost, _TINY)
    bend = chance.move_won**2 / won + chance.move_lost**2 / lost
    bend += np.where(chance.tied > 0, chance.tied * ((chance.lost - chance.won) / 2) ** 2, 0.0)
    bend *= many * now.shrink
    weak = _WEAK if now.precision else 0.0
    across = many * chance.move_tied
    borders = {"side": _gathered(bouts, bend), "tie": _gathered(bouts, across)}
    tied = float((many * chance.tied * (1 - chance.tied) / now.shrink).sum())
    both = float(across.sum())
    table = {
        ("side", "side"): float(bend.sum()) + weak,
        ("side", "tie"): both,
        ("tie", "side"): both,
        ("tie", "tie"): tied + weak,
    }
    border = np.array([borders[name] for name in frame.extras]).reshape(len(frame.extras), bouts.n_items).T
    corner = np.array([[table[a, b] for b in frame.extras] for a in frame.extras])
    return _graph(frame, bend, now.precision), border, corner


def _graph(frame: Frame, bend: Array, precision: float) -> Curvature:
    """Return the curvature of the strengths: a graph's Laplacian, with the prior on its diagonal."""
    pattern = frame.pattern
    weight = np.bincount(frame.cell, weights=bend, minlength=frame.n_pairs)[frame.place]
    linked = csr_array((weight, pattern.indices, pattern.indptr), shape=pattern.shape)
    diagonal = linked @ np.ones(len(frame.bouts.part)) + precision
    safe = np.where(diagonal > 0, diagonal, 1.0)  # an item that was never compared, without a prior

    def times(columns: Array) -> Array:
        return np.asarray(safe[:, None] * columns - linked @ columns)

    def dense() -> Array:
        return np.asarray(np.diag(safe) - linked.toarray())

    def toward(values: Array) -> Array:
        return np.asarray(linked.power(2) @ values)

    small = len(safe) <= curvature.DENSE
    return Curvature(times, safe, frame.bouts.part, dense if small else None, toward)


def _gathered(bouts: Bouts, values: Array) -> Array:
    """Return the sum over each item's bouts, counted against it where it was on the right."""
    n = bouts.n_items
    return np.asarray(np.bincount(bouts.left, values, n) - np.bincount(bouts.right, values, n), dtype=np.float64)


def _reliability(bouts: Bouts, at: _Point) -> Array | None:
    """Return each annotator's chance to follow the order, and not its reverse, by Newton's method on a concave sum."""
    if at.reliability is None or bouts.annotator is None:
        return None
    chance = _chances(bouts, at)
    who, n = bouts.annotator, bouts.n_annotators
    lead = chance.won - chance.lost
    found = at.reliability
    for _ in range(_NEWTON):
        r = found[who]
        won = lead / np.maximum(r * chance.won + (1 - r) * chance.lost, _TINY)
        lost = lead / np.maximum(r * chance.lost + (1 - r) * chance.won, _TINY)
        slope = np.bincount(who, bouts.won * won - bouts.lost * lost, n) + RELIABLE / found - WRONG / (1 - found)
        told = np.bincount(who, bouts.won * won**2 + bouts.lost * lost**2, n)
        bend = told + RELIABLE / found**2 + WRONG / (1 - found) ** 2
        found = np.clip(found + slope / bend, found / 2, (1 + found) / 2)
    return np.asarray(found)


def _eased(
    frame: Frame,
    at: _Point,
    bent: Curvature,
    moves: tuple[float, float],
    *,
    learned: bool,
) -> tuple[_Point, tuple[float, float]]:
    """Set how far each difference is known, and the strengths' prior to be as wide as they are (MacKay 1992).

    Steps of the prior that shrink by a steady factor are taken together (Aitken): `moves` are its last two.
    """
    bouts = frame.bouts
    unsure, total = curvature.unsureness(bent, bouts.left, bouts.right)
    at = replace(at, shrink=1 / np.sqrt(1 + np.pi / 8 * unsure))
    if not learned:
        return at, moves
    free = bouts.n_items - (int(bouts.part.max(initial=-1)) + 1)
    told = max(free - at.precision * total, 0.0)
    spread = (float((at.strength**2).sum()) + _PEERS * _USUAL_SPREAD**2) / (told + _PEERS)
    move = -float(np.log(spread * at.precision))
    ratio = move / moves[1] if moves[1] else 0.0
    far = move / (1 - ratio) if 0 < ratio < _STEADY and moves[0] * moves[1] > 0 else move
    moves = (moves[1], move) if far == move else (0.0, 0.0)
    precision = max(at.precision * float(np.exp(np.clip(far, -2.0, 2.0))), _WIDEST**-2)
    return replace(at, precision=precision), moves


def _ended(frame: Frame, now: _Point, iterations: int, *, converged: bool) -> Strengths:
    chance = _chances(frame.bouts, now)
    bent, border, corner = _bends(frame, now, chance)
    n = frame.bouts.n_items
    table = curvature.covariance(bent)
    variance = curvature.variances(bent) if table is None else np.diag(table).copy()
    side_variance = 0.0
    if frame.extras and n:
        through = curvature.solve(bent, border)
        inner = np.linalg.inv(corner - border.T @ through)
        variance = variance + ((through @ inner) * through).sum(axis=1)
        table = None if table is None else table + through @ inner @ through.T
        side_variance = float(inner[0, 0]) if frame.extras[0] == "side" else 0.0
    return Strengths(
        strength=now.strength,
        side=now.side,
        tie=float(np.exp(now.tie)) if np.isfinite(now.tie) else None,
        reliability=now.reliability,
        spread=None if now.precision == 0 else float(now.precision**-0.5),
        log_likelihood=float(_log_likelihood(frame.bouts, chance).sum()),
        iterations=iterations,
        converged=converged,
        variance=variance,
        side_variance=side_variance,
        covariance=table,
    )
