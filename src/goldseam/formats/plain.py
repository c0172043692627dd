"""Records to plain JSON values, and back: the one form that wire, ledger, store and release share.

In: records of `vocab`, or values as `json.loads` gives them. Out: the other.
Never: a value that is quietly mended or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import assert_never

from goldseam.formats.fields import Fields, mapping, member, text_of
from goldseam.ledger import entries
from goldseam.ledger.canonical import canonical
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.answers import (
    Abstain,
    Answer,
    Box,
    Boxes,
    Choice,
    Choices,
    LabelName,
    Rating,
    Span,
    Spans,
    Text,
)
from goldseam.vocab.errors import BadAnswer, BadSchema, BadValue, nearest
from goldseam.vocab.items import Item, ItemId, Modality, Origin
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import (
    AskIf,
    Guideline,
    GuidelineVersion,
    Label,
    Question,
    QuestionKind,
    QuestionName,
    Schema,
    SchemaVersion,
    WorkedExample,
)

Plain = dict[str, object]


# ---- answers ---------------------------------------------------------------------------------------------------------
def answer_to_plain(answer: Answer) -> Plain:
    """Return the answer as `{"kind": ..., ...}`."""
    match answer:
        case Choice(label):
            return {"kind": "choice", "label": label}
        case Choices(labels):
            return {"kind": "choices", "labels": list(labels)}
        case Rating(value):
            return {"kind": "rating", "value": value}
        case Text(text):
            return {"kind": "text", "text": text}
        case Spans(spans):
            return {"kind": "span", "spans": [{"start": s.start, "end": s.end, "label": s.label} for s in spans]}
        case Boxes(boxes):
            return {"kind": "box", "boxes": [_box_to_plain(box) for box in boxes]}
        case Abstain(reason):
            return {"kind": "abstain", "reason": reason}
        case _:
            assert_never(answer)


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


def _box_to_plain(box: Box) -> Plain:
    names = ("x", "y", "width", "height", "label", "rotation")
    return {name: getattr(box, name) for name in names}


def _span(value: object) -> Span:
    fields = Fields(mapping(value, "A span", BadAnswer), "a span", BadAnswer)
    span = Span(fields.integer("start"), fields.integer("end"), LabelName(fields.text("label")))
    fields.end()
    return span


def _box(value: object) -> Box:
    fields = Fields(mapping(value, "A box", BadAnswer), "a box", BadAnswer)
    box = Box(
        x=fields.number("x"),
        y=fields.number("y"),
        width=fields.number("width"),
        height=fields.number("height"),
        label=LabelName(fields.text("label")),
        rotation=fields.number("rotation", 0.0),
    )
    fields.end()
    return box


ANSWERS: Mapping[str, Callable[[Fields], Answer]] = {
    "choice": lambda fields: Choice(LabelName(fields.text("label"))),
    "choices": lambda fields: Choices(tuple(LabelName(text) for text in fields.texts("labels"))),
    "rating": lambda fields: Rating(fields.integer("value")),
    "text": lambda fields: Text(fields.text("text")),
    "span": lambda fields: Spans(tuple(_span(span) for span in fields.list("spans"))),
    "box": lambda fields: Boxes(tuple(_box(box) for box in fields.list("boxes"))),
    "abstain": lambda fields: Abstain(fields.text("reason", "")),
}
"""One reader per kind of answer."""


# ---- schema and guideline --------------------------------------------------------------------------------------------
LABEL_TEXTS = ("title", "definition", "disallowed", "color", "hotkey")
LABEL_LISTS = ("examples", "counter_examples", "edge_cases")


def schema_to_plain(schema: Schema) -> Plain:
    """Return the schema as `{"questions": [...]}` with every key written out."""
    return {"questions": [_question_to_plain(question) for question in schema.questions]}


def schema_from_plain(value: object) -> Schema:
    """Return the schema of a plain value; keys that may be left out take their defaults.

    Raises
    ------
    BadSchema
        If a key is missing, unknown (the nearest is named) or of the wrong form, or the schema contradicts itself.
    """
    fields = Fields(mapping(value, "A schema", BadSchema), "the schema", BadSchema)
    schema = Schema(tuple(_question(question) for question in fields.list("questions")))
    fields.end()
    return schema


def _question_to_plain(question: Question) -> Plain:
    plain: Plain = {"name": question.name, "kind": question.kind.value, "prompt": question.prompt}
    if question.kind.has_labels:
        plain["labels"] = [_label_to_plain(label) for label in question.labels]
    if question.kind is QuestionKind.RATING:
        plain |= {"minimum": question.minimum, "maximum": question.maximum}
    if question.ask_if is not None:
        plain["ask_if"] = {"question": question.ask_if.question, "labels": list(question.ask_if.labels)}
    return plain


def _label_to_plain(label: Label) -> Plain:
    plain: Plain = {"name": label.name}
    plain |= {name: getattr(label, name) for name in LABEL_TEXTS}
    plain |= {name: list(getattr(label, name)) for name in LABEL_LISTS}
    return plain


def _question(value: object) -> Question:
    fields = Fields(mapping(value, "A question", BadSchema), "a question", BadSchema)
    name = fields.text("name")
    fields.where = f"question {name!r}"
    kind = member(QuestionKind, fields.text("kind", "choice"), "kind of question", BadSchema)
    prompt = fields.text("prompt", "")
    labels = tuple(_label(label) for label in fields.list("labels", ()))
    scale = fields.integer("minimum", 1), fields.integer("maximum", 5)
    condition = fields.take("ask_if", None)
    fields.end()
    return Question(QuestionName(name), kind, prompt, labels, *scale, ask_if=_ask_if(condition, name))


def _ask_if(value: object, question: str) -> AskIf | None:
    if value is None:
        return None
    where = f"the condition of question {question!r}"
    fields = Fields(mapping(value, "A condition", BadSchema), where, BadSchema)
    condition = AskIf(
        QuestionName(fields.text("question")), tuple(LabelName(label) for label in fields.texts("labels"))
    )
    fields.end()
    return condition


def _label(value: object) -> Label:
    """Return the label of a mapping, or of a bare name."""
    if isinstance(value, str):
        return Label(LabelName(value))
    fields = Fields(mapping(value, "A label", BadSchema), "a label", BadSchema)
    name = fields.text("name")
    fields.where = f"label {name!r}"
    label = Label(
        name=LabelName(name),
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


# ---- items and annotations -------------------------------------------------------------------------------------------
def item_to_plain(item: Item) -> Plain:
    """Return the item as plain values, with its id."""
    return {
        "id": item.id,
        "modality": item.modality.value,
        "content": item.content,
        "media_type": item.media_type,
        "origin": {"source": item.origin.source, "line": item.origin.line, "key": item.origin.key},
        "metadata": dict(item.metadata),
    }


def item_from_plain(value: object) -> Item:
    """Return the item of a plain value.

    Raises
    ------
    BadValue
        If a key is missing, unknown or of the wrong form, or the id is not that of the content.
    """
    fields = Fields(mapping(value, "An item", BadValue), "an item", BadValue)
    origin = Fields(mapping(fields.take("origin"), "An origin", BadValue), "an origin", BadValue)
    metadata = mapping(fields.take("metadata"), "Metadata", BadValue)
    item = Item(
        modality=member(Modality, fields.text("modality"), "modality"),
        content=fields.text("content"),
        origin=Origin(origin.text("source"), origin.integer("line"), origin.text("key")),
        media_type=fields.text("media_type", ""),
        metadata={key: text_of(text, f"Metadata {key!r}", BadValue) for key, text in metadata.items()},
    )
    if fields.text("id") != item.id:
        raise BadValue("The item's id is not that of its content.", item=item.id)
    origin.end()
    fields.end()
    return item


def annotation_to_plain(annotation: Annotation) -> Plain:
    """Return the annotation as plain values; its canonical bytes are what the ledger commits to."""
    return {
        "id": annotation.id,
        "assignment": annotation.assignment,
        "item": annotation.item,
        "annotator": annotation.annotator,
        "question": annotation.question,
        "answer": answer_to_plain(annotation.answer),
        "purpose": annotation.purpose.value,
        "schema_version": annotation.schema_version,
        "guideline_version": annotation.guideline_version,
        "reaction": annotation.reaction.value,
        "seconds": annotation.seconds,
        "surplus": annotation.surplus,
        "at": entries.time_text(annotation.at),
    }


def annotation_from_plain(value: object) -> Annotation:
    """Return the annotation of a plain value.

    Raises
    ------
    BadValue
        If a key is missing, unknown or of the wrong form.
    BadAnswer
        If the answer is of the wrong form.
    """
    fields = Fields(mapping(value, "An annotation", BadValue), "an annotation", BadValue)
    try:
        at = entries.time_from_text(fields.text("at"))
    except ValueError as error:
        raise BadValue(str(error)) from error
    annotation = Annotation(
        id=AnnotationId(fields.text("id")),
        assignment=AssignmentId(fields.text("assignment")),
        item=ItemId(fields.text("item")),
        annotator=AnnotatorId(fields.text("annotator")),
        question=QuestionName(fields.text("question")),
        answer=answer_from_plain(fields.take("answer")),
        purpose=member(Purpose, fields.text("purpose"), "purpose"),
        schema_version=SchemaVersion(fields.integer("schema_version")),
        guideline_version=GuidelineVersion(fields.integer("guideline_version")),
        reaction=member(Reaction, fields.text("reaction"), "reaction"),
        seconds=fields.number("seconds"),
        surplus=fields.flag("surplus"),
        at=at,
    )
    fields.end()
    return annotation


def annotation_commitment(annotation: Annotation, salt: bytes) -> str:
    """Return what an `annotation.given` entry says of this annotation: a hash that shows nothing without the salt."""
    return entries.commitment(salt, canonical(annotation_to_plain(annotation)))
