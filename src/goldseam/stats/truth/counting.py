"""Counting votes: majority, and votes that weigh by annotator.

In: `Votes`, gold, weights. Out: `Truth`. Never: a model of who errs how; that is `confusion`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.truth.known import Gold, check_labels, clamp, known_of
from goldseam.stats.truth.record import Truth, agreeing, shares_of_votes, truth_of
from goldseam.stats.votes import BadVotes, Votes


def majority(votes: Votes, *, gold: Gold | None = None) -> Truth:
    """Let every vote count the same: the posterior is the share of votes.

    Examples
    --------
    >>> majority(Votes.from_matrix([[0, 0, 1], [1, 1, 1]])).names()
    [0, 1]
    """
    check_labels(votes)
    known = known_of(votes, gold, "flat", None)
    posterior = shares_of_votes(votes, None)
    clamp(posterior, known)
    return truth_of(votes, posterior, agreeing(votes, posterior), "majority")


def weighted(votes: Votes, weights: ArrayLike | None = None, *, gold: Gold | None = None) -> Truth:
    """Let votes count by annotator: by `weights` given, or by each annotator's agreement with the majority (Wawa)."""
    first = majority(votes, gold=gold)
    given = first.reliability if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (votes.n_annotators,) or (given < 0).any() or not np.isfinite(given).all():
        raise BadVotes(f"weights need one number per annotator, {votes.n_annotators}, none negative.")
    posterior = shares_of_votes(votes, given)
    clamp(posterior, known_of(votes, gold, "flat", None))
    return truth_of(votes, posterior, agreeing(votes, posterior), "weighted")
