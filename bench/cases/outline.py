"""The object within a box: how long a person waits for it, and what is lost by looking at a smaller picture.

In: the two photographs that scikit-learn brings, four boxes drawn by hand around things of different looks. Out: processor
seconds of a box from the file's bytes to the mask, and the intersection over union with the mask found at full size.
Never: how large a mask is alone; two masks of one area may lie in different places.
"""

from __future__ import annotations

import time
from functools import cache, partial
from io import BytesIO
from typing import TYPE_CHECKING

from bench.case import Case, NotHere

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from goldseam.edge.runner.outlining import Box

BOXES: tuple[tuple[str, Box], ...] = (
    ("flower.jpg", (165, 80, 450, 358)),  # orange before dark green, sharp
    ("flower.jpg", (285, 372, 470, 427)),  # the same, cut by the edge of the picture
    ("china.jpg", (60, 25, 380, 427)),  # many colors, fine roofs, trees before it
    ("china.jpg", (545, 130, 640, 427)),  # a tree: no edge that anybody would draw alike
)
SIZE = (640, 427)
WHOLE = SIZE[0]
"""Looked at with so many pixels, nothing is shrunk."""


@cache
def photograph(name: str) -> bytes:
    """Return a photograph as a PNG file."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    file = BytesIO()
    Image.fromarray(load_sample_image(name)).save(file, "PNG")
    return file.getvalue()


def masks(side: int) -> tuple[list[NDArray[np.bool_]], float]:
    """Return the masks of all boxes, looked at with so many pixels, and processor seconds of one."""
    from goldseam.edge.runner.outlining import mask_within
    from goldseam.vocab.errors import MissingExtra

    pictures = [(photograph(name), box) for name, box in BOXES]
    try:
        mask_within(photograph(BOXES[1][0]), SIZE, BOXES[1][1], side)  # the library loads with the first box
    except MissingExtra as missing:
        raise NotHere(str(missing)) from missing
    begin = time.process_time()
    found = [mask_within(data, SIZE, box, side) for data, box in pictures]
    return found, (time.process_time() - begin) / len(found)


def seconds(side: int) -> float:
    """Ours: a box, the mean of four."""
    return masks(side)[1]


def same(side: int) -> float:
    """Ours: IoU of the masks at this size with those at full size, the least of four."""
    return min(float((a & b).sum() / (a | b).sum()) for a, b in zip(masks(side)[0], masks(WHOLE)[0], strict=True))


def _pair(side: int, name: str, limit: float | None, least: float | None) -> tuple[Case, Case]:
    work = f"the object within a box on a photograph, looked at with {side} pixels"
    return (
        Case(f"outline{name}", f"{work}: processor time, mean of four", "s", partial(seconds, side), limit=limit),
        Case(
            f"outline_same{name}", f"{work}: IoU with the mask at full size, least of four", "IoU", partial(same, side),
            limit=least, more_is_better=True,
        ),
    )  # fmt: skip


CASES = (
    *_pair(320, "", 0.5, 0.95),
    *_pair(480, "_480", None, None),
    *_pair(WHOLE, "_whole", None, None)[:1],
)
