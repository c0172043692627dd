"""Overlap: boxes and spans made comparable.

In: boxes as arrays of x, y, width, height; spans as (start, end, label). Out: intersection over union, F1.
Never: rotated shapes (yet).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats.votes import BadVotes

SpanKey = tuple[int, int, Hashable]


@dataclass(frozen=True, slots=True)
class Match:
    """How well two sets match: F1 with its parts; `value` is None where undefined, with the reason."""

    value: float | None
    reason: str
    precision: float
    recall: float
    n_first: int
    n_second: int
    n_matched: int


def iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return the intersection over union of each box of `a` with each of `b`: an array (n_a, n_b).

    A box is x, y (upper left), width, height, without rotation. Two boxes without area have 0.

    Examples
    --------
    >>> iou([[0, 0, 2, 2]], [[1, 0, 2, 2]]).round(3).tolist()
    [[0.333]]
    """
    first, second = _boxes(a)[:, None, :], _boxes(b)[None, :, :]
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    shared = np.maximum(high - low, 0.0).prod(axis=-1)
    union = first[..., 2:].prod(axis=-1) + second[..., 2:].prod(axis=-1) - shared
    return np.asarray(shared / np.where(union > 0, union, 1.0))


def span_f1(a: Iterable[SpanKey], b: Iterable[SpanKey]) -> Match:
    """Return the F1 of two annotators' spans, which match when start, end and label are equal.

    Precision is the share of `b`'s spans that are among `a`'s, recall the share of `a`'s that are among `b`'s.

    Examples
    --------
    >>> span_f1([(0, 4, "PER"), (9, 12, "LOC")], [(0, 4, "PER")]).value
    0.6666666666666666
    """
    first, second = Counter(a), Counter(b)
    n_first, n_second = first.total(), second.total()
    matched = (first & second).total()
    precision = matched / n_second if n_second else 0.0
    recall = matched / n_first if n_first else 0.0
    if n_first + n_second == 0:
        return Match(None, "Neither marked a span, so there is nothing to compare.", 0.0, 0.0, 0, 0, 0)
    return Match(2 * matched / (n_first + n_second), "", precision, recall, n_first, n_second, matched)


def _boxes(values: ArrayLike) -> NDArray[np.float64]:
    boxes = np.asarray(values, dtype=np.float64)
    if boxes.size == 0:
        return np.empty((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise BadVotes(f"Boxes need the shape (n, 4): x, y, width, height; these have {boxes.shape}.")
    if (boxes[:, 2:] < 0).any():
        raise BadVotes("A box has a negative width or height.")
    return boxes
