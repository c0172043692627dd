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
from goldseam.stats._weak_discount import Discount, discount_of, discounted, worth
from goldseam.stats._weak_evidence import TRUST, Balance, Counted, evidence, firmness
from goldseam.stats._weak_step import by_column, by_label, posteriors, summed

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

CHOICE = 8.0
"""How sharply the models are weighed by what they leave open."""
MAX_ROUNDS = 8
"""Most times that dependence is measured: first as if the labels explained nothing, then given each posterior."""
STILL = 0.01
"""Dependence that moves less than this between rounds is taken to be found."""
MAX_ITERATIONS = 100
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted label model.

    `evidence` (n_models, n_labels, n_columns) is what each vote adds, a copied one only its part; `log_prior` (n_models,
    n_labels) is added to it, and all that a row without votes has; `mix` (n_models,) sums to 1. `discount` takes off what
    companions repeat, `strength` (n_functions,) is what that leaves of each function's votes on average. `open_share`
    (n_models,) is the share of the association among functions that the models leave open.
    """

    evidence: Array
    log_prior: Array
    mix: Array
    discount: Discount
    strength: Array
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
    dependence: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Review:
    """What a posterior leaves open, model by model, and what functions repeat of each other given it."""

    left: Array
    open_share: Array
    discount: Discount


def fit(patterns: Patterns, columns: Columns, balance: Balance, gold: Array, *, dependence: bool) -> Fitted:
    """Fit the models to the patterns; `gold` (n_labels, n_columns) counts votes on gold items by their label."""
    ground = _ground(patterns, columns, balance, gold, dependence=dependence)
    review = _suspicion(ground)
    posterior = _start(ground, review.discount)
    iterations = 0
    for _ in range(MAX_ROUNDS):
        used = review
        posterior, found, steps, converged = _settle(ground, posterior, used)
        iterations += steps
        review = _review(ground, posterior)
        if _same(used, review):
            break
    counted = _count(ground, posterior)
    return Fitted(
        evidence=found,
        log_prior=balance.log_prior(counted),
        mix=_mix(ground, review),
        discount=used.discount,
        strength=_strength(ground, used.discount),
        open_share=used.open_share,
        counted=counted,
        iterations=iterations,
        converged=converged,
    )


def _same(one: _Review, other: _Review) -> bool:
    moved = np.abs(one.discount.repeats - other.discount.repeats).max(initial=0.0)
    return bool(moved < STILL and np.abs(one.open_share - other.open_share).max() < STILL)


def _mix(ground: _Ground, review: _Review) -> Array:
    """Return how much each model counts: by what it leaves open, and one that holds the shares equal only as far as needed.

    Equal shares guard against shares learned from a wrong model. Where a model explains all there is to explain, nothing
    is to be guarded against; where nothing is there to be explained, both count alike.
    """
    left = review.left + 0.5 * max(ground.columns.n_columns, 1)
    guard = np.sqrt(review.open_share.min()) if ground.open_before else 1.0
    mix = (left / left.min()) ** -CHOICE * np.where(ground.balance.pull > 0, guard, 1.0)
    return np.asarray(mix / mix.sum()) if len(mix) > 1 else np.ones(1)


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
    return _Ground(patterns, columns, balance, gold, seen, first, meeting, open_before, dependence)


def _if_independent(patterns: Patterns, columns: Columns, total: float) -> tuple[Array, Array]:
    """Return how often pairs would meet, and agree, if all functions were independent."""
    votes = by_column(patterns.rows, patterns.count.astype(patterns.rows.dtype)[None])
    return expected(votes / max(total, 1.0), np.array([max(total, 1.0)]), columns)


def _suspicion(ground: _Ground) -> _Review:
    """Return the review before anything is known: functions that agree are taken to repeat each other."""
    _, agree = _if_independent(ground.patterns, ground.columns, ground.seen.total)
    share = np.full(len(ground.balance.pull), float(ground.open_before > 0))
    return _Review(share * ground.open_before, share, _discount(ground, [agree]))


def _review(ground: _Ground, posterior: Floats) -> _Review:
    patterns = ground.patterns
    count = patterns.count.astype(posterior.dtype)
    votes = by_label(patterns.rows, posterior, count)
    prior = np.exp(ground.balance.log_prior(_count(ground, posterior)))
    left, agreements = [], []
    for model in range(len(posterior)):
        mass = np.asarray(posterior[model] @ count, dtype=np.float64)
        mass = np.maximum(mass + patterns.silent * prior[model], 1e-9)
        both, agree = expected(votes[model] / mass[:, None], mass, ground.columns)
        left.append(unexplained(ground.seen, both, agree))
        agreements.append(agree)
    open_share = np.minimum(np.array(left) / ground.open_before, 1.0) if ground.open_before else np.zeros(len(left))
    return _Review(np.array(left), open_share, _discount(ground, agreements))


def _discount(ground: _Ground, agreements: list[Array]) -> Discount:
    """Return what functions repeat of each other: the mean over the models."""
    if not ground.dependence:
        return discount_of(np.zeros_like(ground.seen.agree), ground.first)
    return discount_of(np.mean([repeated(ground.seen, agree) for agree in agreements], axis=0), ground.first)


def _strength(ground: _Ground, discount: Discount) -> Array:
    """Return what is left of each function's votes on average, (n_functions,)."""
    left = np.ones(ground.columns.n_functions)
    cells, abstain = ground.patterns.cells, ground.columns.abstain
    if len(discount.dependent):
        weight = (cells[:, discount.dependent] != abstain) * ground.patterns.count[:, None]
        worthy = (worth(discount, cells, abstain) * weight).sum(axis=0)
        left[discount.dependent] = worthy / np.maximum(weight.sum(axis=0), 1e-9)
    return np.asarray(left / discount.copies)


def _start(ground: _Ground, discount: Discount) -> Floats:
    """Return the posterior to start from: the shares of the votes, trusted as far as votes are beforehand."""
    columns, n_labels, n_models = ground.columns, ground.columns.n_labels, len(ground.balance.pull)
    rows = discounted(ground.patterns.rows, ground.patterns.cells, columns, discount)
    counts = summed(rows, columns.own() / discount.copies[columns.function])
    total = counts.sum(axis=0)
    share = np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1.0 / max(n_labels, 1))
    wrong = (1.0 - TRUST) / max(n_labels - 1, 1)
    start = np.tile(((TRUST - wrong) * share + wrong).astype(rows.dtype), (n_models, 1, 1))
    _clamp(start, ground.patterns.gold)
    return np.asarray(start)


def _clamp(posterior: Floats, gold: NDArray[np.int64]) -> None:
    """Set the last rows, the items of gold, to their label."""
    if len(gold):
        at = np.arange(posterior.shape[2] - len(gold), posterior.shape[2])
        posterior[:, :, at] = 0.0
        posterior[:, gold, at] = 1.0


def _count(ground: _Ground, posterior: Floats) -> Counted:
    met = by_label(ground.patterns.rows, posterior, ground.meeting)
    mass = np.asarray(posterior @ ground.patterns.count.astype(posterior.dtype), dtype=np.float64)
    return Counted(met, mass)


def _settle(ground: _Ground, posterior: Floats, review: _Review) -> tuple[Floats, Array, int, bool]:
    """Repeat both steps until no posterior moves: return it, the evidence, the steps taken, and whether it came to rest."""
    columns, patterns = ground.columns, ground.patterns
    rows = discounted(patterns.rows, patterns.cells, columns, review.discount)
    part = 1.0 / review.discount.copies[columns.function]
    counted = _count(ground, posterior)
    for step in range(1, MAX_ITERATIONS + 1):
        counted = _damped(ground.balance, counted, _count(ground, posterior))
        firm = firmness(review.open_share, counted.meeting, patterns.scale)
        found = evidence(columns, counted, ground.gold, firm) * part
        following = posteriors(rows, found, ground.balance.log_prior(counted))
        _clamp(following, patterns.gold)
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
