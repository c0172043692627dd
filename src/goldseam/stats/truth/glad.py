"""GLAD: some annotators are able, some items are hard, and a vote is right by chance of both.

In: `Votes`, gold, a prior, a model's probabilities. Out: `Glad`, a `Truth` with abilities and difficulties.
Never: chance; every run starts from the same abilities and difficulties, those of the priors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from goldseam.stats.truth import _cells
from goldseam.stats.truth._cells import Belief, Cells, Outset, Place
from goldseam.stats.truth.known import Gold, Known, Prior, check_labels, known_of
from goldseam.stats.truth.record import Array, Truth, truth_of
from goldseam.stats.votes import BadVotes, Votes

Gait = Callable[[Callable[[Array], Array], Array, Array], Array]
"""How far to go: from the worth of each entry, the entries before and after a whole step, to those to take."""

_STRIDE = 1.0
"""No Newton step moves an ability, or the logarithm of a difficulty, by more than this."""
_HALVINGS = 10
_MOST_ABILITY, _MOST_EASE = 1_000.0, 10.0
"""Beyond these, under priors that hardly hold, votes are certain and sums lose their digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glad(Truth):
    """What the votes say, with what GLAD found out about annotators and items.

    `ability` (n_annotators,) is 0 for an annotator who guesses and below 0 for one who is wrong on purpose; `difficulty`
    (n_items,) is above 0, and where it is large every annotator's votes come near to guessing.
    """

    ability: Array
    difficulty: Array


@dataclass(frozen=True, slots=True)
class Point:
    """Abilities (n_annotators,), and the negative logarithm of each item's difficulty (n_items,)."""

    ability: Array
    ease: Array


@dataclass(frozen=True, slots=True)
class Normal:
    """A Gaussian prior, the same for all annotators or for all items; no value gets farther from 0 than `most`."""

    mean: float
    deviation: float
    most: float

    def __post_init__(self) -> None:
        if not (abs(self.mean) <= self.most and np.isfinite(self.deviation) and self.deviation > 0):
            raise BadVotes(
                f"A prior of {self.mean} and {self.deviation}: a mean between -{self.most:g} and {self.most:g}, and a "
                "deviation above 0 would be right."
            )


@dataclass(frozen=True, slots=True)
class Sides:
    """Both ends of every vote, and what is believed of the ends beforehand."""

    annotator: Place
    item: Place
    n_annotators: int
    n_items: int
    ability: Normal
    ease: Normal


def glad(
    votes: Votes,
    *,
    gold: Gold | None = None,
    prior: Prior = "flat",
    model: ArrayLike | None = None,
    ability_prior: tuple[float, float] = (1.0, 1.0),
    ease_prior: tuple[float, float] = (1.0, 1.0),
    sweeps: int = 2,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
) -> Glad:
    r"""Infer how able each annotator is, how hard each item is, and the truth.

    A vote of annotator a on item i is right with probability :math:`1 / (1 + e^{-\alpha_a \beta_i})`; wrong votes fall on
    the other labels alike. The posterior mode of :math:`\alpha` and :math:`\log \beta`, under Gaussian priors, is
    climbed to by EM, whose second step takes Newton steps for all annotators at once, and for all items at once.

    Parameters
    ----------
    gold, prior, model
        As for `dawid_skene`; here the prior is flat unless asked otherwise.
    ability_prior, ease_prior
        Mean and standard deviation of the priors on :math:`\alpha` and on :math:`\log \beta`. The mean of
        :math:`\alpha` is above 0: were annotators as likely wrong as right, labels could swap.
    sweeps
        Newton steps on abilities, each followed by one on difficulties, between two posteriors.
    tolerance
        Stop when the log likelihood, less what the priors charge, moves by less than this share of itself.

    Returns
    -------
    Glad
        `difficulty` is :math:`1 / \beta`. `reliability` is the mean probability that the annotator's votes are right, on
        the items they voted on. There is no confusion, as it would differ from item to item.

    Raises
    ------
    BadVotes
        An option does not fit the votes.

    Examples
    --------
    >>> votes = Votes.from_matrix([[0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 1, 1]])
    >>> glad(votes).names()
    [0, 1, 0, 1]

    References
    ----------
    Whitehill, Ruvolo, Wu, Bergsma and Movellan (2009), Whose Vote Should Count More, NeurIPS 22.
    """
    check_labels(votes)
    if max_iterations < 1 or sweeps < 1:
        raise BadVotes(f"max_iterations={max_iterations}, sweeps={sweeps}: at least 1 would be right.")
    if not ability_prior[0] > 0:
        raise BadVotes(f"ability_prior={ability_prior}: a mean above 0 would be right, or labels could swap.")
    votes = votes.by_item()
    known = known_of(votes, gold, prior, model)
    cells = _cells.cells_of(votes)
    sides = Sides(
        votes.annotator.astype(np.intp),
        votes.item.astype(np.intp),
        votes.n_annotators,
        votes.n_items,
        Normal(*ability_prior, _MOST_ABILITY),
        Normal(*ease_prior, _MOST_EASE),
    )
    point, base, belief, found, iterations, settled = _climb(cells, sides, known, sweeps, max_iterations, tolerance)
    truth = truth_of(
        votes,
        _cells.spread(cells, base, belief, known),
        _accuracies(sides, point),
        "glad",
        iterations=iterations,
        log_likelihood=found + _charge(sides, point),
        warnings=() if settled else (f"Stopped after {iterations} iterations, before it settled.",),
    )
    return Glad(
        **{field.name: getattr(truth, field.name) for field in fields(truth)},
        ability=point.ability,
        difficulty=np.exp(-point.ease),
    )


def _climb(
    cells: Cells, sides: Sides, known: Known, sweeps: int, max_iterations: int, tolerance: float
) -> tuple[Point, Outset, Belief, float, int, bool]:
    """Alternate between the posterior and Newton steps until the penalized log likelihood settles.

    Return where that ended: point, base, posterior, penalized log likelihood, iterations, and whether it settled.
    """
    point = Point(np.full(sides.n_annotators, sides.ability.mean), np.full(sides.n_items, sides.ease.mean))
    base, power = _cells.first_base(cells, known)
    belief, last = _believe(cells, sides, base, known, point)
    iterations, settled = 0, False
    while iterations < max_iterations and not settled:
        iterations += 1
        right = belief.at_cell.take(cells.of_vote)
        before, point = point, _improve(sides, right, point, sweeps, _bold)
        base, power = _cells.next_base(cells, base, belief, known, power)
        belief, found = _believe(cells, sides, base, known, point)
        if found < last:  # some of Newton's steps went too far
            point = _improve(sides, right, before, sweeps, _cautious)
            belief, found = _believe(cells, sides, base, known, point)
        settled = abs(found - last) <= tolerance * abs(found)
        last = found
    return point, base, belief, last, iterations, settled


def _accuracies(sides: Sides, point: Point) -> Array:
    """Return the mean chance of each annotator's votes to be right; for one without votes, that of the prior's mean."""
    many = np.bincount(sides.annotator, minlength=sides.n_annotators)
    summed = _cells.summed(sides.annotator, expit(_products(sides, point)), sides.n_annotators)
    unseen = float(expit(sides.ability.mean * np.exp(point.ease)).mean()) if sides.n_items else 0.5
    return np.where(many > 0, summed / np.maximum(many, 1), unseen)


def _products(sides: Sides, point: Point) -> Array:
    """Return ability over difficulty, for each vote."""
    return np.asarray(point.ability.take(sides.annotator) * np.exp(point.ease).take(sides.item))


def _believe(cells: Cells, sides: Sides, base: Outset, known: Known, point: Point) -> tuple[Belief, float]:
    """Return the posterior at a point, and the log likelihood less what the priors charge for it."""
    wrong_ways = float(np.log(max(cells.n_labels - 1, 1)))
    able = _cells.summed(cells.of_vote, point.ability.take(sides.annotator), len(cells.item))
    lead = able * np.exp(point.ease).take(cells.item) + cells.n_said * wrong_ways
    belief = _cells.believe(cells, lead, base, known)
    product = _products(sides, point)
    missed = np.maximum(product, 0.0).sum() + np.log1p(np.exp(-np.abs(product))).sum() + wrong_ways * len(product)
    return belief, float(belief.evidence.sum() - missed) - _charge(sides, point)


def _charge(sides: Sides, point: Point) -> float:
    """Return how far the priors hold against a point."""
    return float(_charges(point.ability, sides.ability).sum() + _charges(point.ease, sides.ease).sum())


def _charges(value: Array, prior: Normal) -> Array:
    return np.asarray(((value - prior.mean) / prior.deviation) ** 2 / 2)


def _improve(sides: Sides, right: Array, point: Point, sweeps: int, gait: Gait) -> Point:
    """Return a point that explains better which votes are right, given each vote's probability of being so."""
    for _ in range(sweeps):
        ability, ease = point.ability, point.ease
        abler = partial(_worth_of_abilities, sides, right, ease)
        ability = gait(abler, ability, _abler(sides, right, point))
        easier = partial(_worth_of_eases, sides, right, ability)
        ease = gait(easier, ease, _easier(sides, right, Point(ability, ease)))
        point = Point(ability, ease)
    return point


def _bold(_worth: Callable[[Array], Array], _before: Array, after: Array) -> Array:
    """Take a step as it is."""
    return after


def _cautious(worth: Callable[[Array], Array], before: Array, after: Array) -> Array:
    """Take each entry's step only as far as it is worth something: else halve it, and in the end stay."""
    least = worth(before)
    for _ in range(_HALVINGS):
        worse = worth(after) < least
        if not worse.any():
            return after
        after = np.where(worse, (before + after) / 2, after)
    return np.where(worth(after) < least, before, after)


def _worth_of_abilities(sides: Sides, right: Array, ease: Array, ability: Array) -> Array:
    """Return how well each annotator's votes are explained by an ability, less what the prior charges for it."""
    explained = _explained(right, _products(sides, Point(ability, ease)))
    return _cells.summed(sides.annotator, explained, sides.n_annotators) - _charges(ability, sides.ability)


def _worth_of_eases(sides: Sides, right: Array, ability: Array, ease: Array) -> Array:
    """Return how well each item's votes are explained by its ease, less what the prior charges for it."""
    explained = _explained(right, _products(sides, Point(ability, ease)))
    return _cells.summed(sides.item, explained, sides.n_items) - _charges(ease, sides.ease)


def _explained(right: Array, product: Array) -> Array:
    """Return the expected logarithm of each vote's chance, short of what is the same for all abilities and eases."""
    return np.asarray(right * product - np.maximum(product, 0.0) - np.log1p(np.exp(-np.abs(product))))


def _abler(sides: Sides, right: Array, point: Point) -> Array:
    """Take a Newton step on every ability; the expected log likelihood is concave in each."""
    ease = np.exp(point.ease).take(sides.item)
    chance = expit(point.ability.take(sides.annotator) * ease)
    slope = _cells.summed(sides.annotator, (right - chance) * ease, sides.n_annotators)
    bend = _cells.summed(sides.annotator, chance * (1 - chance) * ease**2, sides.n_annotators)
    return _step(point.ability, slope, bend, sides.ability)


def _easier(sides: Sides, right: Array, point: Point) -> Array:
    """Take a Newton step on every item's ease; where it is not concave there, only by the information in the votes."""
    product = _products(sides, point)
    chance = expit(product)
    slope = _cells.summed(sides.item, (right - chance) * product, sides.n_items)
    bend = _cells.summed(sides.item, chance * (1 - chance) * product**2, sides.n_items)
    return _step(point.ease, slope, bend + np.maximum(-slope, 0.0), sides.ease)


def _step(value: Array, slope: Array, bend: Array, prior: Normal) -> Array:
    precision = prior.deviation**-2
    move = (slope - (value - prior.mean) * precision) / (bend + precision)
    return np.asarray(np.clip(value + np.clip(move, -_STRIDE, _STRIDE), -prior.most, prior.most))
