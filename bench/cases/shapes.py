"""Fused boxes, spans, masks and texts, and matching: how quick, against the libraries that people use for them.

In: crowds drawn from stated seeds. Out: seconds of wall time, from raw arrays to result on both sides.
Never: preparation that one side gets for free.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_OBJECTS, N_ANNOTATORS, REDUNDANCY, PER_ITEM = 25_000, 500, 5, 8
N_MATCHED = 5_000
N_MASKED, SIDE = 200, 256
N_TEXTS = 2_000


def marks() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], np.random.Generator]:
    """Return item, annotator and object of about 100,000 marks: five annotators of each item, who see 85 % of its objects."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    items = N_OBJECTS // PER_ITEM
    step = N_ANNOTATORS // REDUNDANCY
    who = rng.integers(0, step, (items, REDUNDANCY)) + np.arange(REDUNDANCY) * step
    thing = np.repeat(np.arange(items * PER_ITEM), REDUNDANCY)
    seen = rng.random(len(thing)) < 0.85
    return (thing // PER_ITEM)[seen], np.repeat(who, PER_ITEM, axis=0).ravel()[seen], thing[seen], rng


def boxes() -> float:
    """Ours: boxes."""
    import numpy as np

    from goldseam.stats import truth

    item, annotator, thing, rng = marks()
    true = np.column_stack([rng.uniform(0, 900, (N_OBJECTS, 2)), rng.uniform(20, 90, (N_OBJECTS, 2))])
    drawn = true[thing] * (1 + rng.normal(0, 0.02, (len(thing), 4)))
    begin = time.perf_counter()
    truth.boxes(item, annotator, drawn)
    return time.perf_counter() - begin


def spans() -> float:
    """Ours: spans."""
    from goldseam.stats import truth

    item, annotator, thing, rng = marks()
    true, length, label = rng.integers(0, 400, N_OBJECTS), rng.integers(1, 20, N_OBJECTS), rng.integers(0, 4, N_OBJECTS)
    start = true[thing] + (rng.random(len(thing)) < 0.1)
    begin = time.perf_counter()
    truth.spans(item, annotator, start, start + length[thing], label[thing])
    return time.perf_counter() - begin


def masked() -> tuple[list[int], list[int], Any]:
    """Return item, annotator and mask: disks that five annotators draw a little beside the true one."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    down, along = np.mgrid[:SIDE, :SIDE]
    middle = np.repeat(rng.uniform(80, 176, (N_MASKED, 2)), REDUNDANCY, axis=0) + rng.normal(
        0, 3, (N_MASKED * REDUNDANCY, 2)
    )
    drawn = np.stack([(along - x) ** 2 + (down - y) ** 2 < 40**2 for x, y in middle])
    each = np.arange(N_MASKED * REDUNDANCY)
    return (each // REDUNDANCY).tolist(), (each % REDUNDANCY).tolist(), drawn


def masks() -> float:
    """Ours: masks."""
    from goldseam.stats import truth

    data = masked()
    begin = time.perf_counter()
    truth.masks(*data)
    return time.perf_counter() - begin


def masks_peer() -> float:
    """crowd-kit: masks by EM."""
    import pandas as pd
    from crowdkit.aggregation import SegmentationEM

    item, annotator, drawn = masked()
    frame = pd.DataFrame({"task": item, "worker": annotator, "segmentation": list(drawn)})
    begin = time.perf_counter()
    SegmentationEM().fit_predict(frame)
    return time.perf_counter() - begin


def texts() -> float:
    """Ours: texts merged word by word."""
    from bench.shapes_accuracy import texts_given
    from goldseam.stats import truth

    item, annotator, given, _ = texts_given(REDUNDANCY, N_TEXTS)
    begin = time.perf_counter()
    truth.texts(item, annotator, given, how="merge")
    return time.perf_counter() - begin


def texts_peer() -> float:
    """crowd-kit: texts merged word by word (ROVER)."""
    import pandas as pd
    from crowdkit.aggregation import ROVER

    from bench.shapes_accuracy import texts_given

    item, annotator, given, _ = texts_given(REDUNDANCY, N_TEXTS)
    frame = pd.DataFrame({"task": item, "worker": annotator, "text": given})
    begin = time.perf_counter()
    ROVER(lambda text: text.split(" "), " ".join).fit_predict(frame)
    return time.perf_counter() - begin


def pairs() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return boxes of one large image, and the same boxes drawn again in another order."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    first = np.column_stack([rng.uniform(0, 2000, (N_MATCHED, 2)), rng.uniform(10, 50, (N_MATCHED, 2))])
    second = first.copy()
    second[:, :2] += rng.normal(0, 3, (N_MATCHED, 2))
    return first, second[rng.permutation(N_MATCHED)]


def match() -> float:
    """Ours: matching."""
    from goldseam.stats import overlap

    first, second = pairs()
    begin = time.perf_counter()
    overlap.match(first, second)
    return time.perf_counter() - begin


def match_peer() -> float:
    """The table of all pairs, and scipy's assignment over it."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    first, second = pairs()
    begin = time.perf_counter()
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum((first[:, :2] + first[:, 2:])[:, None], (second[:, :2] + second[:, 2:])[None])
    shared = np.maximum(high - low, 0).prod(axis=2)
    union = first[:, 2:].prod(axis=1)[:, None] + second[:, 2:].prod(axis=1)[None] - shared
    iou = shared / union
    linear_sum_assignment(np.where(iou >= 0.5, 1 + iou, 0.0), maximize=True)
    return time.perf_counter() - begin


CASES = (
    Case("boxes_100k", "100,000 boxes of 500 annotators fused", "s", boxes, limit=3.0),
    Case("spans_100k", "100,000 spans of 500 annotators fused", "s", spans, limit=2.0),
    Case(
        "masks_1k", "1,000 masks of 256 x 256 pixels fused", "s",
        masks, masks_peer, "crowd-kit", least_ratio=100,
    ),
    Case(
        "texts_10k", "10,000 texts merged word by word", "s",
        texts, texts_peer, "crowd-kit", least_ratio=10,
    ),
    Case(
        "match_5k", "5,000 boxes of one image matched with 5,000", "s",
        match, match_peer, "numpy and scipy", least_ratio=10,
    ),
)  # fmt: skip
