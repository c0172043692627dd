"""Outlining: a box that somebody draws becomes the mask of what it holds.

In: an item's image, a box on it. Out: a mask as COCO writes it. Never: an answer; the person looks at it, changes it, sends it.
"""

from __future__ import annotations

from importlib import import_module
from threading import BoundedSemaphore
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import source
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.formats.images import probe, region
from goldseam.vocab.errors import BadValue, MissingExtra, TooManyCalls
from goldseam.vocab.masks import counts_to_text

SIDE = 320
"""Pixels of the longer side of what is looked at: quick, and finer than a hand draws (`python -m bench outline outline_same`)."""
AROUND = 0.5
"""The surroundings that colors are learned from, as a share of the box on each side."""
LEAST = 8
WAIT_S = 5.0

_turns = BoundedSemaphore(2)
"""Two at once, whoever asks: this is the only thing that a person may have computed while they wait."""

Box = tuple[int, int, int, int]


def outline(world: World, permit: Permit, item: str, box: Box) -> tuple[int, int, str]:
    """Return width and height of the image, and the counts of the mask of what the box (left, top, right, bottom) holds.

    Raises
    ------
    BadValue
        If the box leaves the image or is empty.
    TooManyCalls
        If others are before, for longer than people wait.
    MissingExtra
        If OpenCV is not installed.
    """
    _cut()
    data, _ = source.media(world, permit, item)
    facts = probe(data)
    left, top, right, bottom = box
    if not (0 <= left < right <= facts.width and 0 <= top < bottom <= facts.height):
        raise BadValue(f"The box lies on the image of {facts.width} x {facts.height} pixels, and is not empty.")
    if not _turns.acquire(timeout=WAIT_S):
        raise TooManyCalls("Others have outlines found right now: try again in a moment.")
    try:
        mask = mask_within(data, (facts.width, facts.height), box)
    finally:
        _turns.release()
    return facts.width, facts.height, counts_to_text(_counts(mask))


def mask_within(data: bytes, size: tuple[int, int], box: Box, side: int = SIDE) -> NDArray[np.bool_]:
    """Return the pixels of the image (width, height) that the object within the box covers; `side`: how finely it is looked at.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    cut = _cut()
    width, height = size
    left, top, right, bottom = box
    around = _around(box, width, height)
    whole = np.zeros((height, width), np.bool_)
    whole[around[1] : around[3], around[0] : around[2]] = _found(cut, region(data, around, side), box, around)
    whole[:top], whole[bottom:], whole[:, :left], whole[:, right:] = False, False, False, False
    return whole


def _cut() -> ModuleType:
    try:
        return import_module("goldseam.prelabel.outline")
    except ImportError:
        raise MissingExtra("Outlines from boxes need one more package: pip install 'goldseam[outlines]'.") from None


def _around(box: Box, width: int, height: int) -> Box:
    left, top, right, bottom = box
    across, down = max(LEAST, round(AROUND * (right - left))), max(LEAST, round(AROUND * (bottom - top)))
    return max(0, left - across), max(0, top - down), min(width, right + across), min(height, bottom + down)


def _found(cut: ModuleType, colors: NDArray[np.uint8], box: Box, around: Box) -> NDArray[np.bool_]:
    """Return the mask in pixels of `around`."""
    width, height = around[2] - around[0], around[3] - around[1]
    x, y = colors.shape[1] / width, colors.shape[0] / height
    left, right = round((box[0] - around[0]) * x), round((box[2] - around[0]) * x)
    top, bottom = round((box[1] - around[1]) * y), round((box[3] - around[1]) * y)
    small = cut.object_within(colors, (left, top, max(right, left + 1), max(bottom, top + 1)))
    return np.asarray(cut.enlarged(small, width, height))


def _counts(mask: NDArray[np.bool_]) -> list[int]:
    """Return run lengths down the columns, from the left one on, those outside first."""
    flat = np.concatenate(([False], mask.T.reshape(-1)))
    turns = np.flatnonzero(flat[1:] != flat[:-1])
    counts: list[int] = np.diff(np.concatenate(([0], turns, [mask.size]))).tolist()
    return counts
