"""Boxes, upright or turned: what share of their union two of them have in common.

In: boxes (n, 4): x, y, width, height, or (n, 5) with a rotation. Out: one number per pair of boxes.
Never: a pair that cannot touch, worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats._areas import Array, boxes_of, iou_of_pairs, limits
from goldseam.stats._names import BadVotes


def iou(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the intersection over union of each box of `a` with each of `b`: an array (n_a, n_b).

    A box is x, y (upper left corner), width, height and, if there is a fifth column, a rotation: degrees by which it is
    turned clockwise about that corner, with y pointing down (the way of `vocab.answers.Box` and of Label Studio). Two
    boxes without area have 0.

    Raises
    ------
    BadVotes
        Not boxes: another shape, a number that is not finite, a negative width or height.

    Examples
    --------
    >>> iou([[0, 0, 2, 2]], [[1, 0, 2, 2]]).round(3).tolist()
    [[0.333]]
    >>> iou([[0, 0, 2, 2]], [[2, 0, 2, 2, 90]]).round(3).tolist()
    [[1.0]]
    """
    first, second = boxes_of(a), boxes_of(b)
    if not first[:, 4].any() and not second[:, 4].any():
        shared = _upright_shares(first, second)
        union = _areas(first)[:, None] + _areas(second)[None, :] - shared
        return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
    found = np.zeros((len(first), len(second)))
    row, column = np.nonzero(_upright_shares(_hulls(first), _hulls(second)) > 0)
    found[row, column] = iou_of_pairs(first[row], second[column])
    return found


def paired_iou(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the intersection over union of the first box of `a` with the first of `b`, and so on: an array (n,).

    Examples
    --------
    >>> paired_iou([[0, 0, 2, 2], [0, 0, 1, 1]], [[1, 0, 2, 2], [5, 5, 1, 1]]).round(3).tolist()
    [0.333, 0.0]
    """
    first, second = boxes_of(a), boxes_of(b)
    if len(first) != len(second):
        raise BadVotes(f"Boxes in pairs need two arrays of one length; these have {len(first)} and {len(second)}.")
    return iou_of_pairs(first, second)


def generalized_iou(a: ArrayLike, b: ArrayLike) -> Array:
    """Return the generalized intersection over union of all pairs of upright boxes: (n_a, n_b), from -1 to 1.

    It is the IoU less the share of the smallest box around both that neither of them covers, so that boxes which miss
    each other by more have less. Without any area it is 0.

    References
    ----------
    Rezatofighi et al. (2019), CVPR.
    """
    first, second = boxes_of(a), boxes_of(b)
    if first[:, 4].any() or second[:, 4].any():
        raise BadVotes("The generalized IoU is for upright boxes; a rotation of 0, or none, would be right.")
    shared = _upright_shares(first, second)
    union = _areas(first)[:, None] + _areas(second)[None, :] - shared
    around = np.ones_like(shared)
    for axis in (0, 1):
        low = np.minimum(first[:, None, axis], second[None, :, axis])
        ends = first[:, axis] + first[:, axis + 2], second[:, axis] + second[:, axis + 2]
        around *= np.maximum(ends[0][:, None], ends[1][None, :]) - low
    plain = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    empty = np.divide(around - union, around, out=np.zeros_like(shared), where=around > 0)
    return np.asarray(plain - empty)


def dice(a: Any, b: Any, *, by: Callable[[Any, Any], Array] = iou) -> Array:  # noqa: ANN401 - what `by` takes
    """Return Dice's coefficient of all pairs, twice the shared area over the sum of both: 2 J / (1 + J) of the IoU J.

    `by` is what says the IoU of such shapes: `iou`, `mask_iou`, `polygon_iou`, `paired_iou`.

    References
    ----------
    Dice (1945), Ecology 26.
    """
    shared = by(a, b)
    return np.asarray(2 * shared / (1 + shared))


def _areas(boxes: Array) -> Array:
    return np.asarray(boxes[:, 2] * boxes[:, 3])


def _hulls(boxes: Array) -> Array:
    """Return the upright boxes around boxes."""
    low, high = limits(boxes)
    return np.column_stack([low, high - low, np.zeros(len(boxes))])


def _upright_shares(first: Array, second: Array) -> Array:
    """Return the area that upright boxes share, (n_a, n_b)."""
    shared = np.ones((len(first), len(second)))
    for axis in (0, 1):
        low = np.maximum(first[:, None, axis], second[None, :, axis])
        ends = first[:, axis] + first[:, axis + 2], second[:, axis] + second[:, axis + 2]
        length = np.minimum(ends[0][:, None], ends[1][None, :])
        length -= low
        shared *= np.maximum(length, 0.0, out=length)
    return shared
