"""Masks: what share of their union two of them have in common.

In: boolean arrays, or `Runs`. Out: one number per pair of masks. Never: run lengths spread out into pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._areas import Array
from goldseam.stats._names import BadVotes
from goldseam.stats.runs import Runs, shared_pixels

Masks = Runs | NDArray[Any] | Sequence[ArrayLike]


def mask_iou(a: Masks, b: Masks) -> Array:
    """Return the intersection over union of each mask of `a` with each of `b`: an array (n_a, n_b).

    Masks are boolean arrays (n, height, width), or `Runs`. Two masks without a pixel have 0.

    Raises
    ------
    BadVotes
        The masks are of images of different sizes.

    Examples
    --------
    >>> mask_iou(Runs.from_counts([[0, 4, 4]]), Runs.from_counts([[2, 4, 2]])).round(3).tolist()
    [[0.333]]
    """
    first, second = (masks if isinstance(masks, Runs) else Runs.from_masks(masks) for masks in (a, b))
    sizes = np.union1d(first.size, second.size)
    if len(sizes) > 1:
        raise BadVotes(f"Masks that are compared need one size; these have {sizes[0]} and {sizes[-1]} pixels.")
    shared = shared_pixels(first, second).astype(np.float64)
    union = first.areas()[:, None] + second.areas()[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
