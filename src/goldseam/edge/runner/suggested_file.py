"""Suggestions from a file: what a release or another tool's export says of items becomes what people are shown to confirm.

In: a permit, a file. Out: suggestions in the store, delivered by the hundred; what was left out, with the reason. Never: an
answer taken for an annotation, or one that its question or its item refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from goldseam.edge.runner import people
from goldseam.edge.runner.gold_answers import answer_of_cell, misfit
from goldseam.edge.runner.intake import chunks_of
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import questions_of
from goldseam.edge.runner.source import finder
from goldseam.edge.runner.suggesting import Proposed, deliver
from goldseam.edge.runner.world import World
from goldseam.edge.store import items
from goldseam.formats.parquet import read_table
from goldseam.formats.text import Raw, csv_records
from goldseam.release.exchange import Found, read_coco, read_proposals, read_spacy
from goldseam.vocab.errors import BadSource, GoldseamError
from goldseam.vocab.schema import Schema

Fields = Mapping[str, Any]
TOGETHER = 100
ENDINGS = (".jsonl", ".csv", ".parquet", ".json")
NAMES = ("item", "id", "key", "content", "text")
"""Columns that may say which item a row is about, the surest first."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a file says that is not suggested: which record, of what, and why."""

    number: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What came of a file."""

    answers: int
    items: int
    left_out: tuple[LeftOut, ...]


def suggest_file(world: World, permit: Permit, path: Path, source: str, confidence: float = 1.0) -> Suggested:
    """Suggest what a file says of the project's items; `confidence` stands where the file does not say how sure it is.

    A file is a release (CSV, JSON Lines, JSON, Parquet), an export of Label Studio (predictions before annotations), COCO's
    JSON, or spaCy's JSON Lines.

    Raises
    ------
    BadSource
        If it is none of these.
    """
    project = permit.project
    kept = dict.fromkeys(one.name for one in questions_of(project))
    seek = _seeker(world, project)
    ids = world.store.read(lambda tx: items.all_ids(tx, project.id))
    given: list[Proposed] = []
    left_out: list[LeftOut] = []
    for found in read(path, project.schema):
        position = next((place for name in found.names if (place := seek(name)) is not None), None)
        answers = {name: answer for name, answer in found.answers.items() if name in kept}
        reason = found.refused or ("no item has this id, key or text" if position is None else "")
        if not reason and not answers:
            reason = "it answers no question that takes suggestions: labels come from the project's own model"
        if position is not None and not reason:
            reason = misfit(world, project, position, answers)
        if reason or position is None:
            left_out.append(LeftOut(found.number, (found.names or ("",))[0][:200], reason))
            continue
        item = ids[position]
        sure = confidence if found.confidence is None else found.confidence
        given += [Proposed(item, name, answer, sure) for name, answer in answers.items()]
    listed = iter(given)
    while some := list(islice(listed, TOGETHER)):
        deliver(world, permit, people.fresh_id(world), source, some)
    return Suggested(len(given), len({one.item for one in given}), tuple(left_out))


def _seeker(world: World, project: ProjectFacts) -> Callable[[str], int | None]:
    finders = [finder(world, project, column) for column in ("id", "key", "text")]
    return lambda name: next((place for find in finders if (place := find(name)) is not None), None)


def read(path: Path, schema: Schema) -> Iterator[Found]:
    """Yield what a file says, item by item.

    Raises
    ------
    BadSource
        If it is of no form that is read here.
    """
    data = b"".join(chunks_of(path))
    match path.suffix.lower():
        case ".parquet":
            table = read_table(data)
            rows: Iterator[Fields] = (dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True))
            return _rows(rows, schema)
        case ".csv":
            return _rows((_fields(one) for one in csv_records(iter([data]))), schema)
        case ".jsonl":
            lines = [_line(line) for line in data.splitlines() if line.strip()]
            is_spacy = any("entities" in line for line in lines)
            return read_spacy(lines, schema) if is_spacy else _rows(iter(lines), schema)
        case ".json":
            whole = _json(path, data)
            if isinstance(whole, dict):
                return read_coco(whole, schema)
            tasks = [isinstance(one, dict) and "data" in one for one in whole] if isinstance(whole, list) else []
            if isinstance(whole, list) and not any(tasks) and any(isinstance(one, dict) for one in whole):
                return _rows(map(_object, whole), schema)
            return read_proposals(whole, schema)
        case _:
            raise BadSource(f"{path.name!r} is no file of suggestions: it ends in {', '.join(ENDINGS)}.")


def _json(path: Path, data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadSource(f"{path.name!r} is no JSON: {error}.", source=str(path)) from error


def _line(data: bytes) -> Fields:
    try:
        return _object(json.loads(data))
    except (ValueError, RecursionError) as error:
        return {"refused": f"is no JSON: {error}"}


def _object(value: object) -> Fields:
    return value if isinstance(value, dict) else {"refused": f"is no object of fields: {str(value)[:80]}"}


def _fields(record: object) -> Fields:
    return dict(record.fields) if isinstance(record, Raw) else {"refused": getattr(record, "reason", "")}


def _rows(rows: Iterator[Fields], schema: Schema) -> Iterator[Found]:
    """Yield what rows of a release, or of a table like it, say."""
    for number, row in enumerate(rows, 1):
        names = tuple(str(row[name]) for name in NAMES if row.get(name))
        try:
            question = schema.question(str(row.get("question") or schema.main.name))
            cell = row.get("answer") or row.get("label") or ""
            answer = answer_of_cell(question, cell if isinstance(cell, str) else json.dumps(cell))
            sure = float(row.get("confidence") or "nan")
        except (GoldseamError, AttributeError, TypeError, ValueError) as error:
            said = error.message if isinstance(error, GoldseamError) else f"cannot be read: {error!r}"
            yield Found(number, names, {}, str(row.get("refused") or said))
            continue
        yield Found(number, names, {question.name: answer}, confidence=sure if 0 <= sure <= 1 else None)
