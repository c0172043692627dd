"""Spans: how well two sets of spans match, by boundaries, by label, or by both.

In: spans as (start, end, label), of one text or of many. Out: `Match`. Never: a span that is matched twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, pairs_between
from goldseam.stats.overlap.matching import Allowed, Match, Sides, codes, codes_of, counted, match_of

SpanKey = tuple[int, int, Hashable]
Spans = Iterable[SpanKey] | NDArray[np.integer[Any]]
How = Literal["exact", "boundary", "label", "overlap"]

_HOW: dict[str, tuple[bool, bool]] = {
    "exact": (True, True),
    "boundary": (True, False),
    "label": (False, True),
    "overlap": (False, False),
}
"""Whether boundaries must be equal (else it is enough to touch), and whether labels must be."""
_NOTHING = "Neither marked a span"


def span_f1(a: Spans, b: Spans, *, how: How = "exact", items: Sides | None = None) -> Match:
    """Return the F1 of two sets of spans, each matched at most once.

    Precision is the share of `b`'s spans that are matched, recall the share of `a`'s.

    Parameters
    ----------
    a, b
        Spans (start, end, label), end excluded; or an array (n, 3) of whole numbers with labels as numbers.
    how
        What two spans need to match. 'exact': start, end and label are equal; 'boundary': start and end are; 'label':
        they share at least one position, and the label; 'overlap': they share at least one position. Where spans need
        only touch, the pairing has as many pairs as can be, and of those the largest shares.
    items
        The item of each span of `a` and of each of `b`, to compare many texts at once.

    Raises
    ------
    BadVotes
        A span ends before it starts, `how` is none of the four, or the items are not as many as the spans.

    Examples
    --------
    >>> span_f1([(0, 4, "PER"), (9, 12, "LOC")], [(0, 4, "PER")]).value
    0.6666666666666666
    >>> span_f1([(0, 4, "PER"), (9, 12, "LOC")], [(0, 3, "PER"), (9, 12, "ORG")], how="overlap").value
    1.0

    References
    ----------
    Tjong Kim Sang and De Meulder (2003), CoNLL, for 'exact'; Segura-Bedmar et al. (2013), SemEval, for the others.
    """
    if how not in _HOW:
        raise BadVotes(f"how={how!r}: one of {', '.join(map(repr, _HOW))} would be right.")
    same_boundary, same_label = _HOW[how]
    first, second = _table(a), _table(b)
    group = _groups(first, second, items, same_label=same_label)
    if same_boundary:
        pairs = _equal(first[0], second[0], group)
        return counted(pairs, np.ones(len(pairs)), len(first[0]), len(second[0]), _NOTHING)
    allowed = _touching(first[0], second[0], group)
    return match_of(allowed, len(first[0]), len(second[0]), nothing=_NOTHING)


def _table(spans: Spans) -> tuple[Index, list[Any] | NDArray[Any]]:
    """Return starts and ends (n, 2), and labels."""
    labels: list[Any] | NDArray[Any]
    if isinstance(spans, np.ndarray):
        if spans.size and (spans.ndim != 2 or spans.shape[1] != 3 or spans.dtype.kind not in "iu"):
            raise BadVotes(
                f"Spans as an array need the shape (n, 3) and whole numbers, not {spans.shape} {spans.dtype}."
            )
        table = spans.reshape(-1, 3).astype(np.int64, copy=False)
        limits, labels = table[:, :2], table[:, 2]
    else:
        listed = list(spans)
        limits = np.array([span[:2] for span in listed], dtype=np.int64).reshape(-1, 2)
        labels = [span[2] for span in listed]
    if (limits[:, 0] > limits[:, 1]).any():
        place = int(np.flatnonzero(limits[:, 0] > limits[:, 1])[0])
        raise BadVotes(f"Span {place} runs from {limits[place, 0]} to {limits[place, 1]}: its end may not come first.")
    return limits, labels


def _groups(
    first: tuple[Index, Any], second: tuple[Index, Any], items: Sides | None, *, same_label: bool
) -> tuple[Index, Index]:
    """Return a number per span; only spans of the same number may match: of one item, and of one label if asked."""
    n_first = len(first[0])
    group = np.concatenate(codes(items, "item", n_first, len(second[0])))
    if same_label:
        label = np.concatenate(codes_of(first[1], second[1]))
        group = group * (int(label.max(initial=0)) + 1) + label
    return group[:n_first], group[n_first:]


def _equal(first: Index, second: Index, group: tuple[Index, Index]) -> Index:
    """Return the pairs of equal spans: of several that are equal, the first with the first, and so on."""
    both = np.column_stack([np.concatenate(group), np.concatenate([first, second])])
    _, key = np.unique(both, axis=0, return_inverse=True)
    key = key.reshape(-1)
    side = len(first)
    repeats_first, repeats_second = _repeats(key[:side]), _repeats(key[side:])
    wide = np.int64(len(both) + 1)
    _, one, two = np.intersect1d(
        key[:side] * wide + repeats_first, key[side:] * wide + repeats_second, assume_unique=True, return_indices=True
    )
    return np.stack([one, two], axis=1)


def _repeats(key: Index) -> Index:
    """Return how many equal keys come before each."""
    order = np.argsort(key, kind="stable")
    opens = np.ones(len(key), dtype=bool)
    opens[1:] = key[order][1:] != key[order][:-1]
    begin = np.flatnonzero(opens)
    place = np.arange(len(key)) - np.repeat(begin, np.diff(np.append(begin, len(key))))
    found = np.empty(len(key), dtype=np.int64)
    found[order] = place
    return found


def _touching(first: Index, second: Index, group: tuple[Index, Index]) -> Allowed:
    """Return the pairs of spans that share a position, and the share of their union that is."""
    found: list[tuple[Index, Index]] = list(
        pairs_between(group[0], first[:, 0], first[:, 1], group[1], second[:, 0], second[:, 1])
    )
    none = np.empty(0, dtype=np.int64)
    one = np.concatenate([none, *(pair[0] for pair in found)])
    two = np.concatenate([none, *(pair[1] for pair in found)])
    shared = np.minimum(first[one, 1], second[two, 1]) - np.maximum(first[one, 0], second[two, 0])
    union = (first[one, 1] - first[one, 0]) + (second[two, 1] - second[two, 0]) - shared
    return one, two, shared / np.maximum(union, 1)
