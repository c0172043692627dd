"""Outline: the object that somebody drew a box around, told apart from what surrounds it.

In: the colors around a box. Out: a mask. Never: a mask beyond the box, or chance: equal pictures give equal masks.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

ROUNDS = 5
"""How often colors are learned and pixels parted anew; more changes little."""
CRUMB = 0.05
"""Pieces smaller than this share of the largest are crumbs, not parts of the object."""
SEED = 1


def object_within(colors: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Return the pixels of the object that a box holds, by GrabCut.

    Parameters
    ----------
    colors : (height, width, 3) uint8
        The box and what surrounds it: what lies outside the box is taken as background, and its colors are learned from.
    box : left, top, right, bottom
        In pixels of `colors`; the last two are beyond the box.

    Returns
    -------
    (height, width) bool
        False outside the box. Where the box leaves no surroundings to learn from, all of it.

    References
    ----------
    Rother, Kolmogorov & Blake 2004, "GrabCut": interactive foreground extraction using iterated graph cuts.
    """
    left, top, right, bottom = box
    height, width = colors.shape[:2]
    inside = np.zeros((height, width), np.bool_)
    inside[top:bottom, left:right] = True
    if inside.all() or right - left < 2 or bottom - top < 2 or _is_plain(colors):
        return inside
    marks = np.where(inside, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    cv2.setRNGSeed(SEED)
    back, front = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    rect = (left, top, right - left, bottom - top)
    cv2.grabCut(colors, marks, rect, back, front, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _without_crumbs((marks == cv2.GC_PR_FGD) & inside)


def enlarged(mask: NDArray[np.bool_], width: int, height: int) -> NDArray[np.bool_]:
    """Return the mask at another size, its edge where half of a pixel is covered."""
    grown = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown >= 0.5)


def _is_plain(colors: NDArray[np.uint8]) -> bool:
    flat = colors.reshape(-1, 3)
    return bool((flat == flat[0]).all())


def _without_crumbs(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    _, places, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    sizes = facts[:, cv2.CC_STAT_AREA].astype(np.int64)
    sizes[0] = 0
    keep = sizes >= max(1.0, CRUMB * sizes.max(initial=0))
    keep[0] = False
    return np.asarray(keep[places])
