"""Suggested answers: what machines propose beside labels, by question; and which of them an assignment showed.

In: answers as canonical JSON. Out: records. Never: a suggestion taken for an annotation, or one changed after it was shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text

from goldseam.edge.store import suggested_tables as k
from goldseam.edge.store.talk import Sealed, add_once
from goldseam.edge.store.tx import Positions, Tx, insert_columns, micros, moment, within
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.items import ProjectId
from goldseam.vocab.schema import QuestionName

_SHOW = text("UPDATE assignments SET suggested = :shown WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Suggested:
    """One proposed answer, as canonical JSON; `seq` is 0 until it is kept."""

    position: int
    question: QuestionName
    source: str
    answer: str
    confidence: float
    reason: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Suggestions that came together."""

    id: str
    source: str
    n: int
    at: datetime


def deliver(tx: Tx, project: ProjectId, made: Delivery, rows: Sequence[Suggested], sealed: Sealed) -> bool:
    """Keep suggestions that came together; return false if this very delivery was kept before.

    Raises
    ------
    Conflict
        If the id was used before for something else.
    """
    values = {
        "id": made.id,
        "project": project,
        "source": made.source,
        "n": made.n,
        "hash": sealed.hash,
        "salt": sealed.salt,
        "at": micros(made.at),
    }
    if not add_once(tx, k.suggestion_deliveries, values):
        return False
    columns: dict[str, Any] = {
        "project": project,
        "position": [one.position for one in rows],
        "question": [one.question for one in rows],
        "source": made.source,
        "answer": [one.answer for one in rows],
        "confidence": [one.confidence for one in rows],
        "reason": [one.reason for one in rows],
        "delivery": made.id,
    }
    insert_columns(tx, k.suggested_answers, columns)
    return True


def deliveries(tx: Tx, project: ProjectId) -> tuple[tuple[Delivery, str], ...]:
    """Return every delivery with the salt of its commitment, by its id."""
    c = k.suggestion_deliveries.c
    rows = tx.run(select(k.suggestion_deliveries).where(c.project == project).order_by(c.id))
    return tuple((Delivery(row.id, row.source, row.n, moment(row.at)), row.salt) for row in rows)


def of_delivery(tx: Tx, project: ProjectId, delivery: str) -> tuple[Suggested, ...]:
    """Return what stands there of a delivery, in its order."""
    c = k.suggested_answers.c
    query = select(k.suggested_answers).where(c.delivery == delivery, c.project == project)
    return tuple(_suggested(row) for row in tx.run(query.order_by(c.seq)))


def n_in_all(tx: Tx, project: ProjectId) -> int:
    """Return how many suggested answers there are."""
    c = k.suggested_answers.c
    return int(tx.run(select(func.count()).where(c.project == project)).scalar_one())


def of_items(tx: Tx, project: ProjectId, positions: Positions) -> dict[int, dict[QuestionName, Suggested]]:
    """Return the newest suggestion of each question of these items; items without any are left out."""
    c = k.suggested_answers.c
    query = select(k.suggested_answers).where(c.project == project, within(tx, c.position, positions)).order_by(c.seq)
    found: dict[int, dict[QuestionName, Suggested]] = {}
    for row in tx.run(query):
        found.setdefault(row.position, {})[QuestionName(row.question)] = _suggested(row)
    return found


def are_there(tx: Tx, project: ProjectId) -> bool:
    """Return whether the project has any."""
    c = k.suggested_answers.c
    return tx.first(select(c.seq).where(c.project == project).limit(1)) is not None


def show(tx: Tx, shown: Mapping[AssignmentId, Mapping[QuestionName, object]]) -> None:
    """Note which answers assignments show as suggestions, by question, as plain values."""
    rows = [{"id": each, "shown": json.dumps(by, sort_keys=True)} for each, by in shown.items()]
    if rows:
        tx.connection.execute(_SHOW, rows)


def _suggested(row: Row[Any]) -> Suggested:
    question = QuestionName(row.question)
    return Suggested(row.position, question, row.source, row.answer, row.confidence, row.reason, row.seq)
