"""Calibration: sessions in which everybody answers the same items, kept apart from the annotations that are votes.

In: sessions, answers, comments with the hash of what was sent. Out: records; what was said in a session, and ordinarily.
Never: an answer changed; a session's answer among `annotations`, so that no count of votes can meet one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, exists, func, insert, select, update
from sqlalchemy.sql.selectable import Select

from goldseam.annotate.calibrate import Choosing, SessionState
from goldseam.edge.store import answers as settled
from goldseam.edge.store import calibration_tables as k
from goldseam.edge.store import settlements
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, arrays, insert_columns, maybe_moment, micros, moment, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

ORDINARY = (Purpose.LABEL.value, Purpose.RELABEL.value, Purpose.SPOT_CHECK.value)
"""Purposes of the answers that are compared after a session."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session; `before` and `after` hold a measurement a question as plain values, `apart` how far answers are apart.

    `apart` is by question, then by item number as text.
    """

    id: str
    title: str
    choosing: Choosing
    seed: int
    state: SessionState
    n_items: int
    n_people: int
    schema_version: int
    guideline_version: int
    by: AnnotatorId
    at: datetime
    discussed_at: datetime | None = None
    finished_at: datetime | None = None
    before: tuple[Mapping[str, Any], ...] | None = None
    after: tuple[Mapping[str, Any], ...] | None = None
    apart: Mapping[str, Mapping[str, float]] | None = None
    n_answers: int = 0
    """Items answered by all who take part together; only `listing` counts them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part, under a cover name."""

    annotator: AnnotatorId
    cover: str
    n_answers: int


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answered about one item of a session; `answers` is canonical JSON by question."""

    number: int
    annotator: AnnotatorId
    answers: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Comment:
    """One thing said about an item of a session."""

    id: str
    number: int
    author: AnnotatorId
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed about an item as the answer to a question; `answer` is canonical JSON."""

    number: int
    question: str
    answer: str
    clause: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One ordinary answer; `answer` is canonical JSON."""

    position: int
    annotator: str
    answer: str


# --- sessions ---------------------------------------------------------------------------------------------------------


def add(
    tx: Tx, project: ProjectId, session: Session, positions: Sequence[int], people: Sequence[Person], digest: str
) -> None:
    """Keep a new session with its items, in order, and its people."""
    values = {
        "id": session.id,
        "project": project,
        "title": session.title,
        "choosing": session.choosing.value,
        "seed": str(session.seed),
        "state": session.state.value,
        "n_items": session.n_items,
        "n_people": session.n_people,
        "schema_version": session.schema_version,
        "guideline_version": session.guideline_version,
        "by": session.by,
        "hash": digest,
        "at": micros(session.at),
    }
    tx.run(insert(k.calibrations).values(**values))
    numbers = list(range(1, len(positions) + 1))
    columns = {"calibration": session.id, "number": numbers, "project": project, "position": list(positions)}
    insert_columns(tx, k.calibration_items, columns)
    who = {"annotator": [one.annotator for one in people], "cover": [one.cover for one in people]}
    insert_columns(tx, k.calibration_people, {"calibration": session.id, **who})


def find(tx: Tx, project: ProjectId, session_id: str) -> Session | None:
    """Return the project's session of this id, if there is one."""
    row = tx.first(_one(project, session_id))
    return None if row is None else _session(row)


def hold(tx: Tx, project: ProjectId, session_id: str) -> Session | None:
    """Return the project's session of this id; whoever else would change it waits until the commit."""
    row = tx.first(_one(project, session_id).with_for_update())
    return None if row is None else _session(row)


def _one(project: ProjectId, session_id: str) -> Select[Any]:
    c = k.calibrations.c
    return select(k.calibrations).where(c.project == project, c.id == session_id)


def listing(
    tx: Tx, project: ProjectId, *, of: AnnotatorId | None, before: str | None, limit: int
) -> tuple[Session, ...]:
    """Return sessions, newest first: all, or those that somebody takes part in; from before an id on."""
    c, p = k.calibrations.c, k.calibration_people.c
    n_answers = select(func.sum(p.n_answers)).where(p.calibration == c.id).scalar_subquery()
    query = select(k.calibrations, n_answers.label("n_answers")).where(c.project == project)
    if of is not None:
        query = query.where(exists().where(p.calibration == c.id, p.annotator == of))
    if before is not None:
        query = query.where(c.id < before)
    rows = tx.run(query.order_by(c.id.desc()).limit(limit))
    return tuple(replace(_session(row), n_answers=int(row.n_answers)) for row in rows)


def move(
    tx: Tx,
    session_id: str,
    state: SessionState,
    now: datetime,
    before: Sequence[Mapping[str, object]] | None = None,
    apart: Mapping[str, Mapping[int, float]] | None = None,
) -> None:
    """Let a session stand in another state, with what was measured on the way."""
    column = "discussed_at" if state is SessionState.DISCUSSED else "finished_at"
    values: dict[str, object] = {"state": state.value, column: micros(now)}
    if before is not None:
        values["before"] = json.dumps(list(before), sort_keys=True)
    if apart is not None:
        values["apart"] = json.dumps(dict(apart), sort_keys=True)
    tx.run(update(k.calibrations).where(k.calibrations.c.id == session_id).values(**values))


def set_after(tx: Tx, session_id: str, measured: Sequence[Mapping[str, object]]) -> None:
    """Keep the agreement of ordinary answers since the session ended."""
    body = json.dumps(list(measured), sort_keys=True)
    tx.run(update(k.calibrations).where(k.calibrations.c.id == session_id).values(after=body))


def items_of(tx: Tx, session_id: str) -> Positions:
    """Return the positions of a session's items, by number."""
    c = k.calibration_items.c
    (positions,) = arrays(tx, select(c.position).where(c.calibration == session_id).order_by(c.number), np.int64)
    return positions


def people_of(tx: Tx, session_id: str) -> tuple[Person, ...]:
    """Return who takes part, by cover name."""
    c = k.calibration_people.c
    rows = tx.run(select(k.calibration_people).where(c.calibration == session_id).order_by(c.cover))
    return tuple(Person(AnnotatorId(row.annotator), row.cover, row.n_answers) for row in rows)


# --- what is said in one ----------------------------------------------------------------------------------------------


def answer(
    tx: Tx, project: ProjectId, session_id: str, answer_id: str, given: Given, salt: str, digest: str, now: datetime
) -> None:
    """Keep an answer, and count it."""
    values = {
        "id": answer_id,
        "project": project,
        "calibration": session_id,
        "number": given.number,
        "annotator": given.annotator,
        "answers": given.answers,
        "reason": given.reason,
        "seconds": given.seconds,
        "salt": salt,
        "hash": digest,
        "at": micros(now),
    }
    tx.run(insert(k.calibration_answers).values(**values))
    c = k.calibration_people.c
    mine = (c.calibration == session_id) & (c.annotator == given.annotator)
    tx.run(update(k.calibration_people).where(mine).values(n_answers=c.n_answers + 1))


def answers_of(tx: Tx, session_id: str, annotator: AnnotatorId | None = None) -> tuple[Given, ...]:
    """Return the answers of a session, or of one annotator in it, by item and in the order they came."""
    c = k.calibration_answers.c
    query = select(k.calibration_answers).where(c.calibration == session_id).order_by(c.number, c.seq)
    if annotator is not None:
        query = query.where(c.annotator == annotator)
    return tuple(
        Given(row.number, AnnotatorId(row.annotator), row.answers, row.reason, row.seconds) for row in tx.run(query)
    )


def recounted(tx: Tx, session_id: str) -> tuple[str, ...]:
    """Return who has another number of answers than their stored count says: nobody, by law."""
    given = answers_of(tx, session_id)
    return tuple(
        one.annotator
        for one in people_of(tx, session_id)
        if one.n_answers != sum(each.annotator == one.annotator for each in given)
    )


def comment(tx: Tx, project: ProjectId, session_id: str, made: Comment, salt: str, digest: str) -> None:
    """Keep a comment."""
    values = {
        "id": made.id,
        "project": project,
        "calibration": session_id,
        "number": made.number,
        "author": made.author,
        "text": made.text,
        "salt": salt,
        "hash": digest,
        "at": micros(made.at),
    }
    tx.run(insert(k.calibration_comments).values(**values))


def comments_of(tx: Tx, session_id: str) -> tuple[Comment, ...]:
    """Return what was said about a session's items, oldest first."""
    c = k.calibration_comments.c
    rows = tx.run(select(k.calibration_comments).where(c.calibration == session_id).order_by(c.seq))
    return tuple(Comment(row.id, row.number, AnnotatorId(row.author), row.text, moment(row.at)) for row in rows)


def agree(
    tx: Tx, project: ProjectId, session_id: str, agreed_id: str, made: Agreed, by: AnnotatorId, salt: str, digest: str
) -> None:
    """Keep what was agreed about an item; the newest of a question counts."""
    values = {
        "id": agreed_id,
        "project": project,
        "calibration": session_id,
        "number": made.number,
        "question": made.question,
        "answer": made.answer,
        "clause": made.clause,
        "reason": made.reason,
        "by": by,
        "salt": salt,
        "hash": digest,
        "at": micros(made.at),
    }
    tx.run(insert(k.calibration_agreed).values(**values))


def agreed_of(tx: Tx, session_id: str) -> dict[tuple[int, str], Agreed]:
    """Return what was agreed last about each item, by number and question."""
    c = k.calibration_agreed.c
    rows = tx.run(select(k.calibration_agreed).where(c.calibration == session_id).order_by(c.seq))
    return {
        (row.number, row.question): Agreed(row.number, row.question, row.answer, row.clause, row.reason, moment(row.at))
        for row in rows
    }


# --- choosing and measuring -------------------------------------------------------------------------------------------


def are_gold(tx: Tx, project: ProjectId, positions: Positions) -> Positions:
    """Return which of these items are gold."""
    g = t.gold.c
    query = select(g.position).where(g.project == project, within(tx, g.position, positions)).distinct()
    (found,) = arrays(tx, query, np.int64)
    return found


def least_sure(tx: Tx, project: ProjectId, question: str, limit: int) -> Positions:
    """Return items with at least two votes whose settlement is the least sure."""
    s = t.settlements.c
    query = (
        select(s.position)
        .where(s.seq.in_(settlements.newest_of(project, question)), s.n_votes >= 2, s.state != settled.UNASKED)
        .order_by(s.confidence, s.position)
        .limit(limit)
    )
    (positions,) = arrays(tx, query, np.int64)
    return positions


def said_of(tx: Tx, project: ProjectId, question: str, positions: Positions) -> tuple[Said, ...]:
    """Return the answers to a question about these items that stand."""
    a = t.annotations.c
    query = (
        select(a.position, a.annotator, a.answer)
        .where(a.project == project, within(tx, a.position, positions), a.question == question, _standing())
        .order_by(a.entry_seq)
    )
    return tuple(Said(row.position, row.annotator, row.answer) for row in tx.run(query))


def ordinary(
    tx: Tx,
    project: ProjectId,
    question: str,
    people: Sequence[AnnotatorId],
    since: datetime,
    not_about: Positions,
    most: int,
) -> tuple[Said, ...]:
    """Return the newest answers of these annotators since a time (up to `most` of each), but those about some items."""
    a = t.annotations.c
    left_out = set(not_about.tolist())
    found: list[Said] = []
    for who in people:
        query = (
            select(a.position, a.annotator, a.answer)
            .where(a.project == project, a.annotator == who, a.question == question)
            .where(a.at >= micros(since), a.purpose.in_(ORDINARY), _standing())
            .order_by(a.entry_seq.desc())
            .limit(most)
        )
        rows = tx.run(query)
        found += [Said(row.position, row.annotator, row.answer) for row in rows if row.position not in left_out]
    return tuple(found)


def _standing() -> ColumnElement[bool]:
    return ~exists().where(t.withdrawals.c.annotation == t.annotations.c.id)


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        title=row.title,
        choosing=Choosing(row.choosing),
        seed=int(row.seed),
        state=SessionState(row.state),
        n_items=row.n_items,
        n_people=row.n_people,
        schema_version=row.schema_version,
        guideline_version=row.guideline_version,
        by=AnnotatorId(row.by),
        at=moment(row.at),
        discussed_at=maybe_moment(row.discussed_at),
        finished_at=maybe_moment(row.finished_at),
        before=None if row.before is None else tuple(json.loads(row.before)),
        after=None if row.after is None else tuple(json.loads(row.after)),
        apart=None if row.apart is None else json.loads(row.apart),
    )
