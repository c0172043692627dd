"""Fusion: one box out of several, each side by those who draw it precisely.

In: boxes in clusters, who drew them, how probably each cluster is real. Out: fused boxes, and each annotator's error.
Never: a mean that one careless box could move.

Each side of a fused box is the weighted median of its members' sides, with weights 1 / error**2; an annotator's error is
the mean distance of their sides from the fused ones, as a share of the fused box's width or height. Both are repeated
until they settle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldseam.stats._neighbors import Index
from goldseam.stats.truth.record import Array

_ROUNDS = 20
_SETTLED = 1e-3
_POOLED = 3.0
"""Each annotator's error is pooled with the crowd's over so many boxes."""
_LEAST_ERROR = 1e-4
_FIRST_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused boxes (n_clusters, 5), how far their members' sides lie from theirs, and each annotator's error."""

    boxes: Array
    spread: Array
    error: Array


def fused_boxes(boxes: Array, cluster: Index, annotator: Index, real: Array, n_annotators: int) -> Fused:
    """Fuse boxes (n_marks, 5); `real` (n_clusters,) is how much each cluster teaches about its annotators."""
    n_clusters = len(real)
    many = np.bincount(cluster, minlength=n_clusters)
    error = np.full(n_annotators, _FIRST_ERROR)
    teaches = np.where(many > 1, real, 0.0)[cluster]
    for _ in range(_ROUNDS):
        weight = error[annotator] ** -2.0
        turn, sides = _in_one_frame(boxes, cluster, weight, n_clusters)
        middle = medians(sides, weight, cluster, n_clusters)
        off = _distance(sides, middle, cluster)
        share = weight / np.bincount(cluster, weights=weight, minlength=n_clusters)[cluster]
        pulled = teaches * np.sqrt(1 - share)  # a box draws the middle towards itself: it seems nearer than it is
        total, held = float((teaches * off).sum()), float(pulled.sum())
        crowd = total / held if held > 0 else _FIRST_ERROR
        summed = np.bincount(annotator, weights=teaches * off, minlength=n_annotators) + _POOLED * crowd
        counted = np.bincount(annotator, weights=pulled, minlength=n_annotators) + _POOLED
        before, error = error, np.maximum(summed / counted, _LEAST_ERROR)
        if np.abs(error - before).max(initial=0.0) <= _SETTLED * crowd:
            break
    mean_off = np.bincount(cluster, weights=off * share, minlength=n_clusters)
    return Fused(_boxes(middle, turn), np.where(many > 1, mean_off, 0.0), error)


def medians(values: Array, weight: Array, group: Index, n_groups: int) -> Array:
    """Return the weighted median of each column of `values` (n, k) in each group: (n_groups, k).

    It is the point that halves the weight, with each entry's weight spread evenly around it, so that of two entries
    it is their weighted mean.
    """
    found = np.empty((n_groups, values.shape[1]))
    begin = np.searchsorted(np.sort(group), np.arange(n_groups))
    for column in range(values.shape[1]):
        order = np.lexsort((values[:, column], group))
        value, held, owner = values[order, column], weight[order], group[order]
        reach = np.cumsum(held)
        before = (reach - held)[begin]
        half = np.bincount(owner, weights=held, minlength=n_groups) / 2
        middle = reach - held / 2 - before[owner]
        place = begin + np.bincount(owner[middle < half[owner]], minlength=n_groups)
        place = np.minimum(place, np.append(begin[1:], len(value)) - 1)
        last = np.maximum(place - 1, begin)
        gap = middle[place] - middle[last]
        along = np.where(gap > 0, (half - middle[last]) / np.where(gap > 0, gap, 1.0), 0.0)
        found[:, column] = value[last] + np.clip(along, 0.0, 1.0) * (value[place] - value[last])
    return found


def _in_one_frame(boxes: Array, cluster: Index, weight: Array, n_clusters: int) -> tuple[Array, Array]:
    """Return the turn of each cluster, and each box's left, top, right, bottom and own turn as seen after that turn.

    The heaviest box gives the turn. Others are the same rectangle when turned by a quarter with their sides exchanged.
    """
    heavy = np.full(n_clusters, -1.0)
    np.maximum.at(heavy, cluster, weight)
    lead = np.full(n_clusters, len(boxes))
    leads = np.flatnonzero(weight == heavy[cluster])
    np.minimum.at(lead, cluster[leads], leads)
    if not boxes[:, 4].any():
        ends = boxes[:, :2] + boxes[:, 2:4]
        return np.zeros(n_clusters), np.column_stack([boxes[:, :2], ends, np.zeros(len(boxes))])
    turn = boxes[lead, 4]
    quarters = np.round((boxes[:, 4] - turn[cluster]) / 90.0)
    own = boxes[:, 4] - turn[cluster] - 90.0 * quarters
    size = np.where((quarters % 2 == 1)[:, None], boxes[:, 3:1:-1], boxes[:, 2:4])
    along, down = _axes(boxes[:, 4])
    center = boxes[:, :2] + along * boxes[:, 2:3] / 2 + down * boxes[:, 3:4] / 2
    along, down = _axes(turn[cluster])
    seen = np.stack([(center * along).sum(axis=1), (center * down).sum(axis=1)], axis=1)
    return turn, np.column_stack([seen - size / 2, seen + size / 2, own])


def _boxes(middle: Array, turn: Array) -> Array:
    """Return boxes (n, 5) of left, top, right, bottom and own turn, seen after a turn."""
    size = middle[:, 2:4] - middle[:, :2]
    if not turn.any() and not middle[:, 4].any():
        return np.column_stack([middle[:, :2], size, turn])
    along, down = _axes(turn)
    seen = (middle[:, :2] + middle[:, 2:4]) / 2
    center = seen[:, :1] * along + seen[:, 1:] * down
    rotation = turn + middle[:, 4]
    along, down = _axes(rotation)
    corner = center - along * size[:, :1] / 2 - down * size[:, 1:] / 2
    return np.column_stack([corner, size, rotation])


def _axes(rotation: Array) -> tuple[Array, Array]:
    angle = np.deg2rad(rotation)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return along, np.stack([-along[:, 1], along[:, 0]], axis=1)


def _distance(sides: Array, middle: Array, cluster: Index) -> Array:
    """Return the mean distance of each box's sides from its fused box, in widths and heights of that, at most 1."""
    size = np.tile(middle[:, 2:4] - middle[:, :2], 2)[cluster]
    off = np.abs(sides[:, :4] - middle[cluster, :4])
    ratio = np.divide(off, size, out=(off > 0).astype(np.float64), where=size > 0)
    return np.asarray(np.minimum(ratio, 1.0).mean(axis=1))
