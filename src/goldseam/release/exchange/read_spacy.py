"""Reading spaCy's JSON Lines: a text a line with its entities, as answers to a project's question about spans.

In: lines as `json.loads` gives them, the schema. Out: `Found` records. Never: a place counted in anything but code points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from goldseam.release.exchange.read_label_studio import Found
from goldseam.vocab.answers import LabelName, Span, Spans
from goldseam.vocab.errors import BadSource, GoldseamError
from goldseam.vocab.schema import QuestionKind, Schema


def read_spacy(lines: Iterable[Mapping[str, Any]], schema: Schema) -> Iterator[Found]:
    """Yield the entities of each line, for the first question about spans; what joins spans is not in this form.

    Raises
    ------
    BadSource
        If the schema has no such question.
    """
    question = next((one for one in schema.questions if one.kind is QuestionKind.SPAN), None)
    if question is None:
        raise BadSource("spaCy's entities are spans, and the schema asks for none.")
    for number, line in enumerate(lines, 1):
        name = str(line.get("text", ""))
        try:
            spans = tuple(Span(start, end, LabelName(label)) for start, end, label in line["entities"])
            sure = line.get("meta", {}).get("confidence")
            told = float(sure) if isinstance(sure, int | float) and 0 <= sure <= 1 else None
            yield Found(number, (name,), {question.name: Spans(spans)}, confidence=told)
        except (GoldseamError, AttributeError, KeyError, TypeError, ValueError) as error:
            said = error.message if isinstance(error, GoldseamError) else f"cannot be read: {error!r}"
            yield Found(number, (name,), {}, said)
