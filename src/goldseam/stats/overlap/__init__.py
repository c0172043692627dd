"""Overlap: boxes, polygons, masks and spans made comparable.

In: boxes as arrays; polygons as rings of vertices; masks as boolean arrays or runs; spans as (start, end, label).
Out: intersections over union of all pairs, and `Match`, how well two sets match. Never: a guess at what one annotator
meant; that is `truth`.
"""

from goldseam.stats.overlap.masks import mask_iou
from goldseam.stats.overlap.matching import Match, match
from goldseam.stats.overlap.polygons import polygon_iou
from goldseam.stats.overlap.rectangles import dice, generalized_iou, iou, paired_iou
from goldseam.stats.overlap.spans import span_f1
from goldseam.stats.runs import Runs

__all__ = [
    "Match", "Runs", "dice", "generalized_iou", "iou", "mask_iou", "match", "paired_iou", "polygon_iou", "span_f1",
]  # fmt: skip
