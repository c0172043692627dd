"""Marks: settling spans with their relations, and shapes.

In: a question, what was said. Out: `SettledAnswer` records. Never: a mark that nobody made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldseam.adjudicate.kinds.said import Said, SettledAnswer, by_item, smoothed
from goldseam.encode.kinds import marks as marks_of
from goldseam.encode.likeness import Likeness, of_lines, of_outlines, outline, place_of
from goldseam.encode.masks import corners_of, mask_of_runs, runs_of
from goldseam.stats import truth
from goldseam.stats.truth import BoxTruth, SpanTruth
from goldseam.vocab.answers import (
    Answer,
    Box,
    Boxes,
    Ellipse,
    Ellipses,
    Keypoint,
    LabelName,
    Mask,
    Masks,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Relation,
    Sight,
    Span,
    Spans,
)
from goldseam.vocab.schema import Nesting, Question

Shape = Any
"""A record of `vocab.shapes` or a mask."""
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Made:
    """A mark that a kernel made, with its chance to be right, and its row in the kernel's result."""

    mark: Any
    sure: float
    row: int


def _looked(said: Sequence[Said]) -> tuple[list[str], list[str]]:
    return [one.item for one in said], [one.annotator for one in said]


def _settled(
    said: Sequence[Said],
    made: Mapping[str, Sequence[Made]],
    marked: Callable[[Answer], int],
    answer_of: Callable[[str, Sequence[Made]], tuple[Answer, Sequence[float]]],
) -> list[SettledAnswer]:
    """Return one answer an item; of an item without marks, the confidence is the share of annotators who made none."""
    found = []
    for item, votes in by_item(said).items():
        mine = made.get(item, ())
        answer, parts = answer_of(item, mine)
        n_none = sum(marked(one.answer) == 0 for one in votes)
        sure = min(parts, default=smoothed(n_none, len(votes)))
        found.append(SettledAnswer(item, answer, sure, len(votes), tuple(parts)))
    return found


# ---- spans -----------------------------------------------------------------------------------------------------------
def spans(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle spans, and relations between them by a majority of those who marked both."""
    rows = [(one, span) for one in said if isinstance(one.answer, Spans) for span in one.answer.spans]
    if not rows:
        return _of_shapes(question, said, {}, Spans)
    found = truth.spans(
        [one.item for one, _ in rows],
        [one.annotator for one, _ in rows],
        np.array([span.start for _, span in rows], dtype=np.int64),
        np.array([span.end for _, span in rows], dtype=np.int64),
        [span.label for _, span in rows],
        looked=_looked(said),
        nested=question.overlap is not Nesting.NONE,
    )
    made: dict[str, list[Made]] = {}
    for row in range(found.n_spans):
        label = LabelName(str(found.labels[int(found.label[row])]))
        span = Span(int(found.start[row]), int(found.end[row]), label, f"s{row}" if question.relations else "")
        sure = float(found.confidence[row] * found.limits_posterior[row] * found.label_posterior[row].max())
        made.setdefault(str(found.items[found.item[row]]), []).append(Made(span, sure, row))
    kept = {item: _allowed(question, some) for item, some in made.items()}
    related = _relations(question, rows, found) if question.relations else {}

    def answer_of(item: str, mine: Sequence[Made]) -> tuple[Answer, Sequence[float]]:
        ids = {one.mark.id for one in mine}
        links = [(link, share) for link, share in related.get(item, []) if {link.head, link.tail} <= ids]
        answer = Spans(tuple(one.mark for one in mine), tuple(link for link, _ in links))
        in_order = sorted(mine, key=lambda one: (one.mark.start, one.mark.end, one.mark.label))
        return answer, [*(one.sure for one in in_order), *(share for _, share in links)]

    return _settled(said, kept, lambda answer: len(answer.spans) if isinstance(answer, Spans) else 0, answer_of)


def _allowed(question: Question, made: Sequence[Made]) -> list[Made]:
    """Return the surest spans that may stand together: none twice, and none that cross where they may not."""
    kept: list[Made] = []
    for one in sorted(made, key=lambda one: -one.sure):
        span = one.mark
        for other in (each.mark for each in kept):
            same = (other.start, other.end, other.label) == (span.start, span.end, span.label)
            crosses = other.start < span.start < other.end < span.end or span.start < other.start < span.end < other.end
            if same or (crosses and question.overlap is Nesting.NESTED):
                break
        else:
            kept.append(one)
    return kept[: question.at_most]


def _relations(
    question: Question, rows: Sequence[tuple[Said, Span]], found: SpanTruth
) -> dict[str, list[tuple[Relation, float]]]:
    """Return the relations of each item that most of those who marked both their spans gave."""
    row_of: dict[tuple[str, str, object], int] = {}
    markers: dict[tuple[str, int], set[str]] = {}
    for (one, span), row in zip(rows, found.span_of.tolist(), strict=True):
        if row >= 0:
            row_of[one.item, one.annotator, (span.start, span.end, span.label)] = row
            markers.setdefault((one.item, row), set()).add(one.annotator)
    directed = {relation.name for relation in question.relations if relation.directed}
    given: dict[tuple[str, int, int, str], set[str]] = {}
    for one in {id(one): one for one, _ in rows}.values():
        relations = [] if not isinstance(one.answer, Spans) else marks_of(question, one.answer)[len(one.answer.spans) :]
        for head, tail, label in relations:
            ends = [row_of.get((one.item, one.annotator, end), -1) for end in (head, tail)]
            ends = ends if label in directed else sorted(ends)
            if min(ends) >= 0 and ends[0] != ends[1]:
                given.setdefault((one.item, ends[0], ends[1], str(label)), set()).add(one.annotator)
    kept: dict[str, list[tuple[Relation, float]]] = {}
    for (item, head, tail, label), who in sorted(given.items()):
        both = markers[item, head] & markers[item, tail]
        if 2 * len(who) > len(both):
            link = Relation(f"s{head}", f"s{tail}", LabelName(label))
            kept.setdefault(item, []).append((link, smoothed(len(who), len(both))))
    return kept


# ---- shapes ----------------------------------------------------------------------------------------------------------
def _objects(
    said: Sequence[Said], rows: Sequence[tuple[Said, Shape]], bounds: Sequence[Sequence[float]], n_columns: int = 4
) -> BoxTruth:
    return truth.boxes(
        [one.item for one, _ in rows],
        [one.annotator for one, _ in rows],
        np.array(bounds, dtype=np.float64).reshape(-1, n_columns),
        [shape.label for _, shape in rows],
        looked=_looked(said),
    )


def _sure(found: BoxTruth, row: int) -> float:
    return float(found.confidence[row] * found.label_posterior[row].max())


def _label(found: BoxTruth, row: int) -> LabelName:
    return LabelName(str(found.labels[int(found.label[row])]))


def _all_of(answer: Answer) -> Sequence[Shape]:
    match answer:
        case Boxes(shapes) | Ellipses(shapes) | Polygons(shapes) | Polylines(shapes) | Poses(shapes) | Masks(shapes):
            return shapes
        case _:
            return ()


def boxes(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle boxes, turned ones too."""
    rows = [(one, box) for one in said for box in _all_of(one.answer)]
    if not rows:
        return _of_shapes(question, said, {}, Boxes)
    drawn = [(box.x, box.y, box.width, box.height, box.rotation) for _, box in rows]
    found = _objects(said, rows, drawn, 5)
    made: dict[str, list[Made]] = {}
    for row in range(found.n_objects):
        x, y, width, height, rotation = (float(side) for side in found.boxes[row])
        box = Box(x, y, width, height, _label(found, row), rotation)
        made.setdefault(str(found.items[found.item[row]]), []).append(Made(box, _sure(found, row), row))
    return _of_shapes(question, said, made, Boxes)


def _of_shapes(
    question: Question, said: Sequence[Said], made: Mapping[str, Sequence[Made]], together: Callable[..., Answer]
) -> list[SettledAnswer]:
    def answer_of(item: str, mine: Sequence[Made]) -> tuple[Answer, Sequence[float]]:
        del item
        kept = sorted(mine, key=lambda one: -one.sure)[: question.at_most]
        answer = together(tuple(one.mark for one in kept))
        sure_of = {id(one.mark): one.sure for one in kept}
        return answer, [sure_of[id(shape)] for shape in _all_of(answer)]

    return _settled(said, made, lambda answer: len(_all_of(answer)), answer_of)


def _bounds(shape: Shape) -> Bounds:
    """Return the box around a shape, at least a pixel wide and high."""
    match shape:
        case Polygon() | Ellipse():
            points = outline(shape)
        case Polyline(line):
            points = np.array(line)
        case Pose(_, placed):
            points = np.array([place_of(point) for point in placed if point.sight is not Sight.ABSENT])
        case Mask():
            points = corners_of(shape)
        case _:
            raise TypeError(f"There are no bounds of {type(shape).__name__}.")
    low, high = points.min(axis=0), points.max(axis=0)
    wide = np.maximum(high - low, 1.0)
    left, top = (low + high - wide) / 2
    return float(left), float(top), float(wide[0]), float(wide[1])


Fuse = Callable[[Sequence[Shape], LabelName], Shape]


def _grouped(
    question: Question, said: Sequence[Said], together: Callable[..., Answer], fuse: Fuse
) -> list[SettledAnswer]:
    """Settle shapes: objects by the boxes around them, and each object's shape from those drawn of it."""
    rows = [(one, shape) for one in said for shape in _all_of(one.answer)]
    if not rows:
        return _of_shapes(question, said, {}, together)
    found = _objects(said, rows, [_bounds(shape) for _, shape in rows])
    drawn: dict[int, list[Shape]] = {}
    for (_, shape), row in zip(rows, found.object_of.tolist(), strict=True):
        drawn.setdefault(row, []).append(shape)
    made: dict[str, list[Made]] = {}
    for row in range(found.n_objects):
        shape = fuse(drawn[row], _label(found, row))
        made.setdefault(str(found.items[found.item[row]]), []).append(Made(shape, _sure(found, row), row))
    return _of_shapes(question, said, made, together)


def _nearest(likeness: Likeness, make: Callable[[Shape, LabelName], Shape]) -> Fuse:
    """Return the shape that is most like the others."""

    def fuse(shapes: Sequence[Shape], label: LabelName) -> Shape:
        table = [sum(likeness(one, other) for other in shapes) for one in shapes]
        return make(shapes[int(np.argmax(table))], label)

    return fuse


def ellipses(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle ellipses: of each object the one most like the others."""
    fuse = _nearest(of_outlines, lambda e, label: Ellipse(e.cx, e.cy, e.rx, e.ry, label, e.rotation))
    return _grouped(question, said, Ellipses, fuse)


def polygons(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle polygons: of each object the one most like the others."""
    return _grouped(question, said, Polygons, _nearest(of_outlines, lambda p, label: Polygon(p.points, label, p.holes)))


def polylines(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle polylines: of each object the one most like the others."""
    return _grouped(question, said, Polylines, _nearest(of_lines, lambda line, label: Polyline(line.points, label)))


def poses(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle keypoints: where most see a point, the middle of where they see it."""
    return _grouped(question, said, Poses, _middle_pose)


def _middle_pose(shapes: Sequence[Shape], label: LabelName) -> Pose:
    names = [point.name for point in shapes[0].points]
    points = []
    for name in names:
        given = [point for pose in shapes for point in pose.points if point.name == name]
        placed = [place_of(point) for point in given if point.sight is not Sight.ABSENT]
        if 2 * len(placed) < len(given) or not placed:
            points.append(Keypoint(name, Sight.ABSENT))
            continue
        visible = sum(point.sight is Sight.VISIBLE for point in given)
        x, y = np.median(np.array(placed), axis=0)
        points.append(
            Keypoint(name, Sight.VISIBLE if 2 * visible >= len(placed) else Sight.OCCLUDED, float(x), float(y))
        )
    if all(point.sight is Sight.ABSENT for point in points):
        return Pose(label, shapes[0].points)
    return Pose(label, tuple(points))


def masks(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle masks: objects by the boxes around them, then each object's pixels by the annotators' care."""
    rows = [(one, mask) for one in said for mask in _all_of(one.answer)]
    if not rows:
        return _of_shapes(question, said, {}, Masks)
    found = _objects(said, rows, [_bounds(mask) for _, mask in rows])
    members = [(one, mask, row) for (one, mask), row in zip(rows, found.object_of.tolist(), strict=True) if row >= 0]
    if not members:
        return _of_shapes(question, said, {}, Masks)
    fused = truth.masks(
        [row for _, _, row in members],
        [one.annotator for one, _, _ in members],
        runs_of([mask for _, mask, _ in members]),
    )
    size = {row: (mask.width, mask.height) for _, mask, row in members}
    made: dict[str, list[Made]] = {}
    for place, row in enumerate(fused.items.tolist()):
        mask = mask_of_runs(fused.masks, place, *size[row], _label(found, row))
        if mask is not None:
            sure = _sure(found, row) * float(fused.confidence[place])
            made.setdefault(str(found.items[found.item[row]]), []).append(Made(mask, sure, row))
    return _of_shapes(question, said, made, Masks)
