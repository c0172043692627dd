"""COCO: boxes, ellipses, polygons, keypoints and masks of images as one JSON.

In: rows of one question. Out: the JSON. Never: a hole or a turned box lost: what COCO's own words cannot say is a mask.

An image's and an annotation's origin stands under `goldseam`, which readers of COCO pass over, with the shape itself where COCO's
words do not say all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from goldseam.encode.likeness import outline
from goldseam.encode.masks import mask_of_pixels, pixels_of
from goldseam.formats.plain import answer_to_plain
from goldseam.release.exchange.row import Row, Source, labels_in
from goldseam.vocab.answers import (
    Answer,
    Box,
    Boxes,
    Ellipses,
    Keypoint,
    LabelName,
    Mask,
    Masks,
    Polygon,
    Polygons,
    Pose,
    Poses,
    Sight,
)
from goldseam.vocab.schema import Question

Plain = dict[str, Any]
SIGHT = {Sight.ABSENT: 0, Sight.OCCLUDED: 1, Sight.VISIBLE: 2}


def coco(question: Question, rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return the answers of a question as COCO's JSON; classes and images are numbered from 1, in order."""
    category = {name: number for number, name in enumerate(labels_in(question), 1)}
    annotations: list[Plain] = []
    for image, row in enumerate(rows, 1):
        for label, drawn in _drawn(row, question):
            own = {"id": len(annotations) + 1, "image_id": image, "category_id": category[label], "iscrowd": 0}
            told = {"confidence": row.confidence, "method": row.method, "n_votes": row.n_votes}
            annotations.append({**own, **drawn, "goldseam": {**told, **drawn.get("goldseam", {})}})
    whole = {
        "info": {
            "description": f"{source.project}, release {source.number}, question {question.name}",
            "version": str(source.number),
            "year": int(source.at[:4]),
            "date_created": source.at,
            "contributor": "Goldseam",
            "goldseam": source.to_plain(),
        },
        "images": [
            {
                "id": n,
                "file_name": row.file_name,
                "width": row.width,
                "height": row.height,
                "goldseam": row.provenance(),
            }
            for n, row in enumerate(rows, 1)
        ],
        "categories": [_category(question, name, number) for name, number in category.items()],
        "annotations": annotations,
    }
    return {"": (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()}


def _category(question: Question, name: str, number: int) -> Plain:
    plain: Plain = {"id": number, "name": name, "supercategory": ""}
    if question.skeleton is not None:
        points = list(question.skeleton.points)
        edges = [[points.index(a) + 1, points.index(b) + 1] for a, b in question.skeleton.edges]
        plain |= {"keypoints": points, "skeleton": edges}
    return plain


def _drawn(row: Row, question: Question) -> list[tuple[str, Plain]]:
    """Return what an image's answer draws: a label, with COCO's words for the shape."""
    match row.answer:
        case Boxes(boxes):
            return [(box.label, _box(box)) for box in boxes]
        case Ellipses(ellipses):
            return [(one.label, _ring(outline(one)) | _whole(Ellipses((one,)))) for one in ellipses]
        case Polygons(polygons):
            return [(one.label, _polygon(one, row)) for one in polygons]
        case Poses(poses):
            return [(one.label, _pose(one, question)) for one in poses]
        case Masks(masks):
            return [(one.label, _mask(one)) for one in masks]
        case _:
            return []


def _whole(answer: Answer) -> Plain:
    """Return a note of the shape itself, for a reader that knows it."""
    return {"goldseam": {"shape": answer_to_plain(answer)}}


def _box(box: Box) -> Plain:
    if box.rotation:
        return _ring(outline(box)) | _whole(Boxes((box,)))
    return {"bbox": [box.x, box.y, box.width, box.height], "area": box.width * box.height, "segmentation": []}


def _ring(points: np.ndarray) -> Plain:
    x, y = points.T
    area = abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
    return {"bbox": _around(points), "area": area, "segmentation": [points.ravel().tolist()]}


def _around(points: np.ndarray) -> list[float]:
    low, high = points.min(axis=0), points.max(axis=0)
    return [float(side) for side in (*low, *(high - low))]


def _polygon(polygon: Polygon, row: Row) -> Plain:
    if not polygon.holes:
        return _ring(np.array(polygon.points, dtype=np.float64))
    canvas = Image.new("1", (row.width, row.height), 0)
    drawing = ImageDraw.Draw(canvas)
    drawing.polygon([tuple(point) for point in polygon.points], fill=1)
    for hole in polygon.holes:
        drawing.polygon([tuple(point) for point in hole], fill=0)
    mask = mask_of_pixels(np.array(canvas, dtype=np.bool_), LabelName(polygon.label))
    drawn = _ring(np.array(polygon.points, dtype=np.float64)) if mask is None else _mask(mask)
    return drawn | _whole(Polygons((polygon,)))


def _mask(mask: Mask) -> Plain:
    inside = np.argwhere(pixels_of(mask))
    low, high = inside.min(axis=0), inside.max(axis=0) + 1
    return {
        "bbox": [float(low[1]), float(low[0]), float(high[1] - low[1]), float(high[0] - low[0])],
        "area": float(len(inside)),
        "segmentation": {"size": [mask.height, mask.width], "counts": mask.counts},
    }


def in_order(pose: Pose, question: Question) -> list[Keypoint]:
    """Return an object's points as the skeleton lists them: what forms without names of points go by."""
    if question.skeleton is None:
        return list(pose.points)
    by = {point.name: point for point in pose.points}
    return [by.get(name, Keypoint(name, Sight.ABSENT)) for name in question.skeleton.points]


def _pose(pose: Pose, question: Question) -> Plain:
    flat: list[float] = []
    for point in in_order(pose, question):
        flat += [point.x or 0.0, point.y or 0.0, SIGHT[point.sight]]
    placed = np.array([(p.x, p.y) for p in pose.points if p.x is not None], dtype=np.float64)
    around = _around(placed) if len(placed) else [0.0, 0.0, 0.0, 0.0]
    return {
        "keypoints": flat,
        "num_keypoints": len(placed),
        "bbox": around,
        "area": around[2] * around[3],
        "segmentation": [],
    }
