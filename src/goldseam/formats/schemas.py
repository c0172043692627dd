"""Schemas and guidelines to plain JSON values, and back.

In: records of `vocab`, or values as `json.loads` gives them. Out: the other. Never: an option that its kind of question
does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields as parts_of
from dataclasses import is_dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from goldseam.formats.fields import Fields, listed, mapping, member, text_of
from goldseam.vocab.asked import OPTIONS
from goldseam.vocab.errors import BadSchema
from goldseam.vocab.names import LabelName
from goldseam.vocab.questions import DEFAULTS
from goldseam.vocab.schema import (
    AskIf,
    Criterion,
    DateForm,
    Guideline,
    Key,
    KeyKind,
    Label,
    Nesting,
    Question,
    QuestionKind,
    QuestionName,
    RelationLabel,
    Schema,
    Skeleton,
    Turns,
    WorkedExample,
)

Plain = dict[str, object]
R = TypeVar("R")
E = TypeVar("E", bound=StrEnum)


def schema_to_plain(schema: Schema) -> Plain:
    """Return the schema as `{"questions": [...]}` with every key written out that a question of its kind has."""
    return {"questions": [question_to_plain(question) for question in schema.questions]}


def schema_from_plain(value: object) -> Schema:
    """Return the schema of a plain value; keys that may be left out take their defaults.

    Raises
    ------
    BadSchema
        If a key is missing, unknown (the nearest is named) or of the wrong form, or the schema contradicts itself.
    """
    fields = Fields(mapping(value, "A schema", BadSchema), "the schema", BadSchema)
    schema = Schema(tuple(question_from_plain(question) for question in fields.list("questions")))
    fields.end()
    return schema


def question_to_plain(question: Question) -> Plain:
    """Return one question as plain values."""
    plain: Plain = {"name": question.name, "kind": question.kind.value, "prompt": question.prompt}
    plain |= {"help": question.help, "required": question.required}
    if question.kind.has_labels:
        plain["labels"] = [_plain(label) for label in question.labels]
    plain |= {name: _plain(getattr(question, name)) for name in OPTIONS[question.kind]}
    if question.ask_if is not None:
        plain["ask_if"] = _condition(question.ask_if)
    return plain


def _condition(condition: AskIf) -> Plain:
    """Return a condition with its labels, or with its range."""
    plain: Plain = {"question": condition.question}
    if condition.labels:
        return plain | {"labels": list(condition.labels)}
    return plain | {"at_least": condition.at_least, "at_most": condition.at_most}


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in parts_of(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.value if isinstance(value, StrEnum) else value


def question_from_plain(value: object) -> Question:
    """Return one question of a plain value."""
    fields = Fields(mapping(value, "A question", BadSchema), "a question", BadSchema)
    name = fields.text("name")
    fields.where = f"question {name!r}"
    kind = member(QuestionKind, fields.text("kind", "choice"), "kind of question", BadSchema)
    prompt, words = fields.text("prompt", ""), fields.text("help", "")
    required = fields.flag("required", True)  # noqa: FBT003 - the default of a flag
    labels = tuple(_label(label) for label in fields.list("labels", ()))
    condition = _ask_if(fields.take("ask_if", None), name)
    options = {key: READ[key](fields, key) for key in DEFAULTS if key in fields.value}
    fields.end()
    return Question(
        name=QuestionName(name),
        kind=kind,
        prompt=prompt,
        labels=labels,
        ask_if=condition,
        help=words,
        required=required,
        **options,  # type: ignore[arg-type]  # each is read as its own type
    )


def _ask_if(value: object, question: str) -> AskIf | None:
    if value is None:
        return None
    where = f"the condition of question {question!r}"
    fields = Fields(mapping(value, "A condition", BadSchema), where, BadSchema)
    condition = AskIf(
        QuestionName(fields.text("question")),
        _names(fields, "labels"),
        _number(fields, "at_least"),
        _number(fields, "at_most"),
    )
    fields.end()
    return condition


def _names(fields: Fields, key: str) -> tuple[LabelName, ...]:
    return tuple(LabelName(label) for label in fields.texts(key, ()))


def _number(fields: Fields, key: str) -> float | None:
    return None if fields.take(key, None) is None else fields.number(key)


def _whole(fields: Fields, key: str) -> int | None:
    return None if fields.take(key, None) is None else fields.integer(key)


def _label(value: object) -> Label:
    """Return the label of a mapping, or of a bare name."""
    if isinstance(value, str):
        return Label(LabelName(value))
    fields = _part(value, "label")
    label = Label(
        name=LabelName(fields.text("name")),
        title=fields.text("title", ""),
        definition=fields.text("definition", ""),
        examples=fields.texts("examples", ()),
        counter_examples=fields.texts("counter_examples", ()),
        edge_cases=fields.texts("edge_cases", ()),
        disallowed=fields.text("disallowed", ""),
        color=fields.text("color", ""),
        hotkey=fields.text("hotkey", ""),
    )
    fields.end()
    return label


def _part(value: object, what: str) -> Fields:
    """Return the fields of a part of a question that has a name, which messages then show; a text is a name alone."""
    value = {"name": value} if isinstance(value, str) else value
    fields = Fields(mapping(value, f"A {what}", BadSchema), f"a {what}", BadSchema)
    fields.where = f"{what} {fields.text('name')!r}"
    return fields


def _relation(value: object) -> RelationLabel:
    fields = _part(value, "relation")
    relation = RelationLabel(
        name=LabelName(fields.text("name")),
        title=fields.text("title", ""),
        definition=fields.text("definition", ""),
        directed=fields.flag("directed", True),  # noqa: FBT003 - the default of a flag
        heads=_names(fields, "heads"),
        tails=_names(fields, "tails"),
        color=fields.text("color", ""),
        hotkey=fields.text("hotkey", ""),
    )
    fields.end()
    return relation


def _skeleton(value: object) -> Skeleton | None:
    if value is None:
        return None
    fields = Fields(mapping(value, "A skeleton", BadSchema), "a skeleton", BadSchema)
    edges = []
    for edge in fields.list("edges", ()):
        ends = tuple(text_of(end, "Each end of an edge", BadSchema) for end in listed(edge, "An edge", BadSchema))
        if len(ends) != 2:
            raise BadSchema(f"An edge of a skeleton joins two of its points; got {list(ends)}.")
        edges.append(ends)
    skeleton = Skeleton(fields.texts("points"), tuple(edges))
    fields.end()
    return skeleton


def _criterion(value: object) -> Criterion:
    fields = _part(value, "criterion")
    criterion = Criterion(
        name=fields.text("name"),
        title=fields.text("title", ""),
        help=fields.text("help", ""),
        minimum=fields.integer("minimum", 1),
        maximum=fields.integer("maximum", 5),
        low_title=fields.text("low_title", ""),
        high_title=fields.text("high_title", ""),
        required=fields.flag("required", True),  # noqa: FBT003 - the default of a flag
    )
    fields.end()
    return criterion


def _key(value: object) -> Key:
    fields = _part(value, "key")
    key = Key(
        name=fields.text("name"),
        kind=member(KeyKind, fields.text("kind", "text"), "kind of key", BadSchema),
        title=fields.text("title", ""),
        help=fields.text("help", ""),
        required=fields.flag("required", False),  # noqa: FBT003 - the default of a flag
        several=fields.flag("several", False),  # noqa: FBT003 - the default of a flag
        labels=_names(fields, "labels"),
    )
    fields.end()
    return key


def _text(fields: Fields, key: str) -> str:
    return fields.text(key)


def _flag(fields: Fields, key: str) -> bool:
    return fields.flag(key)


def _integer(fields: Fields, key: str) -> int:
    return fields.integer(key)


def _one_of(closed: type[E]) -> Callable[[Fields, str], E]:
    return lambda fields, key: member(closed, fields.text(key), key.replace("_", " "), BadSchema)


def _all(read: Callable[[object], R]) -> Callable[[Fields, str], tuple[R, ...]]:
    return lambda fields, key: tuple(read(one) for one in fields.list(key))


READ: Mapping[str, Callable[[Fields, str], object]] = {
    "minimum": _number,
    "maximum": _number,
    "at_least": _whole,
    "at_most": _whole,
    "leaf_only": _flag,
    "low_title": _text,
    "high_title": _text,
    "unit": _text,
    "integer": _flag,
    "step": _number,
    "date_form": _one_of(DateForm),
    "earliest": _text,
    "latest": _text,
    "max_length": _integer,
    "lines": _integer,
    "overlap": _one_of(Nesting),
    "relations": _all(_relation),
    "skeleton": lambda fields, key: _skeleton(fields.take(key)),
    "ties": _flag,
    "strengths": _integer,
    "criteria": _all(_criterion),
    "turns": _one_of(Turns),
    "keys": _all(_key),
}
"""One reader per option of a question."""


# ---- guideline -------------------------------------------------------------------------------------------------------
def guideline_to_plain(guideline: Guideline) -> Plain:
    """Return the guideline as plain values."""
    return {
        "text": guideline.text,
        "worked_examples": [{"text": e.text, "label": e.label, "why": e.why} for e in guideline.worked_examples],
        "review_by": guideline.review_by.isoformat() if guideline.review_by else None,
    }


def guideline_from_plain(value: object) -> Guideline:
    """Return the guideline of a plain value.

    Raises
    ------
    BadSchema
        If a key is missing, unknown or of the wrong form.
    """
    fields = Fields(mapping(value, "A guideline", BadSchema), "the guideline", BadSchema)
    guideline = Guideline(
        text=fields.text("text", ""),
        worked_examples=tuple(_worked_example(example) for example in fields.list("worked_examples", ())),
        review_by=_date(fields.take("review_by", None)),
    )
    fields.end()
    return guideline


def _worked_example(value: object) -> WorkedExample:
    fields = Fields(mapping(value, "A worked example", BadSchema), "a worked example", BadSchema)
    example = WorkedExample(fields.text("text"), LabelName(fields.text("label")), fields.text("why", ""))
    fields.end()
    return example


def _date(value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(text_of(value, "'review_by'", BadSchema))
    except ValueError as error:
        raise BadSchema(f"'review_by' is a date like 2026-05-01; got {value!r}.") from error
