"""Forms: every form that releases are exported in, with the kinds of question it can hold.

In: rows of a release. Out: files by name. Never: a form offered for a kind that it has no word for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from goldseam.formats.tables import safe_cell
from goldseam.release.exchange.coco import coco
from goldseam.release.exchange.label_studio import label_studio
from goldseam.release.exchange.row import Row, Source
from goldseam.release.exchange.texts import conll, spacy
from goldseam.release.exchange.yolo import voc, yolo
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import Question, QuestionKind, Schema

K = QuestionKind
Files = Mapping[str, bytes]
PROVENANCE = "provenance.csv"


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the kinds it holds, whether it is one file or a folder, and its writer.

    `tells` says whether the form itself holds where each answer came from; otherwise a file beside it does.
    """

    kinds: frozenset[QuestionKind]
    write: Callable[[Question, Sequence[Row], Source], Files]
    is_folder: bool = False
    tells: bool = False
    several: bool = False


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "coco": Form(frozenset({K.BOX, K.ELLIPSE, K.POLYGON, K.KEYPOINTS, K.MASK}), coco, tells=True),
        "yolo": Form(frozenset({K.BOX, K.POLYGON, K.KEYPOINTS}), yolo, is_folder=True),
        "voc": Form(frozenset({K.BOX}), voc, is_folder=True),
        "conll": Form(frozenset({K.SPAN}), conll),
        "spacy": Form(frozenset({K.SPAN}), spacy, tells=True),
        "label_studio": Form(frozenset(K), lambda *_: {}, tells=True, several=True),
    }
)
"""The forms by name; one more writer is one more row."""


def files_of(form: str, schema: Schema, questions: Sequence[Question], rows: Sequence[Row], source: Source) -> Files:
    """Return the files of a form; one file alone has an empty name.

    Raises
    ------
    BadValue
        If the form cannot hold a question of this kind, or an answer in particular.
    """
    chosen = FORMS[form]
    for question in questions:
        if question.kind not in chosen.kinds:
            kinds = ", ".join(sorted(kind.value for kind in chosen.kinds))
            raise BadValue(
                f"{form} holds answers of the kinds {kinds}; question {question.name!r} is a {question.kind.value}. "
                "Name another with --question, or choose label_studio, jsonl or csv."
            )
    if chosen.several:
        return label_studio(questions, rows, source)
    files = dict(chosen.write(questions[0], rows, source))
    if not chosen.tells:
        files[PROVENANCE] = provenance(rows, source)
    return files


def provenance(rows: Sequence[Row], source: Source) -> bytes:
    """Return where each answer came from, as CSV: the file beside a form that has no room for it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = ["project", "release", "manifest", "question", *(rows[0].provenance() if rows else ())]
    writer.writerow(names)
    for row in rows:
        told = {**source.to_plain(), "question": row.question, **row.provenance()}
        cells = [json.dumps(told[name]) if isinstance(told[name], list) else told[name] for name in names]
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue().encode()
