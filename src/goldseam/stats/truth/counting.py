"""Counting votes: majority, and votes that weigh by annotator.

In: `Votes`, gold, weights. Out: `Truth`. Never: a model of who errs how; that is `confusion`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._tally import Tally, tallies
from goldseam.stats.truth.known import Gold, check_labels, clamp, known_of
from goldseam.stats.truth.record import (
    TIE,
    Array,
    Later,
    Truth,
    agreeing,
    by_popularity,
    check_size,
    mean_of_annotators,
    shares_of_votes,
    truth_of,
    warned_of_silence,
)
from goldseam.stats.votes import BadVotes, Votes


def majority(votes: Votes, *, gold: Gold | None = None) -> Truth:
    """Let every vote count the same: the posterior is the share of votes.

    The posterior is worked out when it is first asked for.

    Examples
    --------
    >>> majority(Votes.from_matrix([[0, 0, 1], [1, 1, 1]])).names()
    [0, 1]
    """
    check_labels(votes)
    check_size(votes)
    votes = votes.by_item()
    if gold:
        return _beside_gold(votes, gold, None, "majority")
    return _counted(votes, None, "majority")


def weighted(votes: Votes, weights: ArrayLike | None = None, *, gold: Gold | None = None) -> Truth:
    """Let votes count by annotator: by `weights` given, or by the share of their votes that the majority shares (Wawa).

    The posterior is worked out when it is first asked for.

    Examples
    --------
    >>> votes = Votes.from_matrix([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, -1, 0]])
    >>> weighted(votes).names()
    [0, 1, 0, 1]
    """
    check_labels(votes)
    check_size(votes)
    votes = votes.by_item()
    given = _wawa(votes, gold) if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (votes.n_annotators,) or (given < 0).any() or not np.isfinite(given).all():
        raise BadVotes(f"weights need one number per annotator, {votes.n_annotators}, none negative.")
    if gold:
        return _beside_gold(votes, gold, given, "weighted")
    return _counted(votes, given, "weighted")


def _counted(votes: Votes, weights: Array | None, method: str) -> Truth:
    """Return the record of votes counted, part by part."""
    order = by_popularity(votes.label, votes.n_labels)
    label = np.full(votes.n_items, order[0] if len(order) else 0, dtype=np.int32)
    confidence = np.full(votes.n_items, 1.0 / max(votes.n_labels, 1))
    n_votes = np.zeros(votes.n_items, dtype=np.int64)
    agreed = np.zeros(votes.n_annotators)
    for some in tallies(votes, weights):
        heard = some.total > 0
        first, top = _best_of(some, order)
        if heard.all():
            label[some.item], confidence[some.item] = order[first], top / some.total
        else:
            label[some.item[heard]] = order[first[heard]]
            confidence[some.item[heard]] = top[heard] / some.total[heard]
        n_votes[some.item] = some.sizes
        agreed += np.bincount(some.annotator, some.shares(votes.n_labels), votes.n_annotators)
    return Later(
        items=votes.items,
        labels=votes.labels,
        posterior=partial(shares_of_votes, votes, weights),  # type: ignore[arg-type]  # an array once it is asked for
        label=label,
        confidence=confidence,
        annotators=votes.annotators,
        reliability=mean_of_annotators(votes, agreed),
        confusion=None,
        iterations=0,
        log_likelihood=None,
        n_votes=n_votes,
        method=method,
        warnings=warned_of_silence(n_votes),
    )


def _best_of(some: Tally, order: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the place in `order` of each run's best label, the first of those that tie, and what it has."""
    n_labels = len(order)
    rank = np.empty(n_labels, dtype=np.int32)
    rank[order] = np.arange(n_labels, dtype=np.int32)
    if some.same.dtype.kind == "f":
        top = some.most(some.same)
        best = some.same >= some.each(top - TIE * some.total)
        return some.least(np.where(best, rank.take(some.label), n_labels)), top
    small = int(some.sizes.max()) * n_labels < np.iinfo(np.int32).max
    key = np.multiply(some.same, n_labels, dtype=np.int32 if small else np.int64)
    key += (n_labels - 1 - rank).take(some.label)  # so that one maximum finds the most votes, and then the first
    top, last = np.divmod(some.most(key), n_labels)
    return n_labels - 1 - last, top


def _beside_gold(votes: Votes, gold: Gold, weights: Array | None, method: str) -> Truth:
    posterior = shares_of_votes(votes, weights)
    clamp(posterior, known_of(votes, gold, "flat", None))
    return truth_of(votes, posterior, agreeing(votes, posterior), method)


def _wawa(votes: Votes, gold: Gold | None) -> Array:
    """Return the share of each annotator's votes that most votes on their item share; of n labels that tie, 1/n each."""
    known = known_of(votes, gold, "flat", None)
    right = np.full(votes.n_items, -1)
    right[known.gold_item] = known.gold_label
    won = np.zeros(votes.n_annotators)
    for some in tallies(votes):
        top = some.most(some.same)
        best = some.same == some.each(top)
        at_vote = best * some.each(top / some.sums(best))  # 1 / n, as each of the n labels has `top` votes
        if gold:
            known_label = some.each(right[some.item])
            at_vote = np.where(known_label < 0, at_vote, known_label == some.label)
        won += np.bincount(some.annotator, at_vote, votes.n_annotators)
    return mean_of_annotators(votes, won)
