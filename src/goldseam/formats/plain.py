"""Records to plain JSON values, and back: the one form that wire, ledger, store and release share.

In: records of `vocab`, or values as `json.loads` gives them. Out: the other.
Never: a value that is quietly mended or left out.

Answers are in `answers`, schema and guideline in `schemas`; all are named here.
"""

from __future__ import annotations

from goldseam.formats.answers import ANSWERS, answer_from_plain, answer_to_plain
from goldseam.formats.fields import Fields, mapping, member, text_of
from goldseam.formats.schemas import guideline_from_plain, guideline_to_plain, schema_from_plain, schema_to_plain
from goldseam.ledger import entries
from goldseam.ledger.canonical import canonical
from goldseam.vocab.annotations import Annotation, AnnotationId, AssignmentId, Purpose, Reaction
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import Item, ItemId, Modality, Origin
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion

__all__ = [
    "ANSWERS", "annotation_commitment", "annotation_from_plain", "annotation_to_plain", "answer_from_plain",
    "answer_to_plain", "guideline_from_plain", "guideline_to_plain", "item_from_plain", "item_to_plain",
    "schema_from_plain", "schema_to_plain",
]  # fmt: skip

Plain = dict[str, object]


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
