"""Shapes: the boxes and masks behind those that several annotators drew.

In: boxes or masks in parallel arrays with item and annotator; who looked and drew nothing. Out: `BoxTruth`, `MaskTruth`.
Never: a box that stands for two of the same annotator.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._areas import boxes_of, iou_of_pairs, limits
from goldseam.stats._names import BadVotes, Names
from goldseam.stats._neighbors import Index, pairs_within
from goldseam.stats.runs import Runs
from goldseam.stats.truth import _objects, _staple
from goldseam.stats.truth._clusters import clusters_of
from goldseam.stats.truth._fusion import fused_boxes
from goldseam.stats.truth._marks import Looked, Marks, chosen, marks_of, rows_of, warnings_of, within_1
from goldseam.stats.truth.record import Array


@dataclass(frozen=True, slots=True, eq=False)
class BoxTruth:
    """The boxes behind the annotators' boxes, one row an object, in order of item and of confidence.

    `item` and `label` are indices into `items` and `labels`; `boxes` (n, 4) or (n, 5) as given; `confidence` is the
    probability that the object is there, and `label_posterior` (n, n_labels) what it is, given that. `n_votes` of
    `n_looked` annotators drew it; `spread` is the mean distance of their sides from the fused ones, as a share of its
    width and height (0 where one drew it). `object_of` gives the row that each box given went into, -1 for none.

    Of annotators: `recall` is the share of real objects that they draw, `precision` the share of their boxes that are
    real, `error` the mean distance of their sides from the truth's, as a share of its size; `confusion` (annotator, true
    label, label said) is None where labels are too many for one each. `log_likelihood` is None
    where nobody drew anything. `warnings` are sentences for people.
    """

    items: Names
    labels: tuple[Hashable, ...]
    item: Index
    boxes: Array
    label: Index
    label_posterior: Array
    confidence: Array
    n_votes: Index
    n_looked: Index
    spread: Array
    object_of: Index
    annotators: Names
    recall: Array
    precision: Array
    error: Array
    confusion: Array | None
    iterations: int
    log_likelihood: float | None
    warnings: tuple[str, ...] = ()

    @property
    def n_objects(self) -> int:
        """Number of fused objects."""
        return len(self.item)


def boxes(
    item: Iterable[Any],
    annotator: Iterable[Any],
    boxes: ArrayLike,
    label: Iterable[Hashable] | None = None,
    *,
    looked: Looked | None = None,
    joined_at: float = 0.3,
    at_least: float = 0.5,
    max_iterations: int = 200,
    tolerance: float = 1e-4,
) -> BoxTruth:
    """Fuse the boxes that several annotators drew on the same items, and learn how far each can be believed.

    Boxes of different annotators on one item form clusters, by average linkage of their IoU. Which clusters are real is
    inferred together with each annotator's share of objects overlooked and number of objects invented, by EM; objects
    differ in how easy they are to see. The sides of a fused box are weighted medians, with the annotators' learned
    precision of drawing as weights. Turned boxes keep their rotation.

    Parameters
    ----------
    item, annotator, boxes, label
        One entry per box: x, y, width, height and, if there is a fifth column, a rotation, as `overlap.iou` takes them.
    looked
        (items, annotators), in pairs: who looked at what. Those who drew a box there need not be named again; name those
        who looked and drew nothing, for that is a vote against what others drew.
    joined_at
        From which mean IoU on boxes are of one object.
    at_least
        Only objects that are there with this probability come out; 0 for all.
    tolerance
        Stop when the log likelihood of an object moves by less than this in the mean.

    Raises
    ------
    BadVotes
        The arrays do not fit together, a box is none, or an option is out of its range.

    Examples
    --------
    >>> drawn = [[10, 10, 20, 20], [11, 10, 20, 20], [10, 11, 20, 21], [70, 70, 9, 9]]
    >>> found = boxes(["i", "i", "i", "i"], ["ann", "bob", "eve", "eve"], drawn)
    >>> found.n_objects, found.n_votes.tolist(), found.object_of.tolist()
    (1, [3], [0, 0, 0, -1])

    References
    ----------
    Branson, Van Horn and Perona (2017), CVPR, for objects, misses and inventions as one model; Braylan, Alonso and Lease
    (2022), WWW, for the task and the data; Rasch (1960) for ease against ability.
    """
    given = np.asarray(boxes, dtype=np.float64)
    drawn = boxes_of(given)
    marks = marks_of(item, annotator, label, looked, len(drawn))
    drawn = drawn[marks.order]
    cluster = clusters_of(marks.annotator, _touching(marks.item, drawn), within_1(joined_at, "joined_at"))
    found = marks.candidates(cluster)
    fit = _objects.infer(found, marks.looks, max_iterations=max_iterations, tolerance=tolerance)
    fused = fused_boxes(drawn, cluster, marks.annotator, fit.real, len(marks.annotators))
    kept = chosen(found.item, fit.real, at_least)
    row_of = rows_of(kept, found.n_candidates)
    lookers = np.bincount(marks.looks.item, minlength=len(marks.items))
    n_columns = given.shape[1] if given.ndim == 2 else 4
    return BoxTruth(
        items=marks.items,
        labels=marks.labels,
        item=found.item[kept],
        boxes=fused.boxes[kept, :n_columns],
        label=fit.by_label[kept].argmax(axis=1),
        label_posterior=fit.by_label[kept],
        confidence=fit.real[kept],
        n_votes=np.bincount(cluster, minlength=found.n_candidates)[kept],
        n_looked=lookers[found.item[kept]],
        spread=fused.spread[kept],
        object_of=marks.given(row_of[cluster]),
        annotators=marks.annotators,
        recall=fit.recall,
        precision=marks.precision(fit.real[cluster]),
        error=fused.error,
        confusion=fit.confusion,
        iterations=fit.iterations,
        log_likelihood=fit.log_likelihood if marks.n_marks else None,
        warnings=warnings_of(marks, fit),
    )


def _touching(item: Index, drawn: Array) -> Iterator[tuple[Index, Index, Array]]:
    for first, second in pairs_within(item, *limits(drawn)):
        yield first, second, iou_of_pairs(drawn[first], drawn[second])


@dataclass(frozen=True, slots=True, eq=False)
class MaskTruth:
    """The masks behind the annotators' masks, one an item.

    `masks` holds one mask for each of `items`; `confidence` is its expected IoU with the truth (of an empty mask: one
    less the largest posterior of a pixel), `n_votes` how many annotators drew a mask, if an empty one. The parts of all
    items, `part_item`, `part_start` and `part_end`, have the posterior `part_posterior` in each of their pixels.

    Of annotators: `sensitivity` is the share of the object's pixels that they take in, `specificity` the share of
    others, near it, that they leave out. `log_likelihood` is None where there are no masks.
    """

    items: Names
    masks: Runs
    confidence: Array
    n_votes: Index
    part_item: Index
    part_start: Index
    part_end: Index
    part_posterior: Array
    annotators: Names
    sensitivity: Array
    specificity: Array
    iterations: int
    log_likelihood: float | None
    warnings: tuple[str, ...] = ()


def masks(
    item: Iterable[Any],
    annotator: Iterable[Any],
    masks: Runs | NDArray[Any] | Sequence[ArrayLike],
    *,
    at_least: float = 0.5,
    smoothing: float = 1.0,
    max_iterations: int = 100,
    tolerance: float = 1e-6,
) -> MaskTruth:
    """Fuse the masks that several annotators drew of the same items, and learn each one's sensitivity and specificity.

    A pixel belongs to the object with a probability of its own item; annotators take it in with their sensitivity where
    it does, and leave it out with their specificity where it does not. All of it is learned by EM over the pixels of all
    items (STAPLE, with annotators in common). Empty image around does not change the result.

    Parameters
    ----------
    item, annotator
        One entry per mask; several objects in one image are several items.
    masks
        Boolean arrays, (n, height, width) or a list of them, or `Runs`. An empty mask is a vote that nothing is there.
    at_least
        Pixels with this posterior are in.
    smoothing
        Over how many items each annotator's numbers are pooled with the crowd's.

    Raises
    ------
    BadVotes
        The arrays do not fit together, masks of one item have different sizes, or an annotator has two of one item.

    Examples
    --------
    >>> found = masks(["i", "i", "i"], ["a", "b", "c"], [[[0, 1, 1, 0]], [[0, 1, 1, 1]], [[0, 1, 0, 0]]])
    >>> found.masks.start.tolist(), found.masks.end.tolist()
    ([1], [3])

    References
    ----------
    Warfield, Zou and Wells (2004), IEEE Transactions on Medical Imaging 23.
    """
    drawn = masks if isinstance(masks, Runs) else Runs.from_masks(masks)
    marks = marks_of(item, annotator, None, None, drawn.n_masks)
    drawn = drawn.take(marks.order)
    _check_masks(marks, drawn)
    n_items, n_annotators = len(marks.items), len(marks.annotators)
    pieces = _staple.pieces_of(drawn, marks.item, marks.annotator, n_items, n_annotators)
    fit = _staple.infer(
        pieces, marks.looks.matrix(), smoothing=smoothing, max_iterations=max_iterations, tolerance=tolerance
    )
    kept = fit.posterior >= within_1(at_least, "at_least")
    inside = kept[pieces.pattern]
    size = np.zeros(n_items, dtype=np.int64)
    size[marks.item] = drawn.size
    return MaskTruth(
        items=marks.items,
        masks=Runs.joined(size, pieces.item[inside], pieces.start[inside], pieces.end[inside]),
        confidence=_expected_iou(pieces, fit.posterior, kept, n_items),
        n_votes=np.bincount(marks.item, minlength=n_items),
        part_item=pieces.item,
        part_start=pieces.start,
        part_end=pieces.end,
        part_posterior=fit.posterior[pieces.pattern],
        annotators=marks.annotators,
        sensitivity=fit.sensitivity,
        specificity=fit.specificity,
        iterations=fit.iterations,
        log_likelihood=fit.log_likelihood if marks.n_marks else None,
        warnings=warnings_of(marks, fit),
    )


def _check_masks(marks: Marks, drawn: Runs) -> None:
    twice = np.flatnonzero(np.bincount(marks.item * len(marks.annotators) + marks.annotator) > 1)
    if len(twice):
        place = int(twice[0])
        who, what = marks.annotators[place % len(marks.annotators)], marks.items[place // len(marks.annotators)]
        raise BadVotes(f"Annotator {who!r} has two masks of the item {what!r}; join them, or make two items of them.")
    same = marks.item[1:] == marks.item[:-1]
    wrong = np.flatnonzero(same & (drawn.size[1:] != drawn.size[:-1]))
    if len(wrong):
        raise BadVotes(f"The masks of the item {marks.items[marks.item[wrong[0]]]!r} are of images of different sizes.")


def _expected_iou(pieces: _staple.Pieces, posterior: Array, kept: NDArray[np.bool_], n_items: int) -> Array:
    """Return the expected pixels that mask and truth share, over those expected in either."""
    item = pieces.pattern_item
    shared = np.bincount(item, np.where(kept, pieces.pixels * posterior, 0.0), n_items)
    either = np.bincount(item, np.where(kept, pieces.pixels, pieces.pixels * posterior), n_items)
    empty = np.bincount(item, kept, n_items) == 0
    top = np.zeros(n_items)
    np.maximum.at(top, item, posterior)
    return np.where(empty, 1 - top, shared / np.where(either > 0, either, 1.0))
