"""Reading Label Studio's JSON: what its annotations say, as answers to a project's questions.

In: tasks as `json.loads` gives them, the schema. Out: `Found` records. Never: a region taken for a question that it cannot be.

A control (`from_name`) is the question of its name, or the only question of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    LabelName,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Polygon,
    Polygons,
    Preference,
    Rating,
    Relation,
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


@dataclass(frozen=True, slots=True)
class Found:
    """What one task says: the names its item may have (its text, or its file's names), and the answers by question."""

    number: int
    names: tuple[str, ...]
    answers: Mapping[QuestionName, Answer]
    refused: str = ""


def read_export(tasks: object, schema: Schema) -> Iterator[Found]:
    """Yield what each task's newest annotation that was not cancelled says; one without any says nothing.

    Raises
    ------
    BadSource
        If this is no list of tasks.
    """
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise BadSource("This is no export of Label Studio: a list of tasks, each with 'data' and 'annotations'.")
    for number, task in enumerate(tasks, 1):
        given = [one for one in task.get("annotations", []) if not one.get("was_cancelled")]
        names = tuple(name for value in task["data"].values() if isinstance(value, str) for name in names_of(value))
        if not given:
            continue
        try:
            yield Found(number, names, _answers(given[-1].get("result", []), schema))
        except (GoldseamError, KeyError, TypeError, ValueError, IndexError) as error:
            said = error.message if isinstance(error, GoldseamError) else f"cannot be read: {error!r}"
            yield Found(number, names, {}, said)


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
    named = [question for question in fitting if question.name == name]
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
    return value[across] * region["original_width"] / 100, value[down] * region["original_height"] / 100


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


def _polygons(regions: Sequence[Region], question: Question) -> Answer:
    del question
    return Polygons(
        tuple(
            Polygon(
                tuple(
                    (x * one["original_width"] / 100, y * one["original_height"] / 100)
                    for x, y in one["value"]["points"]
                ),
                _label(one),
            )
            for one in regions
        )
    )


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
        "polygonlabels": (frozenset({K.POLYGON}), _polygons),
        "brushlabels": (frozenset({K.MASK}), _masks),
        "pairwise": (frozenset({K.PREFERENCE}), _side),
    }
)
"""By type of control: the kinds of question that it may be, and how its regions are read."""
