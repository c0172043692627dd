"""Fusion: one box out of several, each side by those who draw it precisely.

In: boxes in clusters, who drew them, how probably each cluster is real. Out: fused boxes, and each annotator's error.
Never: a mean that one careless box could move.

Each side of a fused box is the weighted median of its members' sides, with weights 1 / error**2. An annotator's error is
learned from the distance of their sides to the weighted medians of all others' (with their own among them, whoever weighs
most would seem ever more precise), less what those are in error themselves, as a share of the box's width or height.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldseam.stats._neighbors import Index, summed
from goldseam.stats.truth.record import Array

_ROUNDS = 30
_SETTLED = 1e-3
_POOLED = 10.0
"""Each annotator's error is pooled with the crowd's over so many boxes."""
_LEAST_ERROR, _LEAST_SHARE = 1e-4, 0.3
_TINY = 1e-12
_FIRST_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused boxes (n_clusters, 5), how far their members' sides lie from theirs, and each annotator's error."""

    boxes: Array
    spread: Array
    error: Array


def fused_boxes(boxes: Array, cluster: Index, annotator: Index, real: Array, n_annotators: int) -> Fused:
    """Fuse boxes (n_marks, 5); `real` (n_clusters,) is how much each cluster teaches about its annotators."""
    turn, sides, own_turn = _in_one_frame(boxes, cluster, len(real))
    columns = [Sorted(column, cluster, len(real)) for column in sides.T]
    several = np.bincount(cluster, minlength=len(real)) > 1
    teaches = np.where(several, real, 0.0)[cluster]
    error = np.full(n_annotators, _FIRST_ERROR)
    for _ in range(_ROUNDS):
        weight = error[annotator] ** -2.0
        off = _distance(sides, np.stack([column.without(weight) for column in columns], axis=1))
        others = 1 / np.maximum(summed(cluster, weight, len(real))[cluster] - weight, _TINY)
        crowd, settled = _errors(off, annotator, teaches, others, n_annotators)
        before, error = error, (error + settled) / 2  # half a step, or it swings
        if np.abs(error - before).max(initial=0.0) <= _SETTLED * crowd:
            break
    weight = error[annotator] ** -2.0
    middle = np.stack([column.middles(weight) for column in columns], axis=1)
    share = weight / summed(cluster, weight, len(real))[cluster]
    spread = summed(cluster, share * _distance(sides, middle[cluster]), len(real))
    turned = Sorted(own_turn, cluster, len(real)).middles(weight) if own_turn.any() else np.zeros(len(real))
    return Fused(_boxes(middle, turn, turned), np.where(several, spread, 0.0), error)


class Sorted:
    """Numbers in groups, sorted once, of which weighted medians are taken again and again.

    The weighted median is the point that halves the weight of its group, with each number's weight spread evenly around
    it, so that of two numbers it is their weighted mean.
    """

    def __init__(self, values: Array, group: Index, n_groups: int) -> None:
        self.order = np.lexsort((values, group))
        self.value, self.owner = values[self.order], group[self.order]
        self.n_groups = n_groups
        self.begin = np.searchsorted(self.owner, np.arange(n_groups + 1))

    def middles(self, weight: Array) -> Array:
        """Return the weighted median of each group, none of which is empty; `weight` is in the order of the numbers."""
        reach, place = self._places(weight)
        first, last = self.begin[:-1], self.begin[1:] - 1
        half = (np.concatenate([[0.0], reach])[first] + reach[last]) / 2
        right = np.clip(np.searchsorted(place, half), first, last)
        left = np.maximum(right - 1, first)
        return self._between(left, right, place[left], place[right], half)

    def without(self, weight: Array) -> Array:
        """Return, for each number, the weighted median of the others of its group; of a number alone, itself."""
        reach, place = self._places(weight)
        held = weight[self.order]
        here = np.arange(len(held))
        first, last = self.begin[self.owner], self.begin[self.owner + 1] - 1
        half = (np.concatenate([[0.0], reach])[first] + reach[last] - held) / 2
        # the first of the others that is not before the middle; those after this number lie nearer by its weight
        ahead = np.searchsorted(place, half)
        behind = np.maximum(np.searchsorted(place, half + held), here + 1)
        right = np.where(ahead < here, np.maximum(ahead, first), behind)
        left = right - 1
        left -= left == here
        none_left, none_right = left < first, right > last
        left, right = np.where(none_left, right, left), np.where(none_right, left, right)
        alone = none_left & none_right
        left[alone] = right[alone] = here[alone]
        shift = [np.where(side > here, held, 0.0) for side in (left, right)]
        found = np.empty(len(held))
        found[self.order] = self._between(left, right, place[left] - shift[0], place[right] - shift[1], half)
        return found

    def _places(self, weight: Array) -> tuple[Array, Array]:
        """Return the running sum of weights in sorted order, and the middle of each number's own."""
        reach = np.cumsum(weight[self.order])
        return reach, reach - weight[self.order] / 2

    def _between(self, left: Index, right: Index, start: Array, end: Array, half: Array) -> Array:
        gap = end - start
        along = np.clip((half - start) / np.where(gap > 0, gap, 1.0), 0.0, 1.0)
        return np.asarray(self.value[left] + np.where(gap > 0, along, 0.0) * (self.value[right] - self.value[left]))


def _errors(off: Array, annotator: Index, teaches: Array, others: Array, n_annotators: int) -> tuple[float, Array]:
    """Return the crowd's error and each annotator's, from distances to the middles of all others.

    `others` is the squared error of those middles, which is a part of the squared distance.
    """
    many, far = summed(annotator, teaches, n_annotators), summed(annotator, teaches * off, n_annotators)
    crowd = float(far.sum() / many.sum()) if many.sum() > 0 else _FIRST_ERROR
    apart = (far + _POOLED * crowd) / (many + _POOLED)
    inherited = (summed(annotator, teaches * others, n_annotators) + _POOLED * crowd**2 / 2) / (many + _POOLED)
    return crowd, np.sqrt(np.maximum(apart**2 - inherited, (_LEAST_SHARE * apart) ** 2 + _LEAST_ERROR**2))


def _in_one_frame(boxes: Array, cluster: Index, n_clusters: int) -> tuple[Array, Array, Array]:
    """Return the turn of each cluster, that of its first box; and each box as seen after it.

    That is its left, top, right and bottom (n_marks, 4), and its own turn beyond the cluster's. A box is the same rectangle
    when turned by a quarter with its sides exchanged.
    """
    if not boxes[:, 4].any():
        sides = np.column_stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]])
        return np.zeros(n_clusters), sides, np.zeros(len(boxes))
    lead = np.full(n_clusters, len(boxes))
    np.minimum.at(lead, cluster, np.arange(len(boxes)))
    turn = boxes[lead, 4]
    quarters = np.round((boxes[:, 4] - turn[cluster]) / 90.0)
    own_turn = boxes[:, 4] - turn[cluster] - 90.0 * quarters
    size = np.where((quarters % 2 == 1)[:, None], boxes[:, 3:1:-1], boxes[:, 2:4])
    along, down = _axes(boxes[:, 4])
    center = boxes[:, :2] + along * boxes[:, 2:3] / 2 + down * boxes[:, 3:4] / 2
    along, down = _axes(turn[cluster])
    seen = np.stack([(center * along).sum(axis=1), (center * down).sum(axis=1)], axis=1)
    return turn, np.column_stack([seen - size / 2, seen + size / 2]), own_turn


def _boxes(middle: Array, turn: Array, turned: Array) -> Array:
    """Return boxes (n, 5) of left, top, right and bottom as seen after a turn, and what they are turned beyond it."""
    size = middle[:, 2:4] - middle[:, :2]
    if not turn.any() and not turned.any():
        return np.column_stack([middle[:, :2], size, turn])
    along, down = _axes(turn)
    seen = (middle[:, :2] + middle[:, 2:4]) / 2
    center = seen[:, :1] * along + seen[:, 1:] * down
    along, down = _axes(turn + turned)
    corner = center - along * size[:, :1] / 2 - down * size[:, 1:] / 2
    return np.column_stack([corner, size, turn + turned])


def _axes(rotation: Array) -> tuple[Array, Array]:
    angle = np.deg2rad(rotation)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return along, np.stack([-along[:, 1], along[:, 0]], axis=1)


def _distance(sides: Array, middle: Array) -> Array:
    """Return the mean distance of each box's sides from a box's, in widths and heights of that, each at most 1."""
    size = np.tile(middle[:, 2:4] - middle[:, :2], 2)
    off = np.abs(sides - middle)
    ratio = np.divide(off, size, out=(off > 0).astype(np.float64), where=size > 0)
    return np.asarray(np.minimum(ratio, 1.0).mean(axis=1))
