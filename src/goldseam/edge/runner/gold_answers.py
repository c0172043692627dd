"""Gold answers of any kind, read from a file: known beforehand, to measure annotators and what is settled.

In: rows that name an item, an answer and maybe a question; or an export of Label Studio or COCO. Out: gold in the store, with the
commitment in the log. Never: an answer that its question or its item refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np

from goldseam.annotate.fits import check, extent_of
from goldseam.edge import keys
from goldseam.edge.clock import MOMENT
from goldseam.edge.runner.check_answers import commitment_to_gold
from goldseam.edge.runner.digests import digest
from goldseam.edge.runner.intake import chunks_of, path_of
from goldseam.edge.runner.keeping import set_gold
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels, text_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold as gold_rows
from goldseam.edge.store import items as rows
from goldseam.edge.store.items import Quarantined
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_from_plain
from goldseam.formats.text import Raw, Unreadable
from goldseam.ledger.entries import EntryKind
from goldseam.release.exchange import read_coco, read_export
from goldseam.source.intake import Intake
from goldseam.vocab.answers import Abstain, Answer, Choice
from goldseam.vocab.errors import BadAnswer, BadSource, GoldseamError
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import Question, QuestionKind, QuestionName

SIMPLE: Mapping[QuestionKind, tuple[str, type]] = {
    QuestionKind.CHOICE: ("label", str),
    QuestionKind.RATING: ("value", int),
    QuestionKind.NUMBER: ("value", float),
    QuestionKind.DATE: ("value", str),
    QuestionKind.TEXT: ("text", str),
    QuestionKind.BEST: ("chosen", int),
}
"""Kinds whose answer may stand in a cell as it is; all others stand there as JSON, and these may."""


def take_in(
    world: World,
    project: ProjectFacts,
    path: str,
    intake: str,
    records: Iterable[Raw | Unreadable],
    column: str,
    find: Callable[[str], int | None],
    actor: AnnotatorId,
) -> Intake:
    """Keep the gold answers of a file; a row that does not fit is quarantined with the reason."""
    found: dict[QuestionName, dict[int, Answer]] = {}
    refused: list[Quarantined] = []
    n = 0
    for row in records:
        outcome = row.reason if isinstance(row, Unreadable) else _row(world, project, row, column, find)
        if isinstance(outcome, str):
            refused.append(Quarantined(path, row.line, outcome, row.text))
        else:
            found.setdefault(outcome[0], {})[outcome[1]] = outcome[2]
            n += 1
    return _keep(world, project, path, intake, found, refused, actor, n)


def take_in_export(
    world: World,
    project: ProjectFacts,
    path: str,
    intake: str,
    finders: Sequence[Callable[[str], int | None]],
    actor: AnnotatorId,
) -> Intake:
    """Keep the gold answers of an export of Label Studio, or of COCO; items are found by their file's name or their text.

    Raises
    ------
    BadSource
        If it is no such export.
    """
    data = b"".join(chunks_of(path_of(world, path)))
    try:
        tasks = json.loads(data)
    except ValueError as error:
        raise BadSource(f"The gold file {path!r} is no JSON: {error}.", source=path) from error
    found: dict[QuestionName, dict[int, Answer]] = {}
    refused: list[Quarantined] = []
    n = 0
    listed = read_coco(tasks, project.schema) if isinstance(tasks, dict) else read_export(tasks, project.schema)
    for task in listed:
        places = (find(name) for find in finders for name in task.names)
        position = next((place for place in places if place is not None), None)
        reason = task.refused or ("no item has this file name or text" if position is None else "")
        if position is not None and not reason:
            reason = misfit(world, project, position, task.answers)
        if reason or position is None:
            refused.append(Quarantined(path, task.number, reason, " ".join(task.names[:1])))
            continue
        for question, answer in task.answers.items():
            found.setdefault(question, {})[position] = answer
        n += 1
    return _keep(world, project, path, intake, found, refused, actor, n)


def misfit(world: World, project: ProjectFacts, position: int, answers: Mapping[QuestionName, Answer]) -> str:
    """Return why these answers cannot be an item's; empty if they can."""
    extent = extent_of(world.store.read(lambda tx: rows.at(tx, project.id, position)))
    try:
        for name, answer in answers.items():
            question = project.schema.question(name)
            question.check(answer)
            check(question, answer, extent)
    except BadAnswer as error:
        return error.message
    return ""


def _keep(
    world: World,
    project: ProjectFacts,
    path: str,
    intake: str,
    found: Mapping[QuestionName, Mapping[int, Answer]],
    refused: Sequence[Quarantined],
    actor: AnnotatorId,
    n: int,
) -> Intake:
    now = world.clock.now()

    def save(tx: Tx) -> None:
        if refused:
            rows.quarantine(tx, project.id, intake, refused)
        for nth, (question, answers) in enumerate(found.items()):
            # Each question's gold has a moment of its own, by which the log's entry is found.
            _save(tx, project, question, answers, path, intake, actor, now + nth * MOMENT)
        rows.count_intake(tx, intake, n, 0, len(refused), finished=True)

    world.store.write(save)
    return Intake(n, 0, len(refused))


def _row(
    world: World, project: ProjectFacts, row: Raw, column: str, find: Callable[[str], int | None]
) -> tuple[QuestionName, int, Answer] | str:
    position = find(str(row.fields[column]))
    if position is None:
        return f"no item has this {column}"
    try:
        question = project.schema.question(str(row.fields.get("question") or project.question))
        answer = answer_of_cell(question, str(row.fields.get("answer") or row.fields.get("label") or ""))
        check(question, answer, extent_of(world.store.read(lambda tx: rows.at(tx, project.id, position))))
    except GoldseamError as error:
        return error.message
    return question.name, position, answer


def answer_of_cell(question: Question, cell: str) -> Answer:
    """Return the answer that a cell says: JSON as everywhere, or for simple kinds the value alone.

    Raises
    ------
    BadAnswer
        If it says none, or none that the question takes.
    """
    text = cell.strip()
    try:
        if text.startswith("{"):
            plain = json.loads(text)
        else:
            key, kind = SIMPLE[question.kind]
            plain = {"kind": question.kind.value, key: kind(text)}
    except (KeyError, ValueError) as error:
        raise BadAnswer(
            f"{text[:40]!r} is no answer to {question.name!r}; a {question.kind.value} is written as JSON.",
            question=question.name,
        ) from error
    answer = answer_from_plain(plain)
    if isinstance(answer, Abstain):
        raise BadAnswer("Gold is an answer, not an abstention.", question=question.name)
    question.check(answer)
    return answer


def _save(
    tx: Tx,
    project: ProjectFacts,
    question: QuestionName,
    answers: Mapping[int, Answer],
    path: str,
    intake: str,
    actor: AnnotatorId,
    at: datetime,
) -> None:
    position = np.array(sorted(answers), np.int64)
    listed = [answers[place] for place in position.tolist()]
    if by_labels(project) and question == project.question:
        labels = [answer.label for answer in listed if isinstance(answer, Choice)]
        code = np.array([project.labels.index(label) for label in labels], np.int32)
        set_gold(tx, project, position, code, path, intake, actor, at)
        return
    salt = keys.new_salt()
    texts = [text_of(answer) for answer in listed]
    body = {
        "n": len(position),
        "question": question,
        "items_sha256": digest(position),
        "commitment": commitment_to_gold(list(zip(position.tolist(), texts, strict=True)), salt),
    }
    record(tx, project.id, EntryKind.GOLD_SET, at, actor=actor, about=intake, body=body)
    gold_rows.save(tx, project.id, question, position, [None] * len(texts), texts, path, actor, at, salt.hex())
