"""Masks to pixels and back.

In: masks as answers hold them, pixels or runs as kernels give them. Out: the other. Never: another order of pixels than
COCO's, down the columns, without saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from goldseam.stats.runs import Runs
from goldseam.vocab.answers import LabelName, Mask
from goldseam.vocab.masks import counts_to_text


def pixels_of(mask: Mask) -> NDArray[np.bool_]:
    """Return which pixels belong to a mask: (height, width), rows first, as image libraries take them.

    Examples
    --------
    >>> pixels_of(Mask(2, 2, counts_to_text([1, 2, 1]), LabelName("x"))).tolist()
    [[False, True], [True, False]]
    """
    counts = np.array(mask.runs, dtype=np.int64)
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape(mask.width, mask.height).T


def mask_of_pixels(pixels: NDArray[np.bool_], label: LabelName) -> Mask | None:
    """Return the mask of pixels (height, width); None where no pixel belongs to it."""
    return mask_of_runs(Runs.from_masks(pixels.T[None]), 0, pixels.shape[1], pixels.shape[0], label)


def runs_of(masks: Sequence[Mask]) -> Runs:
    """Return masks as runs, in COCO's order of pixels."""
    return Runs.from_counts([mask.runs for mask in masks])


def corners_of(mask: Mask) -> NDArray[np.float64]:
    """Return the top left and the bottom right corner of the smallest box around a mask's pixels: (2, 2), x and y.

    Examples
    --------
    >>> corners_of(Mask(4, 4, counts_to_text([5, 2, 9]), LabelName("x"))).tolist()
    [[1.0, 1.0], [2.0, 3.0]]
    """
    runs = runs_of([mask])
    left, top = np.divmod(runs.start, mask.height)
    right, bottom = np.divmod(runs.end - 1, mask.height)
    whole = right > left  # a run that goes on in the next column reaches the lower edge, and the upper one after it
    top, bottom = np.where(whole, 0, top), np.where(whole, mask.height - 1, bottom)
    return np.array([[left.min(), top.min()], [right.max() + 1, bottom.max() + 1]], dtype=np.float64)


def mask_of_runs(runs: Runs, place: int, width: int, height: int, label: LabelName) -> Mask | None:
    """Return one mask of runs in COCO's order of pixels; None where no pixel belongs to it."""
    mine = runs.mask == place
    if not mine.any():
        return None
    edges = np.stack([runs.start[mine], runs.end[mine]], axis=1).ravel()
    ends = [0, *edges.tolist(), width * height]
    counts = [after - before for before, after in pairwise(ends)]
    return Mask(width, height, counts_to_text(counts if counts[-1] else counts[:-1]), label)
