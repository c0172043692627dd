"""Exporting: a release in the form that another tool reads.

In: a release, the form, the question. Out: a file or a folder. Never: a half-written file, or labels that no release has.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import releases as rows
from goldseam.formats.parquet import read_table, table_pieces
from goldseam.formats.plain import answer_to_plain, schema_from_plain
from goldseam.formats.tables import Column, to_csv, to_jsonl
from goldseam.ledger.canonical import canonical
from goldseam.release import manifest as manifests
from goldseam.release.exchange import FORMS, Source, files_of, rows_of
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadValue, NotFound, StoreFailed
from goldseam.vocab.schema import Question, QuestionKind, Schema


def export(
    world: World, project: ProjectFacts, target: Path, number: int | None, form: str, question: str | None = None
) -> tuple[int, int]:
    """Write a release in another tool's form; return its number and how many answers it has.

    Without a question it is the first, and for a form that holds several all of them.

    Raises
    ------
    NotFound
        If there is no release yet, or none of this number.
    BadValue
        If the form has no words for the question's kind, or the release has no such question.
    StoreFailed
        If it cannot be written.
    """
    newest = world.store.read(lambda tx: rows.newest(tx, project.id))
    if newest is None:
        raise NotFound("There is no release yet; the loop publishes one: goldseam run")
    row = newest if number is None else world.store.read(lambda tx: rows.get(tx, project.id, number))
    folder = world.home.releases / row.folder
    schema = schema_of(folder)
    asked = _asked(schema, form, question)
    table = _read(folder / manifests.LABELS)
    found = rows_of(read_table(table), schema, [one.name for one in asked])
    source = Source(project.name, row.number, row.manifest_hash, row.at.isoformat())
    _write(target, files_of(form, schema, asked, found, source))
    return row.number, len(found)


def _asked(schema: Schema, form: str, question: str | None) -> Sequence[Question]:
    if form not in FORMS:
        raise BadValue(f"There is no form {form!r}; there are {', '.join(FORMS)}.")
    if question is None:
        return schema.questions if FORMS[form].several else (schema.main,)
    try:
        return (schema.question(question),)
    except BadAnswer as error:
        raise BadValue(error.message, question=question) from error


def schema_of(folder: Path) -> Schema:
    """Return the schema that a release was made with."""
    plain: dict[str, Any] = json.loads(_read(folder / manifests.SCHEMA))
    return schema_from_plain(plain["schema"])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path.parent} is not a release: it has no {path.name}.", folder=str(path.parent)) from error


def with_answers(table: Mapping[str, Column], schema: Schema) -> Mapping[str, Column]:
    """Return a release's columns with the answers as canonical JSON, where some of its questions are no choice."""
    if all(question.kind is QuestionKind.CHOICE for question in schema.questions):
        return table
    chosen = {str(question.name) for question in schema.questions if question.kind is QuestionKind.CHOICE}
    texts = [
        canonical(answer_to_plain(Choice(LabelName(str(label))))).decode() if str(question) in chosen else str(label)
        for question, label in zip(table["question"], table["label"], strict=True)
    ]
    return {**table, "answer": texts}


def labels(folder: Path, form: str) -> Iterator[bytes]:
    """Return the pieces of a release's labels as CSV or JSON Lines, the same bytes as `goldseam export` writes.

    Raises
    ------
    NotFound
        If the folder holds no release.
    """
    schema, path = schema_of(folder), folder / manifests.LABELS
    if not path.is_file():
        raise NotFound(f"{folder} is not a release: it has no {path.name}.", folder=str(folder))
    tables = _tables(path, schema)
    return _csv(tables) if form == "csv" else map(to_jsonl, tables)


def _tables(path: Path, schema: Schema) -> Iterator[Mapping[str, Column]]:
    with path.open("rb") as file:
        for piece in table_pieces(file):
            yield with_answers(piece, schema)


def _csv(tables: Iterator[Mapping[str, Column]]) -> Iterator[bytes]:
    """Yield each piece as CSV, the names of the columns with the first alone."""
    head = 0
    for table in tables:
        yield to_csv(table)[head:]
        head = head or len(to_csv(dict.fromkeys(table, ())))


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Write one file, with what stands beside it, or a folder of files that was not there or is empty."""
    alone = "" in files
    if not alone and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadValue(f"This form is a folder of files, and {target} is there already; name a new one.")
    try:
        for name, data in files.items():
            path = target if not name else target.with_name(f"{target.name}.{name}") if alone else target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.part")
            beside.write_bytes(data)
            os.replace(beside, path)  # noqa: PTH105 - takes the place of what was there, at once
    except OSError as error:
        raise StoreFailed(f"Could not write {target}: {error.strerror}.") from error
