"""Matching: which box of one set is which of the other, and how well the sets match.

In: two sets of boxes (or of other shapes), their items and labels. Out: `Match`.
Never: a greedy choice; the pairing has as many pairs as can be, and of those the largest IoU in sum.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats._areas import Array, boxes_of, iou_of_pairs, limits
from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, pairs_between
from goldseam.stats.overlap._assignment import best_pairs
from goldseam.stats.overlap.rectangles import iou

Sides = tuple[Iterable[Any], Iterable[Any]]
Allowed = tuple[Index, Index, Array]
"""Pairs (place in a, place in b) and their IoU."""


def _no_pairs() -> Index:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """How well two sets match.

    `value` is F1, None where it is undefined, with the reason; so are `precision` where the second set is empty and
    `recall` where the first is. `pairs` (n_matched, 2) holds the places of what was matched, and `mean_iou` the mean
    IoU of these pairs, None without any.
    """

    value: float | None
    reason: str
    precision: float | None
    recall: float | None
    n_first: int
    n_second: int
    n_matched: int
    pairs: Index = field(default_factory=_no_pairs)
    mean_iou: float | None = None


def match(
    a: Any,  # noqa: ANN401 - boxes, or what `by` takes
    b: Any,  # noqa: ANN401 - the same
    *,
    iou_at: float = 0.5,
    items: Sides | None = None,
    labels: Sides | None = None,
    by: Callable[[Any, Any], Array] = iou,
) -> Match:
    """Match two sets of boxes one to one: pairs have an IoU of at least `iou_at`.

    Of all pairings it takes one with as many pairs as can be, and of those one with the largest IoU in sum. `a` is what
    `b` is held against: recall is the share of `a` that is matched, precision the share of `b`.

    Parameters
    ----------
    a, b
        Boxes (n, 4) or (n, 5) as `iou` takes them.
    iou_at
        From which IoU two boxes may be the same; above 0, at most 1.
    items
        The item of each box of `a` and of each of `b`: only boxes of the same item are matched. Many items at once are
        as quick as one.
    labels
        The label of each box of `a` and of `b`: only boxes of the same label are matched.
    by
        What says the IoU of all pairs where these are not boxes: `polygon_iou`, `mask_iou`.

    Raises
    ------
    BadVotes
        The shapes are none, or the items or labels are not as many as these.

    Examples
    --------
    >>> found = match([[0, 0, 2, 2], [5, 5, 2, 2]], [[5, 5, 2, 2], [0, 0, 2, 3], [9, 9, 1, 1]])
    >>> found.pairs.tolist(), round(found.value, 3), round(found.mean_iou, 3)
    ([[0, 1], [1, 0]], 0.8, 0.833)

    References
    ----------
    Kuhn (1955), Naval Research Logistics Quarterly 2; Everingham et al. (2010), IJCV 88, for the IoU as a threshold.
    """
    if not 0 < iou_at <= 1:
        raise BadVotes(f"iou_at={iou_at}: a number above 0, at most 1, would be right.")
    if by is not iou:
        shared = np.asarray(by(a, b))
        n_first, n_second = shared.shape
        first, second = np.nonzero(shared >= iou_at)
        allowed = (first, second, shared[first, second])
        item_a, item_b = codes(items, "item", n_first, n_second)
        allowed = _where(allowed, item_a[first] == item_b[second])
    else:
        boxes_a, boxes_b = boxes_of(a), boxes_of(b)
        n_first, n_second = len(boxes_a), len(boxes_b)
        allowed = _close_boxes(boxes_a, boxes_b, codes(items, "item", n_first, n_second), iou_at)
    label_a, label_b = codes(labels, "label", n_first, n_second)
    allowed = _where(allowed, label_a[allowed[0]] == label_b[allowed[1]])
    return match_of(allowed, n_first, n_second)


def match_of(allowed: Allowed, n_first: int, n_second: int, *, nothing: str = "Neither set has anything") -> Match:
    """Return the match of two sets, of which these pairs are allowed."""
    first, second, shared = allowed
    taken = best_pairs(first, second, shared, n_first, n_second)
    pairs = np.stack([first[taken], second[taken]], axis=1)
    return counted(pairs, shared[taken], n_first, n_second, nothing)


def counted(pairs: Index, shared: Array, n_first: int, n_second: int, nothing: str) -> Match:
    """Return the record of the pairs that were matched."""
    n_matched = len(pairs)
    if n_first + n_second == 0:
        return Match(None, f"{nothing}, so there is nothing to compare.", None, None, 0, 0, 0)
    return Match(
        value=2 * n_matched / (n_first + n_second),
        reason="",
        precision=n_matched / n_second if n_second else None,
        recall=n_matched / n_first if n_first else None,
        n_first=n_first,
        n_second=n_second,
        n_matched=n_matched,
        pairs=pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))],
        mean_iou=float(shared.mean()) if n_matched else None,
    )


def _close_boxes(a: Array, b: Array, items: tuple[Index, Index], iou_at: float) -> Allowed:
    """Return the pairs of boxes of the same item that share enough."""
    found: list[Allowed] = []
    for first, second in pairs_between(items[0], *limits(a), items[1], *limits(b)):
        shared = iou_of_pairs(a[first], b[second])
        found.append(_where((first, second, shared), shared >= iou_at))
    none = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([none, *(one[0] for one in found)]),
        np.concatenate([none, *(one[1] for one in found)]),
        np.concatenate([np.empty(0), *(one[2] for one in found)]),
    )


def _where(allowed: Allowed, kept: NDArray[np.bool_]) -> Allowed:
    return allowed[0][kept], allowed[1][kept], allowed[2][kept]


def codes(sides: Sides | None, what: str, n_first: int, n_second: int) -> tuple[Index, Index]:
    """Return the names of both sides as whole numbers, the same for the same name; 0 where there are none."""
    if sides is None:
        return np.zeros(n_first, dtype=np.int64), np.zeros(n_second, dtype=np.int64)
    listed = [side if isinstance(side, np.ndarray) else list(side) for side in sides]
    if [len(one) for one in listed] != [n_first, n_second]:
        raise BadVotes(
            f"{what}s=(of a, of b) needs one {what} for each: {n_first} and {n_second}, not {[*map(len, listed)]}."
        )
    return codes_of(listed[0], listed[1])


def codes_of(first: Sequence[Any] | NDArray[Any], second: Sequence[Any] | NDArray[Any]) -> tuple[Index, Index]:
    """Return names as whole numbers, the same for the same name; None is a name too."""
    if all(isinstance(side, np.ndarray) and side.dtype.kind in "iu" for side in (first, second)):
        both = np.unique(np.concatenate([first, second]), return_inverse=True)[1].reshape(-1)
        return both[: len(first)], both[len(first) :]
    seen: dict[Hashable, int] = {}
    codes = [
        np.array([seen.setdefault(name, len(seen)) for name in _listed(side)], dtype=np.int64)
        for side in (first, second)
    ]
    return codes[0], codes[1]


def _listed(names: Sequence[Any] | NDArray[Any]) -> Sequence[Any]:
    return names.tolist() if isinstance(names, np.ndarray) else names
