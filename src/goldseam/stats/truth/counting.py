"""Counting votes: majority, and votes that weigh by annotator.

In: `Votes`, gold, weights. Out: `Truth`. Never: a model of who errs how; that is `confusion`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats._parts import parts, row_max
from goldseam.stats.truth.known import Gold, Known, check_labels, clamp, known_of
from goldseam.stats.truth.record import TIE, Array, Truth, agreeing, shares_of_votes, truth_of
from goldseam.stats.votes import BadVotes, Votes


def majority(votes: Votes, *, gold: Gold | None = None) -> Truth:
    """Let every vote count the same: the posterior is the share of votes.

    Examples
    --------
    >>> majority(Votes.from_matrix([[0, 0, 1], [1, 1, 1]])).names()
    [0, 1]
    """
    check_labels(votes)
    votes = votes.by_item()
    known = known_of(votes, gold, "flat", None)
    posterior = shares_of_votes(votes, None)
    clamp(posterior, known)
    return truth_of(votes, posterior, agreeing(votes, posterior), "majority")


def weighted(votes: Votes, weights: ArrayLike | None = None, *, gold: Gold | None = None) -> Truth:
    """Let votes count by annotator: by `weights` given, or by the share of their votes that the majority shares (Wawa).

    Examples
    --------
    >>> votes = Votes.from_matrix([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, -1, 0]])
    >>> weighted(votes).names()
    [0, 1, 0, 1]
    """
    check_labels(votes)
    votes = votes.by_item()
    known = known_of(votes, gold, "flat", None)
    given = _wawa(votes, known) if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (votes.n_annotators,) or (given < 0).any() or not np.isfinite(given).all():
        raise BadVotes(f"weights need one number per annotator, {votes.n_annotators}, none negative.")
    posterior = shares_of_votes(votes, given)
    clamp(posterior, known)
    return truth_of(votes, posterior, agreeing(votes, posterior), "weighted")


def _wawa(votes: Votes, known: Known) -> Array:
    """Return the share of each annotator's votes that most votes on their item share; of n labels that tie, 1/n each."""
    winners = shares_of_votes(votes, None)
    clamp(winners, known)
    for rows in parts(*winners.shape):
        best = winners[rows] >= (row_max(winners[rows]) - TIE)[:, None]
        np.divide(best, np.count_nonzero(best, axis=1)[:, None], out=winners[rows])
    return agreeing(votes, winners)
