"""The plain forms of answers as JSON Schemas, one a kind: what the OpenAPI document says of an answer.

In: nothing. Out: schemas as plain values. Never: an invariant that takes more than one key; records hold those.
"""

from __future__ import annotations

from collections.abc import Mapping

from goldseam.vocab.forms import MAX_PARTS, MAX_VALUE
from goldseam.vocab.marks import MAX_ID, MAX_MARKS
from goldseam.vocab.masks import MAX_COUNTS, MAX_PIXELS
from goldseam.vocab.names import MAX_NAME
from goldseam.vocab.orders import MAX_CANDIDATES
from goldseam.vocab.shapes import FARTHEST, MAX_POINTS

Plain = dict[str, object]

NAME: Plain = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
NUMBER: Plain = {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST}
SIDE: Plain = {"type": "number", "exclusiveMinimum": 0, "maximum": FARTHEST}
WHOLE: Plain = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
PLACE: Plain = {"type": "integer", "minimum": 0, "maximum": MAX_CANDIDATES - 1}
TEXT: Plain = {"type": "string"}


def _object(needed: Mapping[str, Plain], optional: Mapping[str, Plain] | None = None) -> Plain:
    properties = {**needed, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(needed), "additionalProperties": False}


def _list(of: Plain, least: int = 0, most: int = MAX_MARKS) -> Plain:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def _or_null(of: Plain) -> Plain:
    return {"anyOf": [of, {"type": "null"}]}


def _points(least: int) -> Plain:
    return _list(_list(NUMBER, 2, 2), least, MAX_POINTS)


LABELS = _list(NAME, 0, 5_000)
TURNED: Mapping[str, Plain] = {"rotation": NUMBER}
SPAN = _object({"start": WHOLE, "end": WHOLE, "label": NAME}, {"id": {"type": "string", "maxLength": MAX_ID}})
RELATION = _object({"head": NAME, "tail": NAME, "label": NAME})
BOX = _object({"x": NUMBER, "y": NUMBER, "width": SIDE, "height": SIDE, "label": NAME}, TURNED)
ELLIPSE = _object({"cx": NUMBER, "cy": NUMBER, "rx": SIDE, "ry": SIDE, "label": NAME}, TURNED)
POLYGON = _object({"points": _points(3), "label": NAME}, {"holes": _list(_points(3))})
POLYLINE = _object({"points": _points(2), "label": NAME})
SEEN = _object({"name": NAME, "sight": {"enum": ["visible", "occluded"]}, "x": NUMBER, "y": NUMBER})
ABSENT = _object({"name": NAME, "sight": {"enum": ["absent"]}})
POSE = _object({"label": NAME, "points": _list({"anyOf": [SEEN, ABSENT]}, 1, 500)})
COUNTS: Plain = {"anyOf": [{"type": "string", "maxLength": MAX_COUNTS}, _list(WHOLE, 1, MAX_COUNTS)]}
PIXELS: Plain = {"type": "integer", "minimum": 1, "maximum": MAX_PIXELS}
MASK = _object({"width": PIXELS, "height": PIXELS, "counts": COUNTS, "label": NAME})
GRADE = _object({"criterion": NAME, "value": {"type": "integer"}}, {"turn": _or_null(WHOLE)})
VALUE: Plain = {
    "anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_VALUE}, {"type": "number"}, {"type": "boolean"}]
}

PARTS: Mapping[str, tuple[Mapping[str, Plain], Mapping[str, Plain]]] = {
    "choice": ({"label": NAME}, {}),
    "choices": ({"labels": LABELS}, {}),
    "taxonomy": ({"labels": LABELS}, {}),
    "rating": ({"value": {"type": "integer"}}, {}),
    "number": ({"value": {"type": "number"}}, {}),
    "date": ({"value": {"type": "string", "maxLength": 19}}, {}),
    "text": ({"text": TEXT}, {}),
    "span": ({"spans": _list(SPAN)}, {"relations": _list(RELATION)}),
    "box": ({"boxes": _list(BOX)}, {}),
    "ellipse": ({"ellipses": _list(ELLIPSE)}, {}),
    "polygon": ({"polygons": _list(POLYGON)}, {}),
    "polyline": ({"polylines": _list(POLYLINE)}, {}),
    "keypoints": ({"poses": _list(POSE)}, {}),
    "mask": ({"masks": _list(MASK)}, {}),
    "preference": ({}, {"chosen": _or_null(PLACE), "strength": _or_null({"type": "integer", "minimum": 1})}),
    "ranking": ({"order": _list(_list(PLACE, 1, MAX_CANDIDATES), 1, MAX_CANDIDATES)}, {}),
    "best": ({"chosen": PLACE}, {}),
    "rubric": ({"grades": _list(GRADE, 0, MAX_PARTS)}, {}),
    "key_values": ({"pairs": _list(_object({"key": NAME, "value": VALUE}), 0, MAX_PARTS)}, {}),
    "abstain": ({}, {"reason": TEXT}),
}
"""The keys of each kind of answer beside `kind`: those it needs, and those that may be left out."""

ANSWER_SCHEMA: Plain = {
    "title": "Answer",
    "description": "The value given to a question; the forms are explained in docs/reference/answers.md.",
    "oneOf": [
        {"title": kind, **_object({"kind": {"const": kind}, **needed}, optional)}
        for kind, (needed, optional) in PARTS.items()
    ],
}
"""The JSON Schema (draft 2020-12) of an answer of any kind."""
