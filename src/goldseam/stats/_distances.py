"""Distances: how far two answers are apart, for sets, spans, boxes, masks, texts and numbers, many pairs at a time.

In: distinct answers. Out: a function from two arrays of their indices to distances, 0 for equal answers. Never: a distance
that depends on which answer comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from goldseam.stats import _edit
from goldseam.stats.votes import BadVotes

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Between = Callable[[Index, Index], Array]
"""Takes two equally long arrays of indices of answers; returns the distance of each pair."""
Prepare = Callable[[Sequence[Any]], Between]
"""Takes the distinct answers once, and returns what compares them."""

_PAIRS = 200_000
_WORDS = 16
"""Sets of at most 1,024 different elements are held as bits."""


def sets(answers: Sequence[Iterable[Hashable]], measure: Callable[[Array, Array, Array], Array]) -> Between:
    """Compare sets by `measure`, which takes what two share and how large each is."""
    size, shared = _shared([_elements(one) for one in answers])

    def between(left: Index, right: Index) -> Array:
        return measure(shared(left, right), size[left], size[right])

    return between


def jaccard(shared: Array, first: Array, second: Array) -> Array:
    """Return 1 minus the share of the union that is shared; two empty sets are equal."""
    union = first + second - shared
    return np.where(union > 0, 1 - shared / np.where(union > 0, union, 1.0), 0.0)


def masi(shared: Array, first: Array, second: Array) -> Array:
    """Return 1 - J M: Jaccard's share, by 1 for equal sets, 2/3 for a subset, 1/3 for an overlap (Passonneau 2006)."""
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    form = np.where(shared == larger, 1.0, np.where(shared == smaller, 2 / 3, np.where(shared > 0, 1 / 3, 0.0)))
    return np.asarray(1 - (1 - jaccard(shared, first, second)) * form)


def dice(shared: Array, first: Array, second: Array) -> Array:
    """Return 1 - F1: what is shared against the mean size."""
    both = first + second
    return np.where(both > 0, 1 - 2 * shared / np.where(both > 0, both, 1.0), 0.0)


def spans(answers: Sequence[Iterable[Any]]) -> Between:
    """Compare sets of spans by 1 - F1; spans match when start, end and label are equal, each only once."""
    marked = []
    for one in answers:
        seen: Counter[Hashable] = Counter()
        numbered = []
        for span in _elements(one):
            numbered.append((span, seen[span]))
            seen[span] += 1
        marked.append(numbered)
    return sets(marked, dice)


def masks(answers: Sequence[Any]) -> Between:
    """Compare masks (2-D, true inside) by 1 - intersection over union; of different sizes, laid on top left corners."""
    tables = [np.asarray(one, dtype=bool) for one in answers]
    if any(table.ndim != 2 for table in tables):
        raise BadVotes("A mask has 2 dimensions, rows by columns, true inside.")
    height = max((table.shape[0] for table in tables), default=0)
    width = -(-max((table.shape[1] for table in tables), default=0) // 64) * 64
    bits = np.zeros((len(tables), height * width // 64), dtype=np.uint64)
    for row, table in enumerate(tables):
        whole = np.zeros((height, width), dtype=bool)
        whole[: table.shape[0], : table.shape[1]] = table
        bits[row] = np.packbits(whole, axis=None).view(np.uint64)
    return _of_bits(bits, jaccard)


def texts(answers: Sequence[str]) -> Between:
    """Compare texts by edits of characters, as a share of the longer text."""
    _check_texts(answers)
    return _edits([np.frombuffer(one.encode("utf-32-le", "surrogatepass"), dtype=np.uint32) for one in answers])


def words(answers: Sequence[str]) -> Between:
    """Compare texts by edits of words (split at spaces), as a share of the longer text."""
    _check_texts(answers)
    known: dict[str, int] = {}
    coded = [[known.setdefault(word, len(known)) for word in one.split()] for one in answers]
    return _edits([np.array(one, dtype=np.int64) for one in coded])


def interval(answers: Sequence[float]) -> Between:
    """Compare numbers by their squared difference (Krippendorff's interval level)."""
    value = _numbers(answers)
    return lambda left, right: np.asarray((value[left] - value[right]) ** 2)


def absolute(answers: Sequence[float]) -> Between:
    """Compare numbers by their difference."""
    value = _numbers(answers)
    return lambda left, right: np.asarray(np.abs(value[left] - value[right]))


def ratio(answers: Sequence[float]) -> Between:
    """Compare numbers with a true zero by ((a - b) / (a + b))^2 (Krippendorff's ratio level)."""
    value = _numbers(answers)
    if (value < 0).any():
        raise BadVotes("On the ratio level numbers have a true zero; none is negative.")

    def between(left: Index, right: Index) -> Array:
        total = value[left] + value[right]
        return np.where(total > 0, ((value[left] - value[right]) / np.where(total > 0, total, 1.0)) ** 2, 0.0)

    return between


def boxes(answers: Sequence[Any]) -> Between:
    """Compare sets of boxes by 1 - the intersection over union of the best match, summed and set against the mean number.

    A box is x, y, width, height, and maybe a label; boxes with different labels never match.
    """
    tables, labels = zip(*(_box_table(one) for one in answers), strict=True) if answers else ((), ())
    size = np.array([len(one) for one in tables], dtype=np.int64)
    flat = np.concatenate([np.empty((0, 4)), *tables])
    known: dict[Hashable, int] = {}
    label = np.array([known.setdefault(name, len(known)) for one in labels for name in one], dtype=np.int64)
    start = np.cumsum(size) - size

    def between(left: Index, right: Index) -> Array:
        matched = np.zeros(len(left))
        weight = size[left] * size[right]
        for some in _portions(weight):
            matched[some] = _matched(flat, label, start, size, left[some], right[some])
        return dice(matched, size[left].astype(np.float64), size[right].astype(np.float64))

    return between


def by_function(function: Callable[[Any, Any], float]) -> Prepare:
    """Compare by a function of two answers, called once per pair."""

    def prepare(answers: Sequence[Any]) -> Between:
        def between(left: Index, right: Index) -> Array:
            pairs = zip(left.tolist(), right.tolist(), strict=True)
            found = np.array([function(answers[a], answers[b]) for a, b in pairs], dtype=np.float64)
            if not np.isfinite(found).all() or (found < 0).any():
                raise BadVotes("A distance is a finite number, not below 0; the function gave another.")
            return found

        return between

    return prepare


def _elements(one: Any) -> list[Hashable]:  # noqa: ANN401 - whatever is given as a set
    if isinstance(one, str | bytes) or not isinstance(one, Iterable):
        raise BadVotes(f"An answer is {one!r}; a set of elements would be right, such as ['a', 'b'] or [].")
    return [tuple(part) if isinstance(part, list) else part for part in one]


def _shared(members: list[list[Hashable]]) -> tuple[Array, Callable[[Index, Index], Array]]:
    """Return the sizes of sets, and how many elements two of them share."""
    known: dict[Hashable, int] = {}
    coded = [sorted({known.setdefault(part, len(known)) for part in one}) for one in members]
    size = np.array([len(one) for one in coded], dtype=np.int64)
    column = np.array([code for one in coded for code in one], dtype=np.int64)
    row = np.repeat(np.arange(len(coded)), size)
    n_words = -(-len(known) // 64)
    if n_words <= _WORDS:
        bits = np.zeros((len(coded), n_words), dtype=np.uint64)
        np.bitwise_or.at(bits, (row, column // 64), np.uint64(1) << (column % 64).astype(np.uint64))
        return size.astype(np.float64), lambda left, right: _counted(bits, left, right)
    start = np.concatenate([[0], np.cumsum(size)])
    table = csr_array((np.ones(len(column)), column, start), shape=(len(coded), len(known)))

    def shared(left: Index, right: Index) -> Array:
        found = np.zeros(len(left))
        for begin in range(0, len(left), _PAIRS):
            some = slice(begin, begin + _PAIRS)
            found[some] = np.asarray(table[left[some]].multiply(table[right[some]]).sum(axis=1)).ravel()
        return found

    return size.astype(np.float64), shared


def _of_bits(bits: NDArray[np.uint64], measure: Callable[[Array, Array, Array], Array]) -> Between:
    size = np.bitwise_count(bits).sum(axis=1, dtype=np.float64)

    def between(left: Index, right: Index) -> Array:
        return measure(_counted(bits, left, right), size[left], size[right])

    return between


def _counted(bits: NDArray[np.uint64], left: Index, right: Index) -> Array:
    """Return how many bits two rows share."""
    found = np.zeros(len(left))
    at_once = max(1, 4_000_000 // max(bits.shape[1], 1))
    for begin in range(0, len(left), at_once):
        some = slice(begin, begin + at_once)
        found[some] = np.bitwise_count(bits[left[some]] & bits[right[some]]).sum(axis=1, dtype=np.float64)
    return found


def _edits(sequences: list[NDArray[Any]]) -> Between:
    coded = [one.astype(np.int64) for one in sequences]
    size = np.array([len(one) for one in coded], dtype=np.int64)

    def between(left: Index, right: Index) -> Array:
        longer = np.maximum(size[left], size[right])
        return np.asarray(_edit.distances(coded, left, right) / np.maximum(longer, 1))

    return between


def _check_texts(answers: Sequence[Any]) -> None:
    for one in answers:
        if not isinstance(one, str):
            raise BadVotes(f"An answer is {one!r}; a text would be right.")


def _numbers(answers: Sequence[float]) -> Array:
    try:
        value = np.array(list(answers), dtype=np.float64)
    except (TypeError, ValueError):
        raise BadVotes("An answer is not a number.") from None
    if not np.isfinite(value).all():
        raise BadVotes("A number is infinite or missing; leave such answers out.")
    return value


def _box_table(one: Any) -> tuple[Array, list[Hashable]]:  # noqa: ANN401 - rows of boxes in any form
    rows = [] if one is None else list(one)
    if any(len(row) not in (4, 5) for row in rows):
        raise BadVotes("A box is x, y, width, height, and maybe a label.")
    try:
        table = np.array([[float(part) for part in row[:4]] for row in rows], dtype=np.float64).reshape(-1, 4)
    except (TypeError, ValueError):
        raise BadVotes("A box is four numbers: x, y, width, height; one of these is no number.") from None
    if not np.isfinite(table).all() or (table[:, 2:] < 0).any():
        raise BadVotes("A box has a negative width or height, or a number that is infinite or missing.")
    return table, [row[4] if len(row) == 5 else None for row in rows]


def _portions(weight: Index) -> list[slice]:
    """Return slices of pairs with at most about a million pairs of boxes each."""
    ends = np.cumsum(weight)
    cuts = np.searchsorted(ends, np.arange(1_000_000, int(ends[-1]) if len(ends) else 0, 1_000_000))
    edges = np.unique(np.concatenate([[0], cuts, [len(weight)]]))
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def _matched(flat: Array, label: Index, start: Index, size: Index, left: Index, right: Index) -> Array:
    """Return the summed intersection over union of the best match of each pair of sets of boxes."""
    many = size[left] * size[right]
    pair = np.repeat(np.arange(len(left)), many)
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    wide = np.maximum(size[right], 1)[pair]
    first, second = start[left][pair] + place // wide, start[right][pair] + place % wide
    one, two = flat[first], flat[second]
    sides = np.minimum(one[:, :2] + one[:, 2:], two[:, :2] + two[:, 2:]) - np.maximum(one[:, :2], two[:, :2])
    shared = np.maximum(sides, 0.0).prod(axis=1)
    union = one[:, 2:].prod(axis=1) + two[:, 2:].prod(axis=1) - shared
    share = np.where((union > 0) & (label[first] == label[second]), shared / np.where(union > 0, union, 1.0), 0.0)
    touching = share > 0
    pair, first, second, share = pair[touching], first[touching], second[touching], share[touching]
    total, settled = _best_of_each(pair, first, second, share, len(left))
    again, turned = _best_of_each(pair, second, first, share, len(left))
    total = np.where(settled, total, again)
    order = np.argsort(pair, kind="stable")
    begins = np.searchsorted(pair[order], np.arange(len(left) + 1))
    for which in np.flatnonzero(~settled & ~turned).tolist():
        rows = order[begins[which] : begins[which + 1]]
        table = np.zeros((int(size[left[which]]), int(size[right[which]])))
        table[first[rows] - start[left[which]], second[rows] - start[right[which]]] = share[rows]
        chosen = linear_sum_assignment(table, maximize=True)
        total[which] = table[chosen].sum()
    return np.asarray(total)


def _best_of_each(pair: Index, one: Index, other: Index, share: Array, n_pairs: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return the sum of each box's best overlap, and whether no two boxes want the same: then no match is better."""
    order = np.lexsort((-share, one, pair))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (pair[order][1:] != pair[order][:-1]) | (one[order][1:] != one[order][:-1])
    best = order[new]
    total = np.asarray(np.bincount(pair[best], weights=share[best], minlength=n_pairs), dtype=np.float64)
    wanted = np.lexsort((other[best], pair[best]))
    twice = (pair[best][wanted][1:] == pair[best][wanted][:-1]) & (other[best][wanted][1:] == other[best][wanted][:-1])
    settled = np.ones(n_pairs, dtype=bool)
    settled[pair[best][wanted][1:][twice]] = False
    return total, settled
