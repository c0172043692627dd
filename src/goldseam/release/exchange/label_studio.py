"""Label Studio: settled answers of every kind as its JSON of tasks, an annotation an item.

In: rows of questions. Out: the JSON. Never: a place rounded, or an answer without where it came from.

Places on images are percentages there. What its words cannot say (grades, pairs of keys) has a control a part, named
`question.part`; an open line is a polygon that is not closed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from goldseam.encode.masks import pixels_of
from goldseam.release.exchange.brush import to_bytes
from goldseam.release.exchange.row import Row, Source
from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Best,
    Boxes,
    Choice,
    Choices,
    Ellipses,
    KeyValues,
    Masks,
    Moment,
    Number,
    Paths,
    Polygons,
    Polylines,
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
    match answer:
        case Choice(label):
            return "choices", {"choices": [label]}
        case Choices(labels):
            return "choices", {"choices": list(labels)}
        case Paths(labels):
            return "taxonomy", {"taxonomy": [label.split("/") for label in labels]}
        case Rating(value):
            return "rating", {"rating": value}
        case Number(value):
            return "number", {"number": int(value) if value == int(value) else value}
        case Moment(value):
            return "datetime", {"datetime": value}
        case Text(text):
            return "textarea", {"text": [text]}
        case Preference(chosen):
            return "pairwise", {"selected": {0: "left", 1: "right"}.get(-1 if chosen is None else chosen, "tie")}
        case Best(chosen):
            return "choices", {"choices": [str(chosen)]}
        case Ranking(order):
            return "ranker", {"ranker": {"rank": [str(place) for group in order for place in group]}}
        case _:
            raise BadValue(f"There is no word in Label Studio for {type(answer).__name__}.")


def _shapes(name: str, answer: Answer, row: Row) -> list[Region]:
    if not row.width or not row.height:
        raise BadValue(f"The size of the image {row.file_name!r} is not known, and this form needs it.", item=row.item)

    def across(x: float) -> float:
        return 100 * x / row.width

    def down(y: float) -> float:
        return 100 * y / row.height

    def ring(points: Sequence[tuple[float, float]]) -> list[list[float]]:
        return [[across(x), down(y)] for x, y in points]

    match answer:
        case Boxes(boxes):
            return [
                (
                    name,
                    "rectanglelabels",
                    {
                        "x": across(box.x),
                        "y": down(box.y),
                        "width": across(box.width),
                        "height": down(box.height),
                        "rotation": box.rotation,
                        "rectanglelabels": [box.label],
                    },
                )
                for box in boxes
            ]
        case Ellipses(ellipses):
            return [
                (
                    name,
                    "ellipselabels",
                    {
                        "x": across(one.cx),
                        "y": down(one.cy),
                        "radiusX": across(one.rx),
                        "radiusY": down(one.ry),
                        "rotation": one.rotation,
                        "ellipselabels": [one.label],
                    },
                )
                for one in ellipses
            ]
        case Polygons(polygons):
            if any(one.holes for one in polygons):
                raise BadValue("Label Studio has no word for a polygon with holes; use coco or jsonl.", item=row.item)
            return [
                (name, "polygonlabels", {"points": ring(one.points), "closed": True, "polygonlabels": [one.label]})
                for one in polygons
            ]
        case Polylines(polylines):
            return [
                (name, "polygonlabels", {"points": ring(one.points), "closed": False, "polygonlabels": [one.label]})
                for one in polylines
            ]
        case Poses(poses):
            return [
                (
                    f"{name}.{nth}",
                    "keypointlabels",
                    {"x": across(point.x or 0), "y": down(point.y or 0), "width": 0.6, "keypointlabels": [point.name]},
                )
                for nth, pose in enumerate(poses)
                for point in pose.points
                if point.sight is not Sight.ABSENT
            ]
        case Masks(masks):
            return [
                (name, "brushlabels", {"format": "rle", "rle": to_bytes(pixels_of(one)), "brushlabels": [one.label]})
                for one in masks
            ]
        case _:
            return []
