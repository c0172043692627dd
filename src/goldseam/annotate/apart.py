r"""Apart: how far answers of any kind to the same items are apart, and how much those who gave them agree.

In: a question, who answered what about which item. Out: `Judged`: agreement with its interval, and the disagreement on each
item. Never: an abstention taken for an answer; more pairs of shapes compared than a session can wait for.

The disagreement on an item is the mean distance of its pairs of answers: of answers that are equal or not, the share of
pairs that differ; of sets, spans, shapes, texts and orders the distance of their kind; of numbers the difference as a share
of the question's scale, or where it has none, of the range of what was said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from goldseam.encode.kinds import distance_of
from goldseam.stats import distance as distances
from goldseam.stats.distance import Distance
from goldseam.vocab.answers import Abstain, Answer, Number, Rating
from goldseam.vocab.schema import Question, QuestionKind

LEVEL = 0.95
DRAWS = 500
SHAPES, TEXTS = 500, 10_000
"""How many pairs are compared on their items, and as many for chance: of shapes, milliseconds each, and of texts."""
SCALED = frozenset({QuestionKind.RATING, QuestionKind.NUMBER})


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: about which item, by whom."""

    item: int
    annotator: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Measured:
    """Krippendorff's alpha of one question's answers, by the distance of its kind, with its bootstrap interval.

    `value` is None where it is undefined, with the reason.
    """

    question: str
    kind: str
    value: float | None
    low: float | None
    high: float | None
    reason: str
    n_items: int
    n_votes: int


@dataclass(frozen=True, slots=True)
class Judged:
    """How much annotators agree, and from 0 to 1 how far the answers to each item with two at least are apart."""

    measured: Measured
    apart: Mapping[int, float]


def judge(question: Question, answered: Iterable[Answered], rng: np.random.Generator) -> Judged:
    """Return agreement and the disagreement on each item; of several answers by one annotator about an item the last counts."""
    told = _prepared(question, answered, rng)
    found = distances.by_distance(
        [one.item for one in told.spoken],
        [one.annotator for one in told.spoken],
        told.units,
        told.distance,
        rng=rng,
        level=LEVEL,
        draws=DRAWS,
        most_pairs=told.most or 250_000,
    )
    measured = Measured(
        question=question.name,
        kind=question.kind.value,
        value=found.value,
        # Items drawn again from one item are that item: no interval follows from it.
        low=found.interval.low if found.n_items > 1 else None,
        high=found.interval.high if found.n_items > 1 else None,
        reason=found.reason,
        n_items=found.n_items,
        n_votes=found.n_votes,
    )
    return Judged(measured, _apart(question, told))


def disagreement(question: Question, answered: Iterable[Answered], rng: np.random.Generator) -> dict[int, float]:
    """Return from 0 to 1 how far the answers to each item with two at least are apart.

    Examples
    --------
    >>> stars = Question("stars", QuestionKind.RATING)
    >>> told = [Answered(7, "ann", Rating(1)), Answered(7, "ben", Rating(3)), Answered(8, "ann", Rating(5))]
    >>> disagreement(stars, told, np.random.default_rng(0))
    {7: 0.5}
    """
    return _apart(question, _prepared(question, answered, rng))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Answers as units of a distance; `most` is how many pairs of them are compared, None for all."""

    spoken: Sequence[Answered]
    units: Sequence[Any]
    distance: Distance
    most: int | None


def _prepared(question: Question, answered: Iterable[Answered], rng: np.random.Generator) -> _Prepared:
    last = {(one.item, one.annotator): one for one in answered}
    spoken = [one for one in last.values() if not isinstance(one.answer, Abstain)]
    units, distance = distance_of(question, [one.answer for one in spoken])
    most = TEXTS if distance == "text" else None if isinstance(distance, str) else SHAPES
    if most is not None:
        kept = thinned([one.item for one in spoken], most, rng)
        spoken, units = [spoken[place] for place in kept], [units[place] for place in kept]
    if not isinstance(distance, str):
        # The same two shapes are compared for agreement and for the item: once is enough.
        distance = lru_cache(4 * SHAPES)(distance)
    return _Prepared(spoken, units, distance, most)


def _apart(question: Question, told: _Prepared) -> dict[int, float]:
    scaled = question.kind in SCALED
    wide = _spread(question, told.spoken) if scaled else 1.0
    by: dict[int, list[Any]] = defaultdict(list)
    for one, unit in zip(told.spoken, told.units, strict=True):
        by[one.item].append(unit)
    found = {}
    for item, mine in by.items():
        if len(mine) > 1:
            table = distances.table(mine, "absolute" if scaled else told.distance)
            each = table.distances[np.ix_(table.index, table.index)]
            mean = float(each.sum()) / (len(mine) * (len(mine) - 1))
            found[item] = min(mean / wide, 1.0) if wide > 0 else 0.0
    return found


def _spread(question: Question, spoken: Sequence[Answered]) -> float:
    if question.minimum is not None and question.maximum is not None:
        return float(question.maximum - question.minimum)
    values = [one.answer.value for one in spoken if isinstance(one.answer, Rating | Number)]
    return float(max(values, default=0.0) - min(values, default=0.0))


def thinned(items: Sequence[int], most_pairs: int, rng: np.random.Generator) -> list[int]:
    """Return which answers to keep so that no more than so many pairs stand on the same items, in their order.

    Every item keeps equally many answers, drawn with equal chances; where two each are too many, items are drawn.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> [len(thinned([1] * 10 + [2] * 10, most, rng)) for most in (90, 12, 1)]
    [20, 8, 2]
    """
    by: dict[int, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        by[item].append(place)
    n_each = max((len(places) for places in by.values()), default=0)
    while n_each > 2 and sum(_pairs(min(len(places), n_each)) for places in by.values()) > most_pairs:
        n_each -= 1
    shared = [item for item, places in by.items() if len(places) > 1]
    if n_each <= 2 and len(shared) > most_pairs:
        drawn = set(rng.choice(shared, most_pairs, replace=False).tolist())
        by = defaultdict(list, {item: by[item] for item in drawn})
    kept = [
        place
        for places in by.values()
        for place in (places if len(places) <= n_each else rng.choice(places, n_each, replace=False).tolist())
    ]
    return sorted(kept)


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
