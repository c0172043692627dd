"""Agreement of answers that are no labels: sets, spans, boxes, masks, texts, numbers, by how far they are apart.

In: who gave which answer about which item, and a distance. Out: `StructuredAgreement`, Krippendorff's alpha; or a table of
distances for `agreement.alpha`. Never: chance that the caller did not bring.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from goldseam.stats import _distances as kernels
from goldseam.stats._answers import one_each
from goldseam.stats._distances import Between, Prepare
from goldseam.stats.agreement import Agreement, Interval
from goldseam.stats.votes import BadVotes, Votes

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Chance = Callable[[Array], Array]
Distance = str | Callable[[Any, Any], float]

DISTANCES: dict[str, Prepare] = {
    "jaccard": partial(kernels.sets, measure=kernels.jaccard),
    "masi": partial(kernels.sets, measure=kernels.masi),
    "spans": kernels.spans,
    "boxes": kernels.boxes,
    "masks": kernels.masks,
    "text": kernels.texts,
    "words": kernels.words,
    "interval": kernels.interval,
    "absolute": kernels.absolute,
    "ratio": kernels.ratio,
}
"""Every distance by name. All but the last three lie between 0 and 1."""

_NO_SPREAD = 1e-12
_CELLS = 4_000_000
_NO_ANSWERS = "There are no answers."
_NO_PAIRS = "No item has answers by two annotators, so there is nothing to compare."
_SAME = "All answers that can be compared are the same: without variation there is no agreement beyond chance."


@dataclass(frozen=True, slots=True)
class StructuredAgreement(Agreement):
    """Alpha by a distance; `observed` and `expected` are 1 minus mean distances, divided by the largest one seen.

    `interval` is the bootstrap's over items, undefined without `rng`. `n_pairs` is how many pairs of answers the expected
    distance rests on, `all_pairs` whether these are all, and `expected_error` its standard error where they are not.
    """

    interval: Interval
    n_pairs: int
    all_pairs: bool
    expected_error: float


@dataclass(frozen=True, slots=True)
class DistanceTable:
    """Distinct answers, their distances (n, n), and which of them each entry is (-1 where there is no answer)."""

    answers: tuple[Any, ...]
    distances: Array
    index: Index


def table(answers: Iterable[Any], distance: Distance) -> DistanceTable:
    """Return the distances of all distinct answers, for `agreement.alpha(votes, level=table.distances)`.

    Use `index` as the labels of the votes: then label k is distinct answer k.

    Examples
    --------
    >>> found = table([["a"], ["a", "b"], ["a"]], "jaccard")
    >>> found.index.tolist(), found.distances.tolist()
    ([0, 1, 0], [[0.0, 0.5], [0.5, 0.0]])
    """
    distinct, index = _distinct(list(answers), distance)
    n = len(distinct)
    left, right = np.triu_indices(n, 1)
    matrix = np.zeros((n, n))
    matrix[left, right] = _prepared(distance)(distinct)(left.astype(np.int64), right.astype(np.int64))
    return DistanceTable(tuple(distinct), matrix + matrix.T, index)


def by_distance(
    item: Iterable[Any],
    annotator: Iterable[Any],
    answers: Iterable[Any],
    distance: Distance,
    *,
    rng: np.random.Generator | None = None,
    level: float = 0.95,
    draws: int = 1000,
    most_pairs: int = 250_000,
) -> StructuredAgreement:
    r"""Krippendorff's alpha, :math:`1 - D_o/D_e`, of answers of any kind, by how far they are apart.

    Parameters
    ----------
    answers
        One per entry; None is no answer. Of several answers by one annotator on one item the last counts.
    distance
        'jaccard' or 'masi' for sets of labels; 'spans' for (start, end, label): 1 - F1; 'boxes' for x, y, width, height and
        maybe a label: 1 - matched intersection over union; 'masks': 1 - intersection over union; 'text', 'words': edits as
        a share of the longer; 'interval', 'absolute', 'ratio' for numbers; or a function of two answers. Distances are
        taken as they are; Krippendorff's squared differences are 'interval' and 'ratio'.
    rng
        For the bootstrap over items, and to draw pairs where they are too many; None leaves the interval out.
    most_pairs
        The expected distance is that of all pairs of distinct answers up to so many pairs, else of so many pairs drawn
        with equal chances from all pairs of answers.

    Raises
    ------
    BadVotes
        The arrays differ in length, an answer is of the wrong kind, or pairs have to be drawn and there is no `rng`.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability; Passonneau (2006), LREC (sets); Braylan, Alonso and
    Lease (2022), WWW (structured answers).

    Examples
    --------
    >>> found = by_distance([1, 1, 2, 2], "xyxy", ["a cat", "a cat", "two dogs", "two dog"], "text")
    >>> round(found.value, 3)
    0.896
    """
    if not 0 < level < 1 or draws < 1 or most_pairs < 1:
        raise BadVotes(f"level={level}, draws={draws}, most_pairs={most_pairs}: between 0 and 1, and at least 1.")
    listed = list(answers)
    distinct, index = _distinct(listed, distance)
    votes, place = one_each(item, annotator, index >= 0)
    if len(place) == 0:
        return _undefined(_NO_ANSWERS, level)
    paired = (votes.votes_per_item() > 1)[votes.item]
    if not paired.any():
        return _undefined(_NO_PAIRS, level)
    votes, code = votes.where(paired), index[place][paired]
    used, code = np.unique(code, return_inverse=True)
    between = _prepared(distance)([distinct[one] for one in used.tolist()])
    observed = _observed(votes, code, len(used), between)
    expected = _expected(votes, code, len(used), between, most_pairs, rng)
    found = _agreement(votes, observed, expected)
    if rng is None or found.value is None:
        reason = "Give rng= for an interval." if rng is None else found.reason
        interval = Interval(None, None, level, 0, reason)
    else:
        interval = _bootstrap(votes, code, observed, expected, rng, level, draws)
    return StructuredAgreement(
        value=found.value,
        reason=found.reason,
        n_items=found.n_items,
        n_votes=found.n_votes,
        observed=found.observed,
        expected=found.expected,
        interval=interval,
        n_pairs=len(expected.left),
        all_pairs=expected.every,
        expected_error=expected.error,
    )


@dataclass(frozen=True, slots=True)
class _Expected:
    """Pairs that stand for chance: of distinct answers, weighted by how often they occur; or of answers drawn."""

    left: Index
    right: Index
    apart: Array
    every: bool
    mean: float
    error: float


def _prepared(distance: Distance) -> Prepare:
    if not isinstance(distance, str):
        return kernels.by_function(distance)
    if distance not in DISTANCES:
        raise BadVotes(f"There is no distance {distance!r}; there are {', '.join(DISTANCES)}, or give a function.")
    return DISTANCES[distance]


def _distinct(answers: list[Any], distance: Distance) -> tuple[list[Any], Index]:
    """Return the distinct answers in the order of their first use, and the index of each among them; -1 for None."""
    known: dict[Hashable, int] = {}
    kept: list[Any] = []
    index = np.full(len(answers), -1, dtype=np.int64)
    for place, one in enumerate(answers):
        if one is None or (isinstance(one, float) and one != one):  # noqa: PLR0124 - only NaN differs from itself
            continue
        key = _key(one, distance)
        if key not in known:
            known[key] = len(kept)
            kept.append(one)
        index[place] = known[key]
    return kept, index


def _key(one: Any, distance: Distance) -> Hashable:  # noqa: ANN401 - any answer
    """Return what equal answers have in common."""
    if distance == "masks":
        mask = np.ascontiguousarray(one, dtype=bool)
        return mask.shape, np.packbits(mask).tobytes()
    if isinstance(one, np.ndarray):
        return one.shape, str(one.dtype), one.tobytes()
    try:
        if isinstance(one, set | frozenset):
            return frozenset(one)
        return _frozen(one)
    except TypeError:
        return id(one)  # cannot be told from others by its content: it stands alone


def _frozen(one: Any) -> Hashable:  # noqa: ANN401 - any answer
    frozen: Hashable = tuple(_frozen(part) for part in one) if isinstance(one, list | tuple) else one
    hash(frozen)
    return frozen


def _observed(votes: Votes, code: Index, n_answers: int, between: Between) -> tuple[Array, float]:
    """Return each item's sum of distances over ordered pairs, divided by its answers less one; and the largest."""
    order = np.argsort(votes.item, kind="stable")
    sizes = votes.votes_per_item()
    starts = np.cumsum(sizes) - sizes
    total, largest = np.zeros(votes.n_items), 0.0
    for size in np.unique(sizes[sizes > 1]).tolist():
        items = np.flatnonzero(sizes == size)
        first, second = np.triu_indices(size, 1)
        at_once = max(1, _CELLS // len(first))
        for begin in range(0, len(items), at_once):
            some = items[begin : begin + at_once]
            said = code[order[starts[some][:, None] + np.arange(size)]]
            low, high = np.minimum(said[:, first], said[:, second]), np.maximum(said[:, first], said[:, second])
            pair, inverse = np.unique(low.ravel() * n_answers + high.ravel(), return_inverse=True)
            apart = np.zeros(len(pair))
            unequal = pair // n_answers != pair % n_answers
            apart[unequal] = between(pair[unequal] // n_answers, pair[unequal] % n_answers)
            total[some] = 2 * apart[inverse.ravel()].reshape(low.shape).sum(axis=1) / (size - 1)
            largest = max(largest, float(apart.max(initial=0.0)))
    return total, largest


def _expected(
    votes: Votes, code: Index, n_answers: int, between: Between, most_pairs: int, rng: np.random.Generator | None
) -> _Expected:
    """Return the pairs of answers that stand for chance, and their mean distance."""
    n = votes.n_votes
    if n_answers * (n_answers - 1) // 2 <= most_pairs:
        left, right = (part.astype(np.int64) for part in np.triu_indices(n_answers, 1))
        apart = between(left, right)
        often = np.bincount(code, minlength=n_answers).astype(np.float64)
        mean = float(2 * (often[left] * often[right] * apart).sum()) / (n * (n - 1))
        return _Expected(left, right, apart, every=True, mean=mean, error=0.0)
    if rng is None:
        raise BadVotes(
            f"{n_answers:,} distinct answers make {n_answers * (n_answers - 1) // 2:,} pairs: give rng= to draw "
            f"{most_pairs:,} of them, or a larger most_pairs."
        )
    left = rng.integers(n, size=most_pairs)
    right = (left + rng.integers(1, n, size=most_pairs)) % n
    apart = np.zeros(most_pairs)
    unequal = code[left] != code[right]
    apart[unequal] = between(code[left[unequal]], code[right[unequal]])
    error = float(apart.std() / most_pairs**0.5)
    return _Expected(left, right, apart, every=False, mean=float(apart.mean()), error=error)


def _agreement(votes: Votes, observed: tuple[Array, float], expected: _Expected) -> Agreement:
    total, largest = observed
    n = votes.n_votes
    n_items = int((votes.votes_per_item() > 1).sum())
    widest = max(largest, float(expected.apart.max(initial=0.0)))
    if expected.mean <= _NO_SPREAD * max(widest, 1.0):
        return Agreement(None, _SAME, n_items, n, 1.0, 1.0)
    apart = float(total.sum()) / n
    return Agreement(1 - apart / expected.mean, "", n_items, n, 1 - apart / widest, 1 - expected.mean / widest)


def _bootstrap(
    votes: Votes,
    code: Index,
    observed: tuple[Array, float],
    expected: _Expected,
    rng: np.random.Generator,
    level: float,
    draws: int,
) -> Interval:
    """Return where alpha lies when items are drawn with replacement."""
    items = np.flatnonzero(votes.votes_per_item() > 1)
    sizes = votes.votes_per_item()[items].astype(np.float64)
    total = observed[0][items]
    chance = (_by_answers if expected.every else _by_items)(votes, code, items, sizes, expected)
    at_once = max(1, _CELLS // (len(items) + (int(code.max()) + 1 if expected.every else 0)))
    values = []
    for begin in range(0, draws, at_once):
        many = min(at_once, draws - begin)
        times = rng.multinomial(len(items), np.full(len(items), 1 / len(items)), size=many).astype(np.float64)
        n = times @ sizes
        apart = (times @ total) / n
        base = chance(times) / (n * (n - 1))
        defined = base > _NO_SPREAD * max(expected.mean, 1e-300)
        values.append(1 - apart[defined] / base[defined])
    found = np.concatenate(values)
    if len(found) == 0:
        return Interval(None, None, level, 0, "Alpha was undefined in every draw.")
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high), level, len(found))


def _by_answers(votes: Votes, code: Index, items: Index, sizes: Array, expected: _Expected) -> Chance:
    """Return what sums distances over ordered pairs of all answers drawn, from the distances of distinct answers."""
    del sizes
    n_answers = int(code.max()) + 1
    row = np.searchsorted(items, votes.item)
    counts = csr_array(coo_array((np.ones(len(code)), (row, code)), shape=(len(items), n_answers)))
    matrix = np.zeros((n_answers, n_answers))
    matrix[expected.left, expected.right] = expected.apart

    def chance(times: Array) -> Array:
        shown = np.asarray((counts.T @ times.T).T)
        return np.asarray(2 * ((shown @ matrix) * shown).sum(axis=1))

    return chance


def _by_items(votes: Votes, code: Index, items: Index, sizes: Array, expected: _Expected) -> Chance:
    """Return the same, estimated from the pairs at hand, each counted as often as its two items were drawn."""
    del code
    shape = (len(items), len(items))
    cell = (np.searchsorted(items, votes.item[expected.left]), np.searchsorted(items, votes.item[expected.right]))
    apart = csr_array(coo_array((expected.apart, cell), shape=shape))
    often = csr_array(coo_array((np.ones(len(expected.apart)), cell), shape=shape))

    def chance(times: Array) -> Array:
        mean = (times.T * (apart @ times.T)).sum(axis=0)
        mean /= np.maximum((times.T * (often @ times.T)).sum(axis=0), 1.0)
        n = times @ sizes
        twice = (times * (times - 1)) @ sizes  # an answer beside itself, where its item was drawn more than once
        return np.asarray(mean * (n * (n - 1) - twice))

    return chance


def _undefined(reason: str, level: float) -> StructuredAgreement:
    nothing = Interval(None, None, level, 0, reason)
    return StructuredAgreement(
        value=None,
        reason=reason,
        n_items=0,
        n_votes=0,
        observed=None,
        expected=None,
        interval=nothing,
        n_pairs=0,
        all_pairs=True,
        expected_error=0.0,
    )
