"""Reading Label Studio's JSON: what its annotations say, as answers to a project's questions.

In: tasks as `json.loads` gives them, the schema. Out: `Found` records. Never: a region taken for a question that it cannot be,
or a place moved by the way from pixels to percentages and back.

A control (`from_name`) is the question of its name, or the only question of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from goldseam.encode.masks import mask_of_pixels
from goldseam.release.exchange.brush import from_bytes
from goldseam.vocab.answers import (
    Answer,
    Box,
    Boxes,
    Choice,
    Choices,
    Ellipse,
    Ellipses,
    Keypoint,
    LabelName,
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
    Rating,
    Relation,
    Sight,
    Span,
    Spans,
    Text,
)
from goldseam.vocab.errors import BadAnswer, BadSource, GoldseamError
from goldseam.vocab.schema import Question, QuestionKind, QuestionName, Schema

K = QuestionKind
Region = Mapping[str, Any]
UPLOADED = re.compile(r"^[0-9a-f]{8}-")
"""What an upload puts before a file's name."""
PLACES, NEAR = 6, 1e-8
"""Pixels are read to so many places where what was computed lies so near: percentages are not exact, what was drawn was."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one task says: the names its item may have (its text, or its file's names), and the answers by question.

    `confidence` is what the file says of it, if anything.
    """

    number: int
    names: tuple[str, ...]
    answers: Mapping[QuestionName, Answer]
    refused: str = ""
    confidence: float | None = None


def read_export(tasks: object, schema: Schema) -> Iterator[Found]:
    """Yield what each task's newest annotation that was not cancelled says; one without any says nothing.

    Raises
    ------
    BadSource
        If this is no list of tasks.
    """
    for number, task in enumerate(_tasks(tasks), 1):
        given = [one for one in task.get("annotations", []) if not one.get("was_cancelled")]
        names = tuple(name for value in task["data"].values() if isinstance(value, str) for name in names_of(value))
        if not given:
            continue
        try:
            yield Found(number, names, _answers(given[-1].get("result", []), schema))
        except (GoldseamError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            said = error.message if isinstance(error, GoldseamError) else f"cannot be read: {error!r}"
            yield Found(number, names, {}, said)


def read_proposals(tasks: object, schema: Schema) -> Iterator[Found]:
    """Yield what each task's newest prediction says, with its score; of tasks without one, what `read_export` yields.

    Raises
    ------
    BadSource
        If this is no list of tasks.
    """
    told = _tasks(tasks)
    newest = [list(task.get("predictions") or [None])[-1] for task in told]
    shown = [
        {**task, "annotations": [one]} if isinstance(one, Mapping) else task
        for task, one in zip(told, newest, strict=True)
    ]
    for found in read_export(shown, schema):
        one = newest[found.number - 1]
        score = one.get("score") if isinstance(one, Mapping) else None
        yield replace(found, confidence=float(score)) if isinstance(score, int | float) and 0 <= score <= 1 else found


def _tasks(tasks: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise BadSource("This is no export of Label Studio: a list of tasks, each with 'data' and 'annotations'.")
    return tasks


def names_of(value: str) -> tuple[str, ...]:
    """Return the names by which an item may be known: the whole, a path's last part, and that without an upload's mark."""
    last = value.rsplit("/", 1)[-1]
    return (value, last, UPLOADED.sub("", last))


def _answers(results: Sequence[Region], schema: Schema) -> dict[QuestionName, Answer]:
    by: dict[QuestionName, list[Region]] = {}
    links = [one for one in results if one.get("type") == "relation"]
    for one in results:
        if one.get("type") in READ:
            by.setdefault(_question(one, schema).name, []).append(one)
    found = {name: READ[regions[0]["type"]][1](regions, schema.question(name)) for name, regions in by.items()}
    return {name: _linked(answer, by[name], links) for name, answer in found.items()}


def _question(region: Region, schema: Schema) -> Question:
    kinds, name = READ[region["type"]][0], region.get("from_name")
    fitting = [question for question in schema.questions if question.kind in kinds]
    part = str(name).rpartition(".")[0]  # what has no word there is a control a part, named `question.part`
    named = [question for question in fitting if question.name in {name, part}]
    if len(named) == 1 or len(fitting) == 1:
        return (named or fitting)[0]
    raise BadAnswer(f"There is no question for the control {name!r} of type {region['type']!r}.")


def _linked(answer: Answer, regions: Sequence[Region], links: Sequence[Region]) -> Answer:
    if not isinstance(answer, Spans) or not links:
        return answer
    ids = {one["id"] for one in regions}
    relations = tuple(
        Relation(one["from_id"], one["to_id"], LabelName(label))
        for one in links
        for label in one.get("labels", [])
        if {one["from_id"], one["to_id"]} <= ids
    )
    return Spans(answer.spans, relations)


def _label(region: Region) -> LabelName:
    kind = region["type"]
    return LabelName(region["value"][kind][0])


def _choices(regions: Sequence[Region], question: Question) -> Answer:
    labels = [LabelName(label) for label in regions[0]["value"]["choices"]]
    return Choice(labels[0]) if question.kind is K.CHOICE else Choices(tuple(labels))


def _spans(regions: Sequence[Region], question: Question) -> Answer:
    named = bool(question.relations)
    return Spans(
        tuple(
            Span(one["value"]["start"], one["value"]["end"], _label(one), one["id"] if named else "") for one in regions
        )
    )


def _boxes(regions: Sequence[Region], question: Question) -> Answer:
    del question
    return Boxes(
        tuple(
            Box(
                *_scaled(one, "x", "y"), *_scaled(one, "width", "height"), _label(one),
                float(one["value"].get("rotation", 0)),
            )
            for one in regions
        )
    )  # fmt: skip


def _scaled(region: Region, across: str, down: str) -> tuple[float, float]:
    value = region["value"]
    return _pixels(value[across], region["original_width"]), _pixels(value[down], region["original_height"])


def _pixels(percent: float, side: float) -> float:
    """Return a percentage of a side in pixels: the round number that was drawn, where it is one."""
    computed = percent * side / 100
    drawn = round(computed, PLACES)
    return drawn if abs(computed - drawn) < NEAR else computed


def _ellipses(regions: Sequence[Region], question: Question) -> Answer:
    del question
    return Ellipses(
        tuple(
            Ellipse(
                *_scaled(one, "x", "y"), *_scaled(one, "radiusX", "radiusY"), _label(one),
                float(one["value"].get("rotation", 0)),
            )
            for one in regions
        )
    )  # fmt: skip


def _lines(regions: Sequence[Region], question: Question) -> Answer:
    drawn = [(_points(one), _label(one)) for one in regions]
    if question.kind is K.POLYLINE:
        return Polylines(tuple(Polyline(points, label) for points, label in drawn))
    return Polygons(tuple(Polygon(points, label) for points, label in drawn))


def _points(region: Region) -> tuple[tuple[float, float], ...]:
    width, height = region["original_width"], region["original_height"]
    return tuple((_pixels(x, width), _pixels(y, height)) for x, y in region["value"]["points"])


def _poses(regions: Sequence[Region], question: Question) -> Answer:
    """Return the objects of a question: the points of one control are one object; without our note of it, of the only label."""
    names = question.skeleton.points if question.skeleton is not None else ()
    only = next(iter(question.label_names), None) if len(question.label_names) == 1 else None
    poses = []
    for control in dict.fromkeys(one["from_name"] for one in regions):
        mine = [one for one in regions if one["from_name"] == control]
        told = [one.get("goldseam", {}) for one in mine]
        label = told[0].get("label", only)
        if label is None:
            raise BadAnswer(f"The keypoints of {control!r} do not say which label their object has.")
        placed = {
            _label(one): Keypoint(_label(one), Sight(note.get("sight", "visible")), *_scaled(one, "x", "y"))
            for one, note in zip(mine, told, strict=True)
        }
        absent = [Keypoint(name, Sight.ABSENT) for name in names if name not in placed]
        poses.append(Pose(LabelName(label), (*placed.values(), *absent)))
    return Poses(tuple(poses))


def _masks(regions: Sequence[Region], question: Question) -> Answer:
    del question
    masks: list[Mask] = []
    for one in regions:
        pixels = from_bytes(one["value"]["rle"], one["original_width"], one["original_height"])
        mask = mask_of_pixels(pixels, _label(one))
        if mask is not None:
            masks.append(mask)
    return Masks(tuple(masks))


def _text(regions: Sequence[Region], question: Question) -> Answer:
    del question
    said = regions[0]["value"]["text"]
    return Text(said if isinstance(said, str) else "\n".join(said))


def _side(regions: Sequence[Region], question: Question) -> Answer:
    del question
    return Preference({"left": 0, "right": 1}.get(regions[0]["value"]["selected"]))


READ: Mapping[str, tuple[frozenset[QuestionKind], Callable[[Sequence[Region], Question], Answer]]] = MappingProxyType(
    {
        "choices": (frozenset({K.CHOICE, K.CHOICES}), _choices),
        "taxonomy": (
            frozenset({K.TAXONOMY}),
            lambda some, _: Paths(tuple(LabelName("/".join(path)) for path in some[0]["value"]["taxonomy"])),
        ),
        "rating": (frozenset({K.RATING}), lambda some, _: Rating(int(some[0]["value"]["rating"]))),
        "number": (frozenset({K.NUMBER}), lambda some, _: Number(float(some[0]["value"]["number"]))),
        "datetime": (frozenset({K.DATE}), lambda some, _: Moment(str(some[0]["value"]["datetime"]))),
        "textarea": (frozenset({K.TEXT}), _text),
        "labels": (frozenset({K.SPAN}), _spans),
        "rectanglelabels": (frozenset({K.BOX}), _boxes),
        "ellipselabels": (frozenset({K.ELLIPSE}), _ellipses),
        "polygonlabels": (frozenset({K.POLYGON, K.POLYLINE}), _lines),
        "keypointlabels": (frozenset({K.KEYPOINTS}), _poses),
        "brushlabels": (frozenset({K.MASK}), _masks),
        "pairwise": (frozenset({K.PREFERENCE}), _side),
    }
)
"""By type of control: the kinds of question that it may be, and how its regions are read."""
