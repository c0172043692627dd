"""Pay: rates, the answers that nobody was paid for yet, statements of what was earned, and what became of each.

In: rates, statements, events with the hash of what was sent. Out: records. Never: an answer in two statements, or a row
that changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, insert, literal, select
from sqlalchemy.sql.selectable import Select

from goldseam.annotate.pay import PayEvent, PayLine, PayState, Per, Rate, Work, after
from goldseam.edge.store import calibration_tables as c
from goldseam.edge.store import pay_tables as p
from goldseam.edge.store import qualification_tables as q
from goldseam.edge.store import tables as t
from goldseam.edge.store.talk import Sealed
from goldseam.edge.store.tx import Tx, insert_columns, micros, moment, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

MICROSECONDS = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody earned by the answers given until a time that no statement before had; amounts in minor units."""

    number: int
    id: str
    annotator: AnnotatorId
    currency: str
    minor_digits: int
    amount: int
    n_answers: int
    lines: tuple[PayLine, ...]
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a statement."""

    statement: str
    event: PayEvent
    reason: str
    by: AnnotatorId
    at: datetime


# --- rates ------------------------------------------------------------------------------------------------------------


def add_rate(tx: Tx, project: ProjectId, rate: Rate, by: AnnotatorId, sealed: Sealed, now: datetime) -> None:
    """Keep a rate."""
    values = {
        "id": rate.id,
        "project": project,
        "per": rate.per.value,
        "amount": rate.amount,
        "currency": rate.currency,
        "since": micros(rate.since),
        "tier": rate.tier,
        "annotator": rate.annotator,
        "by": by,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(now),
    }
    tx.run(insert(p.pay_rates).values(**values))


def rates(tx: Tx, project: ProjectId) -> tuple[Rate, ...]:
    """Return every rate that was set, oldest first."""
    rows = tx.run(select(p.pay_rates).where(p.pay_rates.c.project == project).order_by(p.pay_rates.c.seq))
    return tuple(
        Rate(
            id=row.id,
            per=Per(row.per),
            amount=row.amount,
            currency=row.currency,
            since=moment(row.since),
            tier=row.tier,
            annotator=None if row.annotator is None else AnnotatorId(row.annotator),
        )
        for row in rows
    )


# --- answers ----------------------------------------------------------------------------------------------------------


def unpaid(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, until: datetime, limit: int, *, newest: int | None = None
) -> tuple[Work, ...]:
    """Return the annotator's answers before a time that no statement has, up to a limit of each kind.

    An assignment is one answer, however many questions it has; what was taken back is none. Its time is what the client said, but
    never more than went by between lease and answer.

    Parameters
    ----------
    newest
        Look only among so many of the newest answers to assignments: then the call costs the same for whoever gave many.
    """
    found = []
    ordinary = _ordinary(project, annotator)
    if newest is not None:
        ordinary = ordinary.order_by(t.annotations.c.entry_seq.desc()).limit(newest)
    for query in (ordinary, _of_sessions(project, annotator), _of_tests(project, annotator)):
        answers = query.subquery()
        paid = exists().where(p.paid_answers.c.project == project, p.paid_answers.c.answer == answers.c.id)
        rows = tx.run(
            select(answers).where(answers.c.at < micros(until), ~paid).order_by(answers.c.at, answers.c.id).limit(limit)
        )
        found += [
            Work(row.id, annotator, moment(row.at), Purpose(row.purpose), bool(row.surplus), row.tier, row.seconds)
            for row in rows
        ]
    return tuple(found)


def _ordinary(project: ProjectId, annotator: AnnotatorId) -> Select[Any]:
    a, s, r, w = t.annotations.c, t.assignments.c, t.routes.c, t.withdrawals.c
    held = (s.ended_at - s.leased_at) / MICROSECONDS
    return (
        select(
            (literal("a.") + a.assignment).label("id"),
            a.at,
            a.purpose,
            a.surplus,
            r.tier,
            case((and_(s.ended_at.is_not(None), held < a.seconds), held), else_=a.seconds).label("seconds"),
        )
        .join(t.assignments, s.id == a.assignment)
        .outerjoin(t.routes, and_(r.project == a.project, r.position == a.position))
        .where(a.project == project, a.annotator == annotator, ~a.id.contains("."))
        .where(~exists().where(w.annotation == a.id))
    )


def _of_sessions(project: ProjectId, annotator: AnnotatorId) -> Select[Any]:
    a = c.calibration_answers.c
    return select(
        (literal("c.") + a.id).label("id"),
        a.at,
        literal(Purpose.CALIBRATION.value).label("purpose"),
        literal(0).label("surplus"),
        literal(None).label("tier"),
        a.seconds,
    ).where(a.project == project, a.annotator == annotator)


def _of_tests(project: ProjectId, annotator: AnnotatorId) -> Select[Any]:
    a, one = q.trial_answers.c, q.trials.c
    return (
        select(
            (literal("q.") + a.id).label("id"),
            a.at,
            literal(Purpose.QUALIFICATION.value).label("purpose"),
            literal(0).label("surplus"),
            literal(None).label("tier"),
            a.seconds,
        )
        .join(q.trials, one.id == a.trial)
        .where(one.project == project, one.annotator == annotator)
    )


def earners(tx: Tx, project: ProjectId) -> tuple[AnnotatorId, ...]:
    """Return everybody who ever answered in the project, in the order of their ids."""
    found = set(
        tx.run(select(t.annotations.c.annotator).where(t.annotations.c.project == project).distinct()).scalars()
    )
    a, one = c.calibration_answers.c, q.trials.c
    found |= set(tx.run(select(a.annotator).where(a.project == project).distinct()).scalars())
    found |= set(tx.run(select(one.annotator).where(one.project == project).distinct()).scalars())
    return tuple(AnnotatorId(name) for name in sorted(found))


# --- statements -------------------------------------------------------------------------------------------------------


def state(tx: Tx, project: ProjectId, made: Statement, answers: Sequence[str], by: AnnotatorId, sealed: Sealed) -> None:
    """Keep a statement, and which answers it pays."""
    values = {
        "id": made.id,
        "project": project,
        "annotator": made.annotator,
        "currency": made.currency,
        "minor_digits": made.minor_digits,
        "amount": made.amount,
        "n_answers": made.n_answers,
        "lines": json.dumps([asdict(line) for line in made.lines], sort_keys=True),
        "until": micros(made.until),
        "by": by,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(made.at),
    }
    tx.run(insert(p.pay_statements).values(**values))
    insert_columns(tx, p.paid_answers, {"project": project, "answer": list(answers), "statement": made.id})


def find(tx: Tx, project: ProjectId, statement_id: str) -> Statement | None:
    """Return the project's statement of this id, if there is one."""
    s = p.pay_statements.c
    row = tx.first(select(p.pay_statements).where(s.project == project, s.id == statement_id))
    return None if row is None else _statement(row)


def listing(
    tx: Tx, project: ProjectId, *, of: AnnotatorId | None = None, before: int | None = None, limit: int = 50
) -> tuple[Statement, ...]:
    """Return statements, newest first: of everybody or of one person, from before a number on."""
    s = p.pay_statements.c
    which: list[ColumnElement[bool]] = [s.project == project]
    if of is not None:
        which.append(s.annotator == of)
    if before is not None:
        which.append(s.seq < before)
    rows = tx.run(select(p.pay_statements).where(*which).order_by(s.seq.desc()).limit(limit))
    return tuple(_statement(row) for row in rows)


def add_event(tx: Tx, project: ProjectId, event_id: str, event: Event, sealed: Sealed) -> None:
    """Keep what happened to a statement."""
    values = {
        "id": event_id,
        "project": project,
        "statement": event.statement,
        "event": event.event.value,
        "reason": event.reason,
        "by": event.by,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(event.at),
    }
    tx.run(insert(p.pay_events).values(**values))


def events(tx: Tx, statements: Sequence[str]) -> dict[str, list[Event]]:
    """Return what happened to each of these statements, oldest first."""
    found: dict[str, list[Event]] = {name: [] for name in statements}
    e = p.pay_events.c
    if not found:
        return found
    for row in tx.run(select(p.pay_events).where(within(tx, e.statement, list(found))).order_by(e.seq)):
        made = Event(row.statement, PayEvent(row.event), row.reason, AnnotatorId(row.by), moment(row.at))
        found[row.statement].append(made)
    return found


def state_after(happened: Sequence[Event]) -> PayState:
    """Return how a statement stands after all that happened to it."""
    found = PayState.OPEN
    for one in happened:
        found = after(found, one.event)
    return found


def totals(tx: Tx, project: ProjectId) -> dict[tuple[str, int], int]:
    """Return the sum of all statements, by currency and number of decimals."""
    s = p.pay_statements.c
    rows = tx.run(
        select(s.currency, s.minor_digits, func.sum(s.amount).label("amount"))
        .where(s.project == project)
        .group_by(s.currency, s.minor_digits)
    )
    return {(row.currency, row.minor_digits): int(row.amount) for row in rows}


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        number=row.seq,
        id=row.id,
        annotator=AnnotatorId(row.annotator),
        currency=row.currency,
        minor_digits=row.minor_digits,
        amount=row.amount,
        n_answers=row.n_answers,
        lines=tuple(PayLine(**{**line, "per": Per(line["per"])}) for line in json.loads(row.lines)),
        until=moment(row.until),
        at=moment(row.at),
    )
