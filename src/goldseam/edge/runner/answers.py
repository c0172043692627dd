"""Answers: every annotation that stands, as JSON, JSON Lines or CSV, piece by piece.

In: a project. Out: pieces of a file, in memory that does not grow with the project. Never: an answer that was withdrawn, or a
transaction held open while somebody reads.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, Final

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import exports
from goldseam.edge.store.tx import moment
from goldseam.formats.tables import safe_cell
from goldseam.ledger.entries import time_text
from goldseam.vocab.errors import BadValue, StoreFailed

PAGE: Final = 5_000
FORMS: Final = ("json", "jsonl", "csv")
COLUMNS: Final = exports.COLUMNS[1:]
"""The position orders the rows; outside of the store it means nothing."""

Rows = Sequence[Sequence[Any]]


def pieces(world: World, project: ProjectFacts, form: str) -> Iterator[bytes]:
    """Return the pieces of a file with every answer that stands when it begins, item by item.

    Raises
    ------
    BadValue
        If the form is none of json, jsonl and csv.
    """
    check_form(form)
    return (piece for piece, _ in _pieces(world, project, form))


def check_form(form: str) -> None:
    """Raise if answers are not written in this form."""
    if form not in FORMS:
        raise BadValue(f"Answers are written as {', '.join(FORMS)}; got {form!r}.")


def _pieces(world: World, project: ProjectFacts, form: str) -> Iterator[tuple[bytes, int]]:
    """Yield pieces, each with how many answers it has."""
    last = world.store.read(exports.newest)
    after = (-1, "")
    yield {"json": "[", "jsonl": "", "csv": ",".join(COLUMNS) + "\n"}[form].encode(), 0
    between = "\n"
    while True:
        here = after
        found = world.store.read(lambda tx: exports.page(tx, project.id, here, last, PAGE))  # noqa: B023 - called at once
        if found:
            match form:
                case "csv":
                    text = _csv(found)
                case "json":
                    text = between + ",\n".join([_object(*row) for row in found])
                case _:
                    text = "".join([f"{_object(*row)}\n" for row in found])
            yield text.encode(), len(found)
            after, between = (int(found[-1][0]), str(found[-1][1])), ",\n"
        if len(found) < PAGE:
            break
    if form == "json":
        yield b"\n]\n", 0


def write(world: World, project: ProjectFacts, target: Path, form: str) -> int:
    """Write the file, whole or not at all, and return how many answers it has.

    Raises
    ------
    BadValue
        If the form is none of json, jsonl and csv.
    StoreFailed
        If it cannot be written.
    """
    check_form(form)
    n = 0
    try:
        handle, beside = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece, n_rows in _pieces(world, project, form):
                    file.write(piece)
                    n += n_rows
            Path(beside).replace(target)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise StoreFailed(f"Could not write {target}: {error.strerror}.") from error
    return n


def _object(
    _position: int, annotation: str, item: str, key: str, source: str, line: int, content: str, annotator: str,
    question: str, answer: str, purpose: str, reaction: str, seconds: float, schema: int, guideline: int, surplus: int,
    entry: int | None, at: int,
) -> str:  # fmt: skip
    # The answer stands in the database as canonical JSON, and goes out as it is.
    return (
        f'{{"annotation":{quoted(annotation)},"item":"{item}","key":{quoted(key)},"source":{quoted(source)},'
        f'"line":{line},"content":{quoted(content)},"annotator":{quoted(annotator)},"question":{quoted(question)},'
        f'"answer":{answer},"purpose":"{purpose}","reaction":"{reaction}","seconds":{seconds!r},'
        f'"schema_version":{schema},"guideline_version":{guideline},"surplus":{"true" if surplus else "false"},'
        f'"entry":{"null" if entry is None else entry},"at":"{time_text(moment(at))}"}}'
    )


def _csv(rows: Rows) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        *cells, surplus, entry, at = row[1:]
        safe = [safe_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        writer.writerow([*safe, "true" if surplus else "false", "" if entry is None else entry, time_text(moment(at))])
    return buffer.getvalue()
