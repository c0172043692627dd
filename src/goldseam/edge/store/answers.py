"""Settled answers of any kind: canonical JSON, one row an item and question beside the settlements of labels; the newest counts.

In: answers that were settled, a person's rulings. Out: records. Never: a settlement changed; a new one supersedes it.

The first question's labels, where it is a choice, are in `settlements`, as codes and arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row, delete, exists, insert, select

from goldseam.edge.store import queue
from goldseam.edge.store import tables as t
from goldseam.edge.store.settlements import ESCALATED, RULING, SETTLED, newest_of, one_at_a_time
from goldseam.edge.store.tx import Positions, Tx, Values, insert_columns, micros, within
from goldseam.edge.store.waiting_tables import waiting
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

UNASKED = "unasked"
"""The state of an item whose question is not asked any more: what it was settled to before counts for nothing."""
UNASKED_ANSWER = '{"kind":"abstain","reason":""}'


@dataclass(frozen=True, slots=True)
class Kept:
    """A settled answer as it stands; one that is escalated is the likeliest so far."""

    position: int
    answer: str
    confidence: float
    escalated: bool
    n_votes: int
    round: int
    method: str
    reason: str
    by: AnnotatorId | None
    at: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """A settled answer to be kept, as canonical JSON; without one the question is not asked of the item any more."""

    position: int
    answer: str | None
    confidence: float
    n_votes: int
    escalated: bool
    reason: str
    method: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """One person's decision, with the salt of its commitment."""

    position: int
    question: str
    answer: str
    reason: str
    by: AnnotatorId
    salt: str


def save(
    tx: Tx, project: ProjectId, question: str, rows: Sequence[Fresh], salt: str, round: int, now: datetime
) -> None:
    """Keep settled answers, one row an item; `now` is a time before the answers were read."""
    if not rows:
        return
    one_at_a_time(tx, project)
    position = np.array([one.position for one in rows], np.int64)
    columns: dict[str, Values | object] = {
        "project": project,
        "question": question,
        "position": position,
        "answer": [UNASKED_ANSWER if one.answer is None else one.answer for one in rows],
        "salt": salt,
        "confidence": [one.confidence for one in rows],
        "n_votes": [one.n_votes for one in rows],
        "state": [UNASKED if one.answer is None else ESCALATED if one.escalated else SETTLED for one in rows],
        "reason": [one.reason for one in rows],
        "method": [one.method for one in rows],
        "round": round,
        "at": micros(now),
    }
    insert_columns(tx, t.settlements, columns)
    mine = (waiting.c.project == project) & (waiting.c.question == question)
    tx.run(delete(waiting).where(mine, within(tx, waiting.c.position, position)))
    up = [one for one in rows if one.escalated and one.answer is not None]
    if up:
        where = {"project": project, "question": question, "position": [one.position for one in up]}
        insert_columns(tx, waiting, where | {"confidence": [one.confidence for one in up]})


def rule(tx: Tx, project: ProjectId, ruling_id: str, ruling: Ruling, n_votes: int, round: int, now: datetime) -> bool:
    """Keep a person's ruling, which supersedes what was computed. Return false if this very ruling was made before.

    Raises
    ------
    Conflict
        If the id was used before for something else.
    """
    one_at_a_time(tx, project)
    s = t.settlements
    row = tx.first(select(s).where(s.c.id == ruling_id))
    if row is not None:
        before = (row.project, row.position, row.question, row.answer, row.reason, row.by)
        if before != (project, ruling.position, ruling.question, ruling.answer, ruling.reason, ruling.by):
            raise Conflict("This ruling's id was used before for something else; make a new id.", id=ruling_id)
        return False
    values = {
        "id": ruling_id,
        "project": project,
        "position": ruling.position,
        "question": ruling.question,
        "answer": ruling.answer,
        "salt": ruling.salt,
        "reason": ruling.reason,
        "by": ruling.by,
    }
    fixed = {"confidence": 1.0, "method": RULING, "state": SETTLED, "n_votes": n_votes, "round": round}
    tx.run(insert(s).values(**values, **fixed, at=micros(now)))
    mine = (waiting.c.project == project) & (waiting.c.question == ruling.question)
    tx.run(delete(waiting).where(mine, waiting.c.position == ruling.position))
    return True


def current(tx: Tx, project: ProjectId, question: str, positions: Positions | None = None) -> dict[int, Kept]:
    """Return the answers to a question as they stand (for these items), by position in order."""
    s = t.settlements.c
    newest = newest_of(project, question)
    if positions is not None:
        newest = newest.where(within(tx, s.position, positions))
    query = select(t.settlements).where(s.seq.in_(newest), s.answer.is_not(None), s.state != UNASKED)
    return {row.position: _kept(row) for row in tx.run(query.order_by(s.position))}


def rulings(tx: Tx, project: ProjectId, question: str) -> dict[int, str]:
    """Return the newest ruling of each item that has one, as canonical JSON, by position."""
    s = t.settlements.c
    newest = newest_of(project, question).where(s.method == RULING)
    query = select(s.position, s.answer).where(s.seq.in_(newest), s.answer.is_not(None))
    return {row.position: row.answer for row in tx.run(query)}


def ruled(tx: Tx, project: ProjectId) -> tuple[tuple[str, Ruling], ...]:
    """Return every ruling of an answer ever made, with its id, oldest first."""
    s = t.settlements.c
    which = (s.project == project, s.method == RULING, s.answer.is_not(None))
    return tuple(
        (row.id, Ruling(row.position, row.question, row.answer, row.reason, AnnotatorId(row.by), row.salt))
        for row in tx.run(select(t.settlements).where(*which).order_by(s.seq))
    )


def written_at(
    tx: Tx, project: ProjectId, question: str, at: datetime
) -> tuple[str, tuple[Fresh, ...], frozenset[int]]:
    """Return what was settled by computation at this moment, in the order it was written: the salt, the rows, the rounds."""
    s = t.settlements.c
    which = (s.project == project, s.question == question, s.at == micros(at), s.method != RULING)
    rows = tx.run(select(t.settlements).where(*which, s.answer.is_not(None)).order_by(s.seq)).all()
    salts = {row.salt for row in rows}
    found = tuple(
        Fresh(
            row.position,
            None if row.state == UNASKED else row.answer,
            row.confidence,
            row.n_votes,
            row.state == ESCALATED,
            row.reason,
            row.method,
        )
        for row in rows
    )
    return (salts.pop() if len(salts) == 1 else ""), found, frozenset(row.round for row in rows)


def settled_of_item(tx: Tx, project: ProjectId, position: int) -> Mapping[str, str]:
    """Return the settled answers of one item, by question; escalated ones are not there."""
    s = t.settlements.c
    mine = select(t.settlements).where(s.project == project, s.position == position, s.answer.is_not(None))
    newest = {row.question: row for row in tx.run(mine.order_by(s.seq))}
    return {name: row.answer for name, row in newest.items() if row.state == SETTLED}


def is_ruled(tx: Tx, project: ProjectId, questions: Sequence[str], position: int) -> bool:
    """Return whether a person ruled on one of these questions of an item, labels included."""
    s = t.settlements.c
    mine = (s.project == project) & s.question.in_(list(questions)) & (s.position == position)
    return tx.first(select(s.seq).where(mine, s.method == RULING).limit(1)) is not None


def complete(tx: Tx, project: ProjectId) -> frozenset[int]:
    """Return the items that have all the answers they wanted."""
    return frozenset(queue.complete(tx, project).tolist())


def answered(tx: Tx, project: ProjectId, question: str) -> dict[int, bool]:
    """Return the items about which answers to a question stand, and whether one of these is more than an abstention."""
    a = t.annotations.c
    stands = ~exists().where(t.withdrawals.c.annotation == a.id)
    said = a.answer.not_like('{"kind":"abstain"%')
    query = (
        select(a.position, said.label("said")).where(a.project == project, a.question == question, stands).distinct()
    )
    found: dict[int, bool] = {}
    for row in tx.run(query):
        found[row.position] = found.get(row.position, False) or bool(row.said)
    return found


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        row.position,
        row.answer,
        row.confidence,
        row.state == ESCALATED,
        row.n_votes,
        row.round,
        row.method,
        row.reason,
        None if row.by is None else AnnotatorId(row.by),
        row.at,
    )
