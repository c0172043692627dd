"""CoNLL and spaCy: spans of texts, as tags of tokens or as places of characters.

In: rows of one question. Out: one file. Never: spans that cross or nest pressed into one tag a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from goldseam.release.exchange.row import Row, Source
from goldseam.vocab.answers import Span, Spans
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Question

TOKEN = re.compile(r"\w+|[^\w\s]")


def conll(question: Question, rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return texts as CoNLL-2003 has them: a token a line with its BIO tag, an empty line after each text.

    Words and signs are tokens; where a span ends within a word, the word is two tokens, so that no span is moved.
    """
    del question, source
    texts = [_tagged(row) for row in rows]
    return {"": ("-DOCSTART- -X- O\n" + "\n".join(texts) + "\n").encode()}


def _tagged(row: Row) -> str:
    spans = row.answer.spans if isinstance(row.answer, Spans) else ()
    for one, other in pairwise(sorted(spans, key=lambda span: (span.start, span.end))):
        if other.start < one.end:
            raise BadValue(
                f"Spans of item {row.item} overlap, and CoNLL has one tag a token: use spacy, label_studio or jsonl.",
                item=row.item,
            )
    return "".join(f"{token} -X- _ {tag}\n" for token, tag in _tags(row.content, spans))


def _tags(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    for start, end in _tokens(text, spans):
        inside = next((span for span in spans if span.start <= start < span.end), None)
        if inside is None:
            yield text[start:end], "O"
        else:
            first = TOKEN.search(text, inside.start)
            begins = first is not None and first.start() == start
            yield text[start:end], f"{'B' if begins else 'I'}-{inside.label}"


def _tokens(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    borders = sorted({place for span in spans for place in (span.start, span.end)})
    for found in TOKEN.finditer(text):
        within = [place for place in borders if found.start() < place < found.end()]
        yield from pairwise([found.start(), *within, found.end()])


def spacy(question: Question, rows: Sequence[Row], source: Source) -> Mapping[str, bytes]:
    """Return texts as JSON Lines: `entities` as spaCy's training takes them, `meta` with where each came from.

    Offsets count code points, as Python does.
    """
    del question
    return {"": "".join(_line(row, source) for row in rows).encode()}


def _line(row: Row, source: Source) -> str:
    spans = row.answer.spans if isinstance(row.answer, Spans) else ()
    plain = {
        "text": row.content,
        "entities": [[span.start, span.end, span.label] for span in spans],
        "meta": {**source.to_plain(), **row.provenance()},
    }
    return json.dumps(plain, ensure_ascii=False) + "\n"
