"""Label Studio: settled answers of every kind as its JSON of tasks, an annotation an item.

In: rows of questions. Out: the JSON. Never: a place rounded, or an answer without where it came from.

Places on images are percentages there. What its words cannot say (grades, pairs of keys) has a control a part, named
`question.part`; an open line is a polygon that is not closed; an object's label and how its points are seen stand with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from goldseam.encode.masks import pixels_of
from goldseam.release.exchange.brush import to_bytes
from goldseam.release.exchange.row import Row, Source
from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Best,
    Box,
    Boxes,
    Choice,
    Choices,
    Ellipse,
    Ellipses,
    KeyValues,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Preference,
    Ranking,
    Rating,
    Rubric,
    Sight,
    Spans,
    Text,
)
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Question

Plain = dict[str, Any]
Region = tuple[str, str, Plain]
"""The name of a control, its kind, and the value that it gave."""


def label_studio(questions: Sequence[Question], rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return tasks with one annotation each, items in the order in which they come first."""
    del questions
    by_item: dict[str, list[Row]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    tasks = [_task(number, mine, source) for number, mine in enumerate(by_item.values(), 1)]
    return {"": (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()}


def _task(number: int, rows: Sequence[Row], source: Source) -> Plain:
    first = rows[0]
    shown = "image" if first.modality == "image" else "text"
    told = {row.question: row.provenance() for row in rows}
    results = [one for row in rows for one in _results(row, shown)]
    return {
        "id": number,
        "data": {shown: first.file_name if shown == "image" else first.content},
        "meta": {"goldseam": {**source.to_plain(), "item": first.item, "questions": told}},
        "annotations": [{"id": number, "was_cancelled": False, "ground_truth": False, "result": results}],
        "predictions": [],
    }


def _results(row: Row, shown: str) -> list[Plain]:
    found: list[Plain] = []
    ids: dict[str, str] = {}
    for nth, (name, kind, value) in enumerate(_regions(row.question, row.answer, row)):
        own = hashlib.sha256(f"{row.item}\n{row.question}\n{nth}".encode()).hexdigest()[:10]
        plain: Plain = {"id": own, "from_name": name, "to_name": shown, "type": kind, "origin": "manual"}
        ids[str(value.pop("id", ""))] = own
        if note := value.pop("goldseam", None):
            plain["goldseam"] = note
        if shown == "image" and "labels" in kind:
            plain |= {"original_width": row.width, "original_height": row.height, "image_rotation": 0}
        found.append({**plain, "value": value})
    if isinstance(row.answer, Spans):
        for link in row.answer.relations:
            ends = {"from_id": ids[link.head], "to_id": ids[link.tail]}
            found.append({**ends, "type": "relation", "direction": "right", "labels": [link.label]})
    return found


def _regions(name: str, answer: Answer, row: Row) -> list[Region]:
    match answer:
        case Spans(spans):
            return [
                (
                    name,
                    "labels",
                    {
                        "start": span.start,
                        "end": span.end,
                        "text": row.content[span.start : span.end],
                        "labels": [span.label],
                        "id": span.id,
                    },
                )
                for span in spans
            ]
        case Boxes() | Ellipses() | Polygons() | Polylines() | Poses() | Masks():
            return _shapes(name, answer, row)
        case Rubric(grades):
            return [
                (
                    ".".join([name, *([] if one.turn is None else [str(one.turn)]), one.criterion]),
                    "rating",
                    {"rating": one.value},
                )
                for one in grades
            ]
        case KeyValues(pairs):
            return [(f"{name}.{pair.key}", "textarea", {"text": [_word(pair.value)]}) for pair in pairs]
        case Abstain():
            return []
        case _:
            kind, value = _single(answer)
            return [(name, kind, value)]


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _single(answer: Answer) -> tuple[str, Plain]:
    """Return an answer that is one value."""
    if type(answer) not in SINGLE:
        raise BadValue(f"There is no word in Label Studio for {type(answer).__name__}.")
    kind, key, value = SINGLE[type(answer)]
    return kind, {key: value(answer)}


def _side(answer: Preference) -> str:
    return "tie" if answer.chosen is None else ("left", "right")[answer.chosen]


SINGLE: Mapping[type, tuple[str, str, Callable[[Any], object]]] = MappingProxyType(
    {
        Choice: ("choices", "choices", lambda one: [one.label]),
        Choices: ("choices", "choices", lambda one: list(one.labels)),
        Paths: ("taxonomy", "taxonomy", lambda one: [label.split("/") for label in one.labels]),
        Rating: ("rating", "rating", lambda one: one.value),
        Number: ("number", "number", lambda one: int(one.value) if one.value == int(one.value) else one.value),
        Moment: ("datetime", "datetime", lambda one: one.value),
        Text: ("textarea", "text", lambda one: [one.text]),
        Preference: ("pairwise", "selected", _side),
        Best: ("choices", "choices", lambda one: [str(one.chosen)]),
        Ranking: ("ranker", "ranker", lambda one: {"rank": [str(place) for group in one.order for place in group]}),
    }
)
"""The control, the key of its value, and the value, of every answer that is one value."""


def _shapes(name: str, answer: Answer, row: Row) -> list[Region]:
    if not row.width or not row.height:
        raise BadValue(f"The size of the image {row.file_name!r} is not known, and this form needs it.", item=row.item)
    if isinstance(answer, Poses):
        return [region for nth, pose in enumerate(answer.poses) for region in _pose(f"{name}.{nth}", pose, row)]
    within, kind, drawn = SHAPES[type(answer)]
    return [(name, kind, {**drawn(shape, row), kind: [shape.label]}) for shape in getattr(answer, within)]


def _across(x: float, row: Row) -> float:
    return 100 * x / row.width


def _down(y: float, row: Row) -> float:
    return 100 * y / row.height


def _box(box: Box, row: Row) -> Plain:
    size = {"width": _across(box.width, row), "height": _down(box.height, row)}
    return {"x": _across(box.x, row), "y": _down(box.y, row), **size, "rotation": box.rotation}


def _ellipse(one: Ellipse, row: Row) -> Plain:
    radii = {"radiusX": _across(one.rx, row), "radiusY": _down(one.ry, row)}
    return {"x": _across(one.cx, row), "y": _down(one.cy, row), **radii, "rotation": one.rotation}


def _line(one: Polygon | Polyline, row: Row) -> Plain:
    if getattr(one, "holes", ()):
        raise BadValue("Label Studio has no word for a polygon with holes; use coco or jsonl.", item=row.item)
    points = [[_across(x, row), _down(y, row)] for x, y in one.points]
    return {"points": points, "closed": isinstance(one, Polygon)}


def _mask(one: Mask, row: Row) -> Plain:
    del row
    return {"format": "rle", "rle": to_bytes(pixels_of(one))}


def _pose(name: str, pose: Pose, row: Row) -> list[Region]:
    seen = [point for point in pose.points if point.sight is not Sight.ABSENT]
    return [
        (
            name,
            "keypointlabels",
            {
                "x": _across(p.x or 0, row), "y": _down(p.y or 0, row), "width": 0.6, "keypointlabels": [p.name],
                "goldseam": {"label": pose.label, "sight": p.sight.value},
            },
        )
        for p in seen
    ]  # fmt: skip


SHAPES: Mapping[type, tuple[str, str, Callable[[Any, Row], Plain]]] = MappingProxyType(
    {
        Boxes: ("boxes", "rectanglelabels", _box),
        Ellipses: ("ellipses", "ellipselabels", _ellipse),
        Polygons: ("polygons", "polygonlabels", _line),
        Polylines: ("polylines", "polygonlabels", _line),
        Masks: ("masks", "brushlabels", _mask),
    }
)
"""Where an answer has its shapes, the control, and how a shape is drawn."""
