"""Reading COCO's JSON: what it draws on each image, as answers to a project's question about boxes, polygons, masks or keypoints.

In: the JSON as `json.loads` gives it, the schema. Out: `Found` records, one an image. Never: a shape taken for one of another
kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from goldseam.formats.plain import answer_from_plain
from goldseam.release.exchange.read_label_studio import Found, names_of
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
from goldseam.vocab.errors import BadAnswer, BadSource, GoldseamError
from goldseam.vocab.masks import counts_to_text
from goldseam.vocab.schema import Question, QuestionKind, Schema

Drawn = Mapping[str, Any]
SIGHT = (Sight.ABSENT, Sight.OCCLUDED, Sight.VISIBLE)


def read_coco(whole: Mapping[str, Any], schema: Schema) -> Iterator[Found]:
    """Yield what is drawn on each image, for the first question of a kind that COCO has; images without anything too.

    Raises
    ------
    BadSource
        If this is not COCO's JSON, or the schema has no such question.
    """
    question = next((one for one in schema.questions if one.kind in READ), None)
    if question is None:
        raise BadSource(f"COCO holds {', '.join(kind.value for kind in READ)}; the schema asks for none of these.")
    try:
        labels = {one["id"]: LabelName(one["name"]) for one in whole["categories"]}
        images = [(one["id"], str(one["file_name"])) for one in whole["images"]]
        by: dict[object, list[Drawn]] = {number: [] for number, _ in images}
        for one in whole["annotations"]:
            by[one["image_id"]].append(one)
    except (KeyError, TypeError) as error:
        raise BadSource(f"This is not COCO's JSON: {error!r} is missing or of another form.") from error
    for place, (number, name) in enumerate(images, 1):
        try:
            answer = READ[question.kind](question, [(one, labels[one["category_id"]]) for one in by[number]])
            yield Found(place, names_of(name), {question.name: answer}, confidence=_confidence(by[number]))
        except (GoldseamError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            said = error.message if isinstance(error, GoldseamError) else f"cannot be read: {error!r}"
            yield Found(place, names_of(name), {}, said)


def _confidence(drawn: Sequence[Drawn]) -> float | None:
    """Return how sure the file is of an image: as of the least certain shape that says so."""
    told = [one.get("score", one.get("goldseam", {}).get("confidence")) for one in drawn]
    sure = [float(one) for one in told if isinstance(one, int | float) and 0 <= one <= 1]
    return min(sure, default=None)


def _told(one: Drawn) -> Answer | None:
    """Return the shape itself, where our note beside COCO's words says it."""
    note = one.get("goldseam", {}).get("shape")
    return None if note is None else answer_from_plain(note)


def _boxes(question: Question, drawn: Sequence[tuple[Drawn, LabelName]]) -> Answer:
    del question
    return Boxes(tuple(box for one, label in drawn for box in _box(one, label)))


def _box(one: Drawn, label: LabelName) -> Sequence[Box]:
    told = _told(one)
    if isinstance(told, Boxes):
        return told.boxes
    x, y, width, height = (float(side) for side in one["bbox"])
    return [Box(x, y, width, height, label)]


def _ellipses(question: Question, drawn: Sequence[tuple[Drawn, LabelName]]) -> Answer:
    del question
    told = [_told(one) for one, _ in drawn]
    found = [ellipse for one in told if isinstance(one, Ellipses) for ellipse in one.ellipses]
    if len(found) != len(drawn):
        raise BadAnswer("COCO has no word for an ellipse, and this file says of one no more than its outline.")
    return Ellipses(tuple(found))


def _polygons(question: Question, drawn: Sequence[tuple[Drawn, LabelName]]) -> Answer:
    del question
    return Polygons(tuple(polygon for one, label in drawn for polygon in _rings(one, label)))


def _rings(one: Drawn, label: LabelName) -> Sequence[Polygon]:
    told = _told(one)
    if isinstance(told, Polygons):
        return told.polygons
    return [
        Polygon(tuple((float(x), float(y)) for x, y in zip(ring[::2], ring[1::2], strict=True)), label)
        for ring in one["segmentation"]
    ]


def _masks(question: Question, drawn: Sequence[tuple[Drawn, LabelName]]) -> Answer:
    del question
    masks = []
    for one, label in drawn:
        (height, width), counts = one["segmentation"]["size"], one["segmentation"]["counts"]
        masks.append(Mask(width, height, counts if isinstance(counts, str) else counts_to_text(counts), label))
    return Masks(tuple(masks))


def _poses(question: Question, drawn: Sequence[tuple[Drawn, LabelName]]) -> Answer:
    names = question.skeleton.points if question.skeleton is not None else ()
    return Poses(
        tuple(
            Pose(label, tuple(_keypoint(name, one["keypoints"][3 * at : 3 * at + 3]) for at, name in enumerate(names)))
            for one, label in drawn
        )
    )


def _keypoint(name: str, placed: Sequence[float]) -> Keypoint:
    x, y, sight = placed
    seen = SIGHT[int(sight)]
    return Keypoint(name, seen) if seen is Sight.ABSENT else Keypoint(name, seen, float(x), float(y))


READ: Mapping[QuestionKind, Callable[[Question, Sequence[tuple[Drawn, LabelName]]], Answer]] = MappingProxyType(
    {
        QuestionKind.BOX: _boxes,
        QuestionKind.ELLIPSE: _ellipses,
        QuestionKind.POLYGON: _polygons,
        QuestionKind.MASK: _masks,
        QuestionKind.KEYPOINTS: _poses,
    }
)
"""The kinds of question that COCO can answer, and how."""
