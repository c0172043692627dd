"""YOLO's and Pascal VOC's folders: a file an image, with its boxes, polygons or keypoints.

In: rows of one question. Out: files by name. Never: a turned box made straight without saying so: YOLO has its corners, VOC
refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np

from goldseam.encode.likeness import outline
from goldseam.release.exchange.coco import SIGHT, in_order
from goldseam.release.exchange.row import Row, Source, labels_in
from goldseam.vocab.answers import Box, Boxes, Polygon, Polygons, Pose, Poses
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Question


def yolo(question: Question, rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return a folder of label files, places as shares of the image; boxes are all straight, or all by their corners."""
    classes = labels_in(question)
    turned = any(box.rotation for row in rows if isinstance(row.answer, Boxes) for box in row.answer.boxes)
    names = {"categories": [{"id": n, "name": name} for n, name in enumerate(classes)], "info": source.to_plain()}
    files = {
        "classes.txt": "".join(f"{name}\n" for name in classes).encode(),
        "notes.json": (json.dumps(names, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    for stem, row in _named(rows):
        number = {name: place for place, name in enumerate(classes)}
        lines = "".join(
            f"{number[label]} {_numbers(places)}\n" for label, places in _places(row, question, turned=turned)
        )
        files[f"labels/{stem}.txt"] = lines.encode()
    return files


def _named(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Return each row with a name for its file; where two images have one name, the item's id parts them."""
    stems = [row.stem for row in rows]
    return [
        (stem if stems.count(stem) == 1 else f"{stem}-{row.item}", row) for stem, row in zip(stems, rows, strict=True)
    ]


def _places(row: Row, question: Question, *, turned: bool) -> list[tuple[str, list[float]]]:
    _check_size(row)
    size = np.array([row.width, row.height], dtype=np.float64)
    match row.answer:
        case Boxes(boxes) if turned:
            return [(box.label, (outline(box) / size).ravel().tolist()) for box in boxes]
        case Boxes(boxes):
            return [(box.label, _middle(box.x, box.y, box.width, box.height, row)) for box in boxes]
        case Polygons(polygons):
            return [(one.label, (np.array(one.points) / size).ravel().tolist()) for one in map(_whole, polygons)]
        case Poses(poses):
            return [(one.label, _pose(one, row, question)) for one in poses]
        case _:
            return []


def _check_size(row: Row) -> None:
    if not row.width or not row.height:
        raise BadValue(f"The size of the image {row.file_name!r} is not known, and this form needs it.", item=row.item)


def _whole(polygon: Polygon) -> Polygon:
    if polygon.holes:
        raise BadValue("YOLO has no word for a polygon with holes; use coco, label_studio or jsonl.")
    return polygon


def _middle(x: float, y: float, width: float, height: float, row: Row) -> list[float]:
    return [(x + width / 2) / row.width, (y + height / 2) / row.height, width / row.width, height / row.height]


def _pose(pose: Pose, row: Row, question: Question) -> list[float]:
    points = np.array([(p.x, p.y) for p in pose.points if p.x is not None], dtype=np.float64).reshape(-1, 2)
    low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(2), np.zeros(2))
    (x, y), (width, height) = low.tolist(), (high - low).tolist()
    found = _middle(x, y, width, height, row)
    for point in in_order(pose, question):
        found += [(point.x or 0.0) / row.width, (point.y or 0.0) / row.height, SIGHT[point.sight]]
    return found


def _numbers(places: Sequence[float]) -> str:
    return " ".join(f"{place:.10g}" for place in places)


def voc(question: Question, rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return Pascal VOC's folder `Annotations`, a file an image, places in pixels from 0."""
    del question
    return {f"Annotations/{stem}.xml": _xml(row, source).encode() for stem, row in _named(rows)}


def _xml(row: Row, source: Source) -> str:
    _check_size(row)
    boxes = row.answer.boxes if isinstance(row.answer, Boxes) else ()
    release = escape(f"{source.project}, release {source.number}")
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotation>\n<folder>images</folder>\n'
        f"<filename>{escape(row.file_name)}</filename>\n<source>\n<database>{release}</database>\n"
        f"<annotation>Goldseam, {escape(row.method)}, confidence {row.confidence:.4f}</annotation>\n</source>\n"
        f"<size>\n<width>{row.width}</width>\n<height>{row.height}</height>\n<depth>3</depth>\n</size>\n"
        "<segmented>0</segmented>\n"
    )
    return head + "".join(_object(box) for box in boxes) + "</annotation>\n"


def _object(box: Box) -> str:
    if box.rotation:
        raise BadValue("Pascal VOC has no word for a turned box; use coco, yolo, label_studio or jsonl.")
    sides = {"xmin": box.x, "ymin": box.y, "xmax": box.x + box.width, "ymax": box.y + box.height}
    places = "".join(f"<{name}>{side:.10g}</{name}>\n" for name, side in sides.items())
    return (
        f"<object>\n<name>{escape(box.label)}</name>\n<pose>Unspecified</pose>\n<truncated>0</truncated>\n"
        f"<difficult>0</difficult>\n<bndbox>\n{places}</bndbox>\n</object>\n"
    )
