r"""Figures of one annotator: how right on gold, how much in agreement with others, how quick; and when they may be told.

In: votes, gold, seconds. Out: `Own` for each annotator. Never: a figure of one item, or figures so fresh that the change of
one tells which item was gold.

Agreement of an annotator: of all others' votes on the items that they voted on, the share that is the same,
:math:`\sum_i (n_{i,l(i)} - 1) / \sum_i (n_i - 1)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from goldseam.annotate.qualify import Figures
from goldseam.stats.risk import wilson
from goldseam.stats.votes import Votes

LEVEL = 0.95
GOLD_STEP = 10
"""Accuracy is told again only once this many more gold checks were answered."""
APART = timedelta(days=1)
"""Figures are told again after a day at the earliest."""


@dataclass(frozen=True, slots=True)
class Own:
    """What was measured of one annotator; a share is None where there is nothing to measure it on.

    `gold_low` and `gold_high` bound accuracy on gold checks (95 %); `seconds` is the median time of an answer,
    `seconds_all` that of everybody's.
    """

    n_answers: int
    n_gold: int
    n_right: int
    gold_low: float | None
    gold_high: float | None
    n_compared: int
    agreement: float | None
    seconds: float | None
    seconds_all: float | None

    @property
    def gold(self) -> float | None:
        """The share of gold checks that were right."""
        return self.n_right / self.n_gold if self.n_gold else None


def measure(
    votes: Votes, gold: Mapping[int, int], who: NDArray[np.object_], seconds: NDArray[np.float64]
) -> dict[str, Own]:
    """Return the figures of everybody who voted.

    Parameters
    ----------
    gold
        An item's position to the index of its label in `votes.labels`.
    who, seconds
        For every answer: whose it is, and how long it took.
    """
    n = votes.n_annotators
    known_label = np.array([gold.get(int(position), -1) for position in votes.items], np.int64)[votes.item]
    known = known_label >= 0
    n_gold = np.bincount(votes.annotator[known], minlength=n)
    n_right = np.bincount(votes.annotator[known & (known_label == votes.label)], minlength=n)
    cell = votes.item * np.int64(votes.n_labels) + votes.label
    same = np.bincount(cell, minlength=votes.n_items * votes.n_labels)[cell] - 1
    others = votes.votes_per_item()[votes.item] - 1
    n_same = np.bincount(votes.annotator, weights=same, minlength=n)
    n_others = np.bincount(votes.annotator, weights=others, minlength=n).astype(np.int64)
    n_answers = votes.votes_per_annotator()
    quick = _medians(who, seconds)
    overall = float(np.median(seconds)) if len(seconds) else None
    found = {}
    for index, annotator in enumerate(votes.annotators):
        k, of = int(n_right[index]), int(n_gold[index])
        low, high = wilson(k, of, LEVEL) if of else (None, None)
        compared = int(n_others[index])
        found[str(annotator)] = Own(
            n_answers=int(n_answers[index]),
            n_gold=of,
            n_right=k,
            gold_low=low,
            gold_high=high,
            n_compared=compared,
            agreement=float(n_same[index] / compared) if compared else None,
            seconds=quick.get(str(annotator)),
            seconds_all=overall,
        )
    return found


def _medians(who: NDArray[np.object_], seconds: NDArray[np.float64]) -> dict[str, float]:
    if not len(who):
        return {}
    names, index = np.unique(who.astype(str), return_inverse=True)
    order = np.lexsort((seconds, index))
    starts = np.searchsorted(index[order], np.arange(len(names) + 1))
    return {str(name): float(np.median(seconds[order[starts[at] : starts[at + 1]]])) for at, name in enumerate(names)}


def told(own: Own, before: Own | None, before_at: datetime | None, now: datetime) -> Own | None:
    """Return what an annotator is told now, given what they were told before; None if that still stands.

    Agreement and speed are told once a day; accuracy moves on only by many gold checks at once.
    """
    if before is None or before_at is None:
        return own if own.n_gold >= GOLD_STEP else replace(own, n_gold=0, n_right=0, gold_low=None, gold_high=None)
    if now < before_at + APART:
        return None
    if own.n_gold >= before.n_gold + GOLD_STEP:
        return own
    return replace(
        own, n_gold=before.n_gold, n_right=before.n_right, gold_low=before.gold_low, gold_high=before.gold_high
    )


def for_promotion(own: Own, weeks: float) -> Figures:
    """Return what speaks for promoting an annotator with these figures."""
    return Figures(own.n_answers, own.n_gold, own.gold_low, own.n_compared, own.agreement, weeks)
