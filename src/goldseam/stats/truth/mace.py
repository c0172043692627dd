"""MACE: an annotator either knows the label or guesses by a habit of their own.

In: `Votes`, gold, a prior, a model's probabilities. Out: `Mace`, a `Truth` with trust and strategies.
Never: chance, unless restarts are asked for and `rng` is given.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, expit, gammaln

from goldseam.stats.truth import _cells
from goldseam.stats.truth._cells import Belief, Cells, Outset, Place
from goldseam.stats.truth._em import MAX_CONFUSION_CELLS
from goldseam.stats.truth.known import Gold, Known, Prior, check_labels, known_of
from goldseam.stats.truth.record import Array, Truth, truth_of
from goldseam.stats.votes import BadVotes, Votes

Update = Literal["variational", "em"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mace(Truth):
    """What the votes say, with what MACE found out about its annotators.

    `trust` (n_annotators,) is the share of items on which an annotator knows the label, and `strategy`
    (n_annotators, n_labels) what they say on the others; it is None where it would not fit into memory.
    """

    trust: Array
    strategy: Array | None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of annotator and label with at least one vote; `of_vote` is the pair of each vote."""

    annotator: Place
    label: Place
    n_said: Array
    of_vote: Place
    n_annotators: int
    n_labels: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What votes are weighed by: how far each annotator knows, and guesses each label; logarithms, per pair.

    `charge` is what the fit pays for these: how far their distribution diverges from the prior, or nothing.
    """

    knows: Array
    guesses: Array
    charge: float


@dataclass(frozen=True, slots=True)
class Priors:
    """How the habits are kept from extremes; `smoothing` counts for EM, the others for variational updates."""

    update: Update
    trust: tuple[float, float]
    strategy: float
    smoothing: float

    def __post_init__(self) -> None:
        if self.update not in ("variational", "em"):
            raise BadVotes(f"update={self.update!r}: 'variational' or 'em' would be right.")
        given = np.array([*self.trust, self.strategy, self.smoothing], dtype=np.float64)
        if given.shape != (4,) or not np.isfinite(given).all() or (given <= 0).any():
            raise BadVotes("trust_prior (two numbers), strategy_prior and smoothing must be above 0.")


@dataclass(frozen=True, slots=True)
class Run:
    """Where one start ended: the posterior on cells, how many votes of each pair were known, and the bound."""

    base: Outset
    belief: Belief
    known_votes: Array
    iterations: int
    bound: float
    converged: bool


def mace(
    votes: Votes,
    *,
    gold: Gold | None = None,
    prior: Prior = "flat",
    model: ArrayLike | None = None,
    update: Update = "variational",
    trust_prior: tuple[float, float] = (0.5, 0.5),
    strategy_prior: float = 10.0,
    smoothing: float = 0.01,
    restarts: int = 0,
    rng: np.random.Generator | None = None,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
) -> Mace:
    r"""Infer how often each annotator knows the label, what they say when they do not, and the truth.

    Annotator a says l of an item whose label is k with probability :math:`\theta_a [k = l] + (1 - \theta_a) \xi_{al}`.
    Each annotator needs few numbers, and one who says the same always, or guesses, gets a trust near 0; but no one is
    taken to be wrong on purpose, and labels are not mistaken for each other.

    Parameters
    ----------
    gold, prior, model
        As for `dawid_skene`; here the prior is flat unless asked otherwise.
    update
        'variational' keeps a distribution over trust and strategies, with a Beta and a Dirichlet prior; 'em' keeps
        their best values, with `smoothing` votes added to each count.
    trust_prior
        Votes known, and votes guessed, that every annotator starts with (variational).
    strategy_prior
        Guesses of each label that every annotator starts with (variational).
    restarts, rng
        How many starts drawn at random to try beside the usual one, in which everyone knows every second label and
        guesses all alike; the one with the best bound is kept. The posterior then hangs on `rng`.
    tolerance
        Stop when the bound moves by less than this share of itself.

    Returns
    -------
    Mace
        `log_likelihood` is the lower bound on the votes' log probability that variational updates climb, or for 'em'
        the log likelihood itself.

    Raises
    ------
    BadVotes
        An option does not fit the votes.

    Examples
    --------
    >>> votes = Votes.from_matrix([[0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 1, 1]])
    >>> mace(votes).names()
    [0, 1, 0, 1]

    References
    ----------
    Hovy, Berg-Kirkpatrick, Vaswani and Hovy (2013), Learning Whom to Trust with MACE, NAACL-HLT.
    """
    check_labels(votes)
    if max_iterations < 1:
        raise BadVotes(f"max_iterations={max_iterations}: at least 1 would be right.")
    if restarts < 0 or (restarts and rng is None):
        raise BadVotes(f"restarts={restarts}: 0, or more together with rng=, a random generator, would be right.")
    priors = Priors(update, trust_prior, strategy_prior, smoothing / max(votes.n_labels, 1))
    votes = votes.by_item()
    known = known_of(votes, gold, prior, model)
    cells, pairs = _cells.cells_of(votes), _pairs_of(votes)
    starts = [_even(pairs), *(_drawn(pairs, rng) for _ in range(restarts) if rng is not None)]
    runs = (_run(cells, pairs, known, start, priors, max_iterations, tolerance) for start in starts)
    best = max(runs, key=lambda run: run.bound)
    nothing = np.empty(0, dtype=np.intp)  # the answer needs the cells and pairs, not the long lists of whose they are
    cells, pairs = replace(cells, of_vote=nothing), replace(pairs, of_vote=nothing)
    return _answer(votes, cells, pairs, known, best, priors)


def _run(
    cells: Cells, pairs: Pairs, known: Known, habits: Habits, priors: Priors, max_iterations: int, tolerance: float
) -> Run:
    """Alternate between posteriors and habits until the bound settles."""
    base, power = _cells.first_base(cells, known)
    belief = _believe(cells, pairs, base, known, habits)[0]
    last, iterations, settled = -np.inf, 0, False
    while iterations < max_iterations and not settled:
        iterations += 1
        habits = _learn(pairs, _known_votes(cells, pairs, belief, habits), priors)
        base, power = _cells.next_base(cells, base, belief, known, power)
        del belief  # while the next is made, it would only take memory
        belief, bound = _believe(cells, pairs, base, known, habits)
        settled = abs(bound - last) <= tolerance * abs(bound)
        last = bound
    return Run(base, belief, _known_votes(cells, pairs, belief, habits), iterations, last, settled)


def _believe(cells: Cells, pairs: Pairs, base: Outset, known: Known, habits: Habits) -> tuple[Belief, float]:
    """Return the posterior by these habits, and the bound: the log likelihood, less what is charged for the habits."""
    lead = np.logaddexp(0.0, habits.knows - habits.guesses)
    at_cell = _cells.summed(cells.of_vote, lead.take(pairs.of_vote), len(cells.item))
    belief = _cells.believe(cells, at_cell, base, known)
    evidence = float(belief.evidence.sum() + pairs.n_said @ habits.guesses)
    return belief, evidence - habits.charge


def _known_votes(cells: Cells, pairs: Pairs, belief: Belief, habits: Habits) -> Array:
    """Return how many votes of each pair were cast knowing the label, in expectation."""
    right = _cells.summed(pairs.of_vote, belief.at_cell.take(cells.of_vote), len(pairs.label))
    return np.asarray(right * expit(habits.knows - habits.guesses))


def _learn(pairs: Pairs, known_votes: Array, priors: Priors) -> Habits:
    """Return the habits that explain the votes best."""
    guessed = np.maximum(pairs.n_said - known_votes, 0.0)
    n_known, n_guessed = _per_annotator(pairs, known_votes), _per_annotator(pairs, guessed)
    if priors.update == "em":
        return _best(pairs, n_known, n_guessed, guessed, priors.smoothing)
    return _variational(pairs, n_known, n_guessed, guessed, priors)


def _variational(pairs: Pairs, n_known: Array, n_guessed: Array, guessed: Array, priors: Priors) -> Habits:
    """Return the geometric means of trust and strategies under their Beta and Dirichlet, charged their divergence."""
    at_knowing, at_guessing = priors.trust
    one, zero = n_known + at_knowing, n_guessed + at_guessing
    log_one, log_zero = digamma(one) - digamma(one + zero), digamma(zero) - digamma(one + zero)
    mass = priors.strategy * pairs.n_labels
    log_said = digamma(guessed + priors.strategy) - digamma(n_guessed + mass)[pairs.annotator]
    trust_charge = (
        gammaln(one + zero) - gammaln(one) - gammaln(zero) + n_known * log_one + n_guessed * log_zero
    ).sum() - len(one) * (gammaln(at_knowing + at_guessing) - gammaln(at_knowing) - gammaln(at_guessing))
    strategy_charge = (
        (gammaln(n_guessed + mass) - gammaln(mass)).sum()
        - (gammaln(guessed + priors.strategy) - gammaln(priors.strategy)).sum()
        + guessed @ log_said
    )
    return Habits(
        knows=log_one[pairs.annotator],
        guesses=log_zero[pairs.annotator] + log_said,
        charge=float(trust_charge + strategy_charge),
    )


def _best(pairs: Pairs, n_known: Array, n_guessed: Array, guessed: Array, smoothing: float) -> Habits:
    """Return the shares of votes known and of labels guessed, `smoothing` added to each count."""
    n_votes = n_known + n_guessed + 2 * smoothing
    mass = n_guessed + pairs.n_labels * smoothing
    trust, chance = np.log((n_known + smoothing) / n_votes), np.log((n_guessed + smoothing) / n_votes)
    said = np.log((guessed + smoothing) / mass[pairs.annotator])
    return Habits(trust[pairs.annotator], chance[pairs.annotator] + said, 0.0)


def _answer(votes: Votes, cells: Cells, pairs: Pairs, known: Known, run: Run, priors: Priors) -> Mace:
    """Return the record: trust, strategies and confusions at their means given the last posterior."""
    trust, left, at_pair, unsaid = _means(pairs, run.known_votes, priors)
    shares = _cells.learned_shares(_cells.label_totals(cells, run.base, run.belief, known))
    said = _per_annotator(pairs, (at_pair - unsaid[pairs.annotator]) * shares[pairs.label])
    strategy = confusion = None
    n_cells = votes.n_annotators * votes.n_labels**2
    warnings = () if run.converged else (f"Stopped after {run.iterations} iterations, before it settled.",)
    if n_cells <= MAX_CONFUSION_CELLS:
        strategy = np.repeat(unsaid[:, None], votes.n_labels, axis=1)
        strategy[pairs.annotator, pairs.label] = at_pair
        confusion = np.repeat((left[:, None] * strategy)[:, None, :], votes.n_labels, axis=1)
        confusion[:, range(votes.n_labels), range(votes.n_labels)] += trust[:, None]
    else:
        warnings = (*warnings, f"Strategies and confusions were left out: they would need {n_cells:,} cells.")
    found = truth_of(
        votes,
        _cells.spread(cells, run.base, run.belief, known),
        trust + left * (said + unsaid),
        "mace",
        confusion=confusion,
        iterations=run.iterations,
        log_likelihood=run.bound,
        warnings=warnings,
    )
    return Mace(**{field.name: getattr(found, field.name) for field in fields(found)}, trust=trust, strategy=strategy)


def _means(pairs: Pairs, known_votes: Array, priors: Priors) -> tuple[Array, Array, Array, Array]:
    """Return trust, its complement, each pair's share of the guesses, and each annotator's for labels never said."""
    guessed = np.maximum(pairs.n_said - known_votes, 0.0)
    n_known, n_guessed = _per_annotator(pairs, known_votes), _per_annotator(pairs, guessed)
    em = priors.update == "em"
    more = (priors.smoothing, priors.smoothing) if em else priors.trust
    each = priors.smoothing if em else priors.strategy
    total = n_known + n_guessed + sum(more)
    mass = n_guessed + pairs.n_labels * each
    return (
        (n_known + more[0]) / total,
        (n_guessed + more[1]) / total,
        (guessed + each) / mass[pairs.annotator],
        each / mass,
    )


def _pairs_of(votes: Votes) -> Pairs:
    """Return the pairs of the votes."""
    key = votes.annotator.astype(np.intp) * votes.n_labels + votes.label
    place, of_vote, n_said = _cells.distinct(key, votes.n_annotators * votes.n_labels)
    annotator, label = np.divmod(place, max(votes.n_labels, 1))
    return Pairs(annotator, label, n_said, of_vote, votes.n_annotators, votes.n_labels)


def _per_annotator(pairs: Pairs, at_pair: Array) -> Array:
    """Return the sum over each annotator's pairs."""
    return _cells.summed(pairs.annotator, at_pair, pairs.n_annotators)


def _even(pairs: Pairs) -> Habits:
    """Return the usual start: everyone knows every second label and guesses all labels alike."""
    even = np.full(len(pairs.label), np.log(0.5))
    return Habits(even, even - np.log(max(pairs.n_labels, 1)), 0.0)


def _drawn(pairs: Pairs, rng: np.random.Generator) -> Habits:
    """Return a start drawn at random: trust and strategies within a factor of 2.5 of each other."""
    knows, guesses = np.log(rng.uniform(1.0, 2.5, (2, pairs.n_annotators)))
    total = np.logaddexp(knows, guesses)
    said = np.log(rng.uniform(1.0, 2.5, len(pairs.label)) / (1.75 * max(pairs.n_labels, 1)))
    return Habits((knows - total)[pairs.annotator], (guesses - total)[pairs.annotator] + said, 0.0)
