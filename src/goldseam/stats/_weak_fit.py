"""The fit of a label model: how right each labeling function is, learned from where functions meet.

In: distinct patterns of votes, what is known of labels and gold. Out: `Fitted`: the evidence of each vote, ready for any
rows. Never: a loop over rows in Python; chance.

Two models are fitted side by side, one that learns the shares of the labels and one that holds them equal; how much of the
association among functions each leaves open decides how much it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._weak_dependence import Together, copies, expected, repeated, together, unexplained, without
from goldseam.stats._weak_design import Columns, Patterns
from goldseam.stats._weak_evidence import TRUST, Balance, Counted, evidence, firmness
from goldseam.stats._weak_step import by_column, by_label, posteriors, summed

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

CHOICE = 8.0
"""How sharply the models are weighed by what they leave open."""
ROUNDS = 3
"""Times that dependence is measured: first as if the labels explained nothing, then given the posterior."""
MAX_ITERATIONS = 100
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted label model.

    `evidence` (n_models, n_labels, n_columns) already leaves out what companions repeat; `log_prior`
    (n_models, n_labels) is added to it, and all that a row without votes has; `mix` (n_models,) sums to 1. `strength`
    (n_models, n_functions) is how much of its own evidence each function adds, `repeats` (n_functions, n_functions) what of
    it others repeat, `first` the function that each is a copy of, `open_share` (n_models,) what the models leave open.
    """

    evidence: Array
    log_prior: Array
    mix: Array
    strength: Array
    repeats: Array
    first: NDArray[np.int64]
    open_share: Array
    counted: Counted
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What stays the same while the models are fitted."""

    patterns: Patterns
    columns: Columns
    balance: Balance
    gold: Array
    seen: Together
    first: NDArray[np.int64]
    meeting: Floats
    open_before: float


@dataclass(frozen=True, slots=True, eq=False)
class _Review:
    """What a posterior leaves open, and what each function repeats of others given it; model by model."""

    left: Array
    open_share: Array
    strength: Array
    repeats: Array


def fit(patterns: Patterns, columns: Columns, balance: Balance, gold: Array, *, dependence: bool) -> Fitted:
    """Fit the models to the patterns; `gold` (n_labels, n_columns) counts votes on gold items by their label."""
    ground = _ground(patterns, columns, balance, gold, dependence=dependence)
    review = _suspicion(ground, dependence=dependence)
    posterior = _start(ground, review.strength)
    iterations = 0
    for _ in range(ROUNDS):
        used = review
        posterior, found, steps, converged = _settle(ground, posterior, used)
        iterations += steps
        review = _review(ground, posterior, dependence=dependence)
    counted = _count(ground, posterior)
    left = review.left + 0.5 * max(columns.n_columns, 1)
    mix = (left / left.min()) ** -CHOICE
    mix /= mix.sum()
    return Fitted(
        evidence=found,
        log_prior=balance.log_prior(counted),
        mix=mix,
        strength=used.strength,
        repeats=np.tensordot(mix, used.repeats, axes=1),
        first=ground.first,
        open_share=used.open_share,
        counted=counted,
        iterations=iterations,
        converged=converged,
    )


def _ground(patterns: Patterns, columns: Columns, balance: Balance, gold: Array, *, dependence: bool) -> _Ground:
    seen = together(patterns, columns)
    itself = np.arange(columns.n_functions)
    first = copies(seen) if dependence else itself
    kept = first == itself
    seen = without(seen, kept)
    speakers = summed(patterns.rows, kept[columns.function].astype(np.float64)[None])[0]
    met = speakers > 1
    if len(patterns.gold):
        met[-len(patterns.gold) :] = True
    meeting = np.where(met, patterns.count, 0.0).astype(patterns.rows.dtype)
    open_before = unexplained(seen, *_if_independent(patterns, columns, seen.total))
    return _Ground(patterns, columns, balance, gold, seen, first, meeting, open_before)


def _if_independent(patterns: Patterns, columns: Columns, total: float) -> tuple[Array, Array]:
    """Return how often pairs would meet, and agree, if all functions were independent."""
    votes = by_column(patterns.rows, patterns.count.astype(patterns.rows.dtype)[None])
    return expected(votes / max(total, 1.0), np.array([max(total, 1.0)]), columns)


def _suspicion(ground: _Ground, *, dependence: bool) -> _Review:
    """Return the review before anything is known: functions that agree are taken to repeat each other."""
    n_models = len(ground.balance.pull)
    _, agree = _if_independent(ground.patterns, ground.columns, ground.seen.total)
    repeats = np.tile(_repeats(ground, agree, dependence=dependence), (n_models, 1, 1))
    share = np.full(n_models, float(ground.open_before > 0))
    return _Review(share * ground.open_before, share, _strength(ground, repeats), repeats)


def _review(ground: _Ground, posterior: Floats, *, dependence: bool) -> _Review:
    patterns = ground.patterns
    votes = by_label(patterns.rows, posterior, patterns.count.astype(posterior.dtype))
    prior = np.exp(ground.balance.log_prior(_count(ground, posterior)))
    left, repeats = [], []
    for model in range(len(posterior)):
        mass = np.asarray(posterior[model] @ patterns.count.astype(posterior.dtype), dtype=np.float64)
        mass = np.maximum(mass + patterns.silent * prior[model], 1e-9)
        both, agree = expected(votes[model] / mass[:, None], mass, ground.columns)
        left.append(unexplained(ground.seen, both, agree))
        repeats.append(_repeats(ground, agree, dependence=dependence))
    open_share = np.minimum(np.array(left) / ground.open_before, 1.0) if ground.open_before else np.zeros(len(left))
    stacked = np.array(repeats)
    return _Review(np.array(left), open_share, _strength(ground, stacked), stacked)


def _repeats(ground: _Ground, agree: Array, *, dependence: bool) -> Array:
    return repeated(ground.seen, agree) if dependence else np.zeros_like(agree)


def _strength(ground: _Ground, repeats: Array) -> Array:
    """Return how much of its evidence each function adds: the design effect of what others repeat, split among copies."""
    alone = 1.0 / (1.0 + repeats.sum(axis=2))
    copied = np.bincount(ground.first, minlength=ground.columns.n_functions)
    return np.asarray((alone / np.maximum(copied, 1))[:, ground.first])


def _start(ground: _Ground, strength: Array) -> Floats:
    """Return the posterior to start from: the shares of the votes, trusted as far as votes are beforehand."""
    columns, n_labels = ground.columns, ground.columns.n_labels
    weighted = columns.own()[None] * strength[:, None, columns.function]
    rows = ground.patterns.rows
    counts = summed(rows, weighted.reshape(-1, columns.n_columns)).reshape(len(strength), n_labels, -1)
    total = counts.sum(axis=1, keepdims=True)
    share = np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1.0 / n_labels)
    wrong = (1.0 - TRUST) / max(n_labels - 1, 1)
    start = ((TRUST - wrong) * share + wrong).astype(rows.dtype)
    _clamp(start, ground.patterns.gold)
    return np.asarray(start)


def _clamp(posterior: Floats, gold: NDArray[np.int64]) -> None:
    """Set the last rows, the items of gold, to their label."""
    if len(gold):
        at = np.arange(posterior.shape[2] - len(gold), posterior.shape[2])
        posterior[:, :, at] = 0.0
        posterior[:, gold, at] = 1.0


def _count(ground: _Ground, posterior: Floats) -> Counted:
    rows = ground.patterns.rows
    met = by_label(rows, posterior, ground.meeting)
    mass = np.asarray(posterior @ ground.patterns.count.astype(posterior.dtype), dtype=np.float64)
    return Counted(met, mass)


def _settle(ground: _Ground, posterior: Floats, review: _Review) -> tuple[Floats, Array, int, bool]:
    """Repeat both steps until no posterior moves: return it, the evidence, the steps taken, and whether it came to rest."""
    columns = ground.columns
    strength = review.strength[:, None, columns.function]
    counted = _count(ground, posterior)
    for step in range(1, MAX_ITERATIONS + 1):
        counted = _damped(ground.balance, counted, _count(ground, posterior))
        firm = firmness(review.open_share, counted.meeting, ground.patterns.scale)
        found = evidence(columns, counted, ground.gold, firm) * strength
        following = posteriors(ground.patterns.rows, found, ground.balance.log_prior(counted))
        _clamp(following, ground.patterns.gold)
        moved = float(np.abs(following - posterior).max(initial=0.0))
        posterior = following
        if moved < TOLERANCE:
            return posterior, found, step, True
    return posterior, found, MAX_ITERATIONS, False


def _damped(balance: Balance, before: Counted, now: Counted) -> Counted:
    """Return the counts with the shares of the labels half way, where these are drawn to equal ones.

    Evidence is relative to the shares, so that a label held back now comes back twice as strong the next time.
    """
    half = 0.5 * balance.pull[:, None]
    mass = np.maximum(before.mass, 1e-9) ** half * np.maximum(now.mass, 1e-9) ** (1.0 - half)
    return Counted(now.met, mass)
