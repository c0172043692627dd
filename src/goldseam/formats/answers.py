"""Answers to plain JSON values, and back: one form that page, wire, store, ledger and release share.

In: answers of `vocab`, or values as `json.loads` gives them. Out: the other. Never: a value that is quietly mended or left
out. The forms stand in docs/reference/answers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, assert_never

from goldseam.formats.fields import Fields, listed, mapping, member
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
    Grade,
    Keypoint,
    KeyValue,
    KeyValues,
    LabelName,
    Mask,
    Masks,
    Moment,
    Number,
    Paths,
    Point,
    Polygon,
    Polygons,
    Polyline,
    Polylines,
    Pose,
    Poses,
    Preference,
    Ranking,
    Rating,
    Relation,
    Rubric,
    Sight,
    Span,
    Spans,
    Text,
)
from goldseam.vocab.checks import KIND_OF
from goldseam.vocab.errors import BadAnswer, nearest
from goldseam.vocab.masks import counts_to_text
from goldseam.vocab.names import MAX_NAME

Plain = dict[str, object]
R = TypeVar("R")

BOX = ("x", "y", "width", "height", "label", "rotation")
ELLIPSE = ("cx", "cy", "rx", "ry", "label", "rotation")


# ---- to plain --------------------------------------------------------------------------------------------------------
def answer_to_plain(answer: Answer) -> Plain:
    """Return the answer as `{"kind": ..., ...}`."""
    return {"kind": KIND_OF[type(answer)], **_parts(answer)}


def _parts(answer: Answer) -> Plain:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    match answer:
        case Choice(label):
            return {"label": label}
        case Choices(labels) | Paths(labels):
            return {"labels": list(labels)}
        case Rating(value) | Number(value) | Moment(value):
            return {"value": value}
        case Text(text):
            return {"text": text}
        case Spans():
            return _spans_to_plain(answer)
        case Boxes(boxes):
            return {"boxes": [_named(box, BOX) for box in boxes]}
        case Ellipses(ellipses):
            return {"ellipses": [_named(ellipse, ELLIPSE) for ellipse in ellipses]}
        case Polygons(polygons):
            return {"polygons": [_polygon_to_plain(polygon) for polygon in polygons]}
        case Polylines(lines):
            return {"polylines": [{"points": _points(line.points), "label": line.label} for line in lines]}
        case Poses(poses):
            return {"poses": [_pose_to_plain(pose) for pose in poses]}
        case Masks(masks):
            return {"masks": [_named(mask, ("width", "height", "counts", "label")) for mask in masks]}
        case Preference(chosen, strength):
            return {"chosen": chosen, "strength": strength}
        case Ranking(order):
            return {"order": [list(group) for group in order]}
        case Best(chosen):
            return {"chosen": chosen}
        case Rubric(grades):
            return {"grades": [_named(grade, ("turn", "criterion", "value")) for grade in grades]}
        case KeyValues(pairs):
            return {"pairs": [_named(pair, ("key", "value")) for pair in pairs]}
        case Abstain(reason):
            return {"reason": reason}
        case _:
            assert_never(answer)


def _named(record: object, names: Sequence[str]) -> Plain:
    return {name: getattr(record, name) for name in names}


def _spans_to_plain(answer: Spans) -> Plain:
    """Return spans, with ids and relations only where there are some: most texts have neither."""
    spans = [_named(span, ("start", "end", "label", "id") if span.id else ("start", "end", "label"))
             for span in answer.spans]  # fmt: skip
    plain: Plain = {"spans": spans}
    if answer.relations:
        plain["relations"] = [_named(relation, ("head", "tail", "label")) for relation in answer.relations]
    return plain


def _points(points: Sequence[Point]) -> list[list[float]]:
    return [[x, y] for x, y in points]


def _polygon_to_plain(polygon: Polygon) -> Plain:
    holes = [_points(hole) for hole in polygon.holes]
    return {"points": _points(polygon.points), "holes": holes, "label": polygon.label}


def _pose_to_plain(pose: Pose) -> Plain:
    points = [_named(point, ("name", "sight") if point.sight is Sight.ABSENT else ("name", "sight", "x", "y"))
              for point in pose.points]  # fmt: skip
    return {"label": pose.label, "points": points}


# ---- from plain ------------------------------------------------------------------------------------------------------
def answer_from_plain(value: object) -> Answer:
    """Return the answer of a plain value.

    Raises
    ------
    BadAnswer
        If the kind is unknown, or a key is missing, unknown or of the wrong form.
    """
    fields = Fields(mapping(value, "An answer", BadAnswer), "an answer", BadAnswer)
    kind = fields.text("kind")
    read = ANSWERS.get(kind)
    if read is None:
        raise BadAnswer(f"There is no answer of kind {kind!r}.{nearest(kind, ANSWERS)}", kind=kind)
    answer = read(fields)
    fields.end()
    return answer


def _each(fields: Fields, key: str, what: str, read: Callable[[Fields], R], default: object = ...) -> tuple[R, ...]:
    """Return the records of a list of mappings."""
    found = []
    for value in fields.list(key) if default is ... else fields.list(key, default):
        part = Fields(mapping(value, what.capitalize(), BadAnswer), what, BadAnswer)
        found.append(read(part))
        part.end()
    return tuple(found)


def _label(fields: Fields, key: str = "label") -> LabelName:
    return _told(fields.text(key), key, fields)


def _labels(fields: Fields) -> tuple[LabelName, ...]:
    return tuple(_told(text, "labels", fields) for text in fields.texts("labels"))


def _told(text: str, key: str, fields: Fields) -> LabelName:
    if not 1 <= len(text) <= MAX_NAME:
        raise fields.refusal(f"A label in {key!r} of {fields.where} has 1 to {MAX_NAME} characters; got {len(text):,}.")
    return LabelName(text)


def _whole_or_none(fields: Fields, key: str) -> int | None:
    return None if fields.take(key, None) is None else fields.integer(key)


def _span(fields: Fields) -> Span:
    return Span(fields.integer("start"), fields.integer("end"), _label(fields), fields.text("id", ""))


def _relation(fields: Fields) -> Relation:
    return Relation(fields.text("head"), fields.text("tail"), _label(fields))


def _spans(fields: Fields) -> Spans:
    spans = _each(fields, "spans", "a span", _span)
    return Spans(spans, _each(fields, "relations", "a relation", _relation, ()))


def _box(fields: Fields) -> Box:
    x, y, width, height = (fields.number(name) for name in BOX[:4])
    return Box(x, y, width, height, _label(fields), fields.number("rotation", 0.0))


def _ellipse(fields: Fields) -> Ellipse:
    cx, cy, rx, ry = (fields.number(name) for name in ELLIPSE[:4])
    return Ellipse(cx, cy, rx, ry, _label(fields), fields.number("rotation", 0.0))


def _ring(value: object, where: str) -> tuple[Point, ...]:
    found: list[Point] = []
    for point in listed(value, where, BadAnswer):
        pair = listed(point, f"Each point of {where}", BadAnswer)
        if len(pair) != 2 or any(not isinstance(one, int | float) or isinstance(one, bool) for one in pair):
            raise BadAnswer(f"Each point of {where} is two numbers, x and y.")
        part = Fields({"x": pair[0], "y": pair[1]}, where, BadAnswer)
        found.append((part.number("x"), part.number("y")))
    return tuple(found)


def _polygon(fields: Fields) -> Polygon:
    holes = tuple(_ring(hole, "a hole") for hole in fields.list("holes", ()))
    return Polygon(_ring(fields.take("points"), "a polygon"), _label(fields), holes)


def _polyline(fields: Fields) -> Polyline:
    return Polyline(_ring(fields.take("points"), "a polyline"), _label(fields))


def _keypoint(fields: Fields) -> Keypoint:
    name, sight = fields.text("name"), member(Sight, fields.text("sight"), "sight of a keypoint", BadAnswer)
    if sight is Sight.ABSENT:
        return Keypoint(name, sight)
    return Keypoint(name, sight, fields.number("x"), fields.number("y"))


def _pose(fields: Fields) -> Pose:
    return Pose(_label(fields), _each(fields, "points", "a keypoint", _keypoint))


def _mask(fields: Fields) -> Mask:
    """Read a mask; run lengths may also come as a list of numbers, as COCO writes them uncompressed."""
    counts = fields.take("counts")
    if isinstance(counts, list | tuple):
        if any(not isinstance(one, int) or isinstance(one, bool) or not 0 <= one < 2**31 for one in counts):
            raise BadAnswer("The counts of a mask are whole numbers, 0 or more, or COCO's compressed text.")
        text = counts_to_text(counts)
    else:
        text = fields.text("counts")
    return Mask(fields.integer("width"), fields.integer("height"), text, _label(fields))


def _ranking(fields: Fields) -> Ranking:
    order = []
    for group in fields.list("order"):
        places = listed(group, "Each step of a ranking", BadAnswer)
        order.append(tuple(Fields({"place": one}, "a ranking", BadAnswer).integer("place") for one in places))
    return Ranking(tuple(order))


def _grade(fields: Fields) -> Grade:
    return Grade(fields.text("criterion"), fields.integer("value"), _whole_or_none(fields, "turn"))


def _pair(fields: Fields) -> KeyValue:
    key, value = fields.text("key"), fields.take("value")
    match value:
        case str():
            return KeyValue(key, fields.text("value"))
        case bool():
            return KeyValue(key, fields.flag("value"))
        case int() | float():
            return KeyValue(key, fields.number("value"))
        case _:
            raise BadAnswer(f"The value under {key!r} is a text, a number, or true or false.", key=key)


ANSWERS: Mapping[str, Callable[[Fields], Answer]] = {
    "choice": lambda fields: Choice(_label(fields)),
    "choices": lambda fields: Choices(_labels(fields)),
    "taxonomy": lambda fields: Paths(_labels(fields)),
    "rating": lambda fields: Rating(fields.integer("value")),
    "number": lambda fields: Number(fields.number("value")),
    "date": lambda fields: Moment(fields.text("value")),
    "text": lambda fields: Text(fields.text("text")),
    "span": _spans,
    "box": lambda fields: Boxes(_each(fields, "boxes", "a box", _box)),
    "ellipse": lambda fields: Ellipses(_each(fields, "ellipses", "an ellipse", _ellipse)),
    "polygon": lambda fields: Polygons(_each(fields, "polygons", "a polygon", _polygon)),
    "polyline": lambda fields: Polylines(_each(fields, "polylines", "a polyline", _polyline)),
    "keypoints": lambda fields: Poses(_each(fields, "poses", "an object", _pose)),
    "mask": lambda fields: Masks(_each(fields, "masks", "a mask", _mask)),
    "preference": lambda f: Preference(_whole_or_none(f, "chosen"), _whole_or_none(f, "strength")),
    "ranking": _ranking,
    "best": lambda fields: Best(fields.integer("chosen")),
    "rubric": lambda fields: Rubric(_each(fields, "grades", "a grade", _grade)),
    "key_values": lambda fields: KeyValues(_each(fields, "pairs", "a value", _pair)),
    "abstain": lambda fields: Abstain(fields.text("reason", "")),
}
"""One reader per kind of answer."""
