"""Disputes of settled labels, and items handed up to a more senior tier.

In: disputes, escalations, with the hash of what was sent. Out: records, levels by position. Never: a level lowered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from goldseam.edge.store import tables as t
from goldseam.edge.store import talk_tables as k
from goldseam.edge.store.proposals import decision_of, keep_decision
from goldseam.edge.store.settlements import RULING
from goldseam.edge.store.talk import Sealed, add_once
from goldseam.edge.store.tx import Positions, Tx, micros, moment, within
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import Decision, Dispute, DisputeId, DisputeState


@dataclass(frozen=True, slots=True)
class Placed:
    """A dispute with its number, its item's position, and who had ruled when it came."""

    number: int
    dispute: Dispute
    position: int
    contested_by: AnnotatorId | None


@dataclass(frozen=True, slots=True)
class Escalated:
    """An item handed up to a tier, and why."""

    id: str
    position: int
    question: str
    tier: int
    by: AnnotatorId
    reason: str
    at: datetime


def add(
    tx: Tx, project: ProjectId, position: int, dispute: Dispute, contested_by: AnnotatorId | None, sealed: Sealed
) -> bool:
    """Keep a dispute; return false if this very one was kept before.

    Raises
    ------
    Conflict
        If the id was used before for something else, or another dispute of the same person about the item is open.
    """
    c = k.disputes.c
    question = dispute.question or ""
    mine = select(c.id).where(c.project == project, c.position == position, c.by == dispute.by, c.state == "open")
    mine = mine.where(c.question == question)
    row = tx.first(mine.limit(1))
    if row is not None and row.id != dispute.id:
        raise Conflict("You dispute this item already; wait for the decision.", dispute=row.id)
    values = {
        "id": dispute.id,
        "project": project,
        "position": position,
        "by": dispute.by,
        "label": dispute.label,
        "question": question,
        "answer": None if dispute.answer is None else canonical(answer_to_plain(dispute.answer)).decode(),
        "text": dispute.text,
        "contested_by": contested_by,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(dispute.at),
        "state": dispute.state.value,
    }
    return add_once(tx, k.disputes, values)


def find(tx: Tx, project: ProjectId, dispute_id: DisputeId) -> Placed | None:
    """Return the project's dispute of this id, held until the commit, if there is one."""
    c = k.disputes.c
    row = tx.first(_SELECT.where(c.project == project, c.id == dispute_id).with_for_update(of=k.disputes))
    return None if row is None else _placed(row)


def listing(
    tx: Tx,
    project: ProjectId,
    *,
    by: AnnotatorId | None = None,
    state: DisputeState | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[Placed, ...]:
    """Return disputes, newest first: of everybody or of one person, from before a number on."""
    c = k.disputes.c
    which: list[ColumnElement[bool]] = [c.project == project]
    if by is not None:
        which.append(c.by == by)
    if state is not None:
        which.append(c.state == state.value)
    if before is not None:
        which.append(c.seq < before)
    return tuple(_placed(row) for row in tx.run(_SELECT.where(*which).order_by(c.seq.desc()).limit(limit)))


def decide(
    tx: Tx, dispute_id: DisputeId, decision_id: str, state: DisputeState, decision: Decision, sealed: Sealed
) -> None:
    """Keep what became of an open dispute; raises `Conflict` if it is not open any more."""
    keep_decision(tx, k.disputes, dispute_id, decision_id, state.value, decision, sealed)


def escalate(tx: Tx, project: ProjectId, one: Escalated, sealed: Sealed) -> bool:
    """Hand an item up; return false if this very act was kept before, raise `Conflict` if its id was used."""
    values = {
        "id": one.id,
        "project": project,
        "position": one.position,
        "question": one.question,
        "tier": one.tier,
        "by": one.by,
        "reason": one.reason,
        "salt": sealed.salt,
        "hash": sealed.hash,
        "at": micros(one.at),
    }
    return add_once(tx, k.escalations, values)


def levels(tx: Tx, project: ProjectId, question: str, positions: Positions) -> dict[int, int]:
    """Return the tier that each of these items was handed up to; those that never were are left out."""
    c = k.escalations.c
    query = (
        select(c.position, func.max(c.tier).label("tier"))
        .where(c.project == project, c.question == question, within(tx, c.position, positions))
        .group_by(c.position)
    )
    return {row.position: row.tier for row in tx.run(query)}


def escalated(tx: Tx, project: ProjectId, question: str, position: int) -> tuple[Escalated, ...]:
    """Return how often an item was handed up, and why, oldest first."""
    c = k.escalations.c
    rows = tx.run(
        select(k.escalations)
        .where(c.project == project, c.question == question, c.position == position)
        .order_by(c.seq)
    )
    return tuple(
        Escalated(row.id, row.position, row.question, row.tier, AnnotatorId(row.by), row.reason, moment(row.at))
        for row in rows
    )


def was_ruled(tx: Tx, ruling_id: str) -> bool:
    """Return whether there is a ruling of this id."""
    return tx.first(select(t.settlements.c.seq).where(t.settlements.c.id == ruling_id)) is not None


def computed_confidence(tx: Tx, project: ProjectId, question: str, position: int) -> float | None:
    """Return what the votes of an item gave when they were last settled by computation; None if they never were."""
    s = t.settlements.c
    query = (
        select(s.confidence)
        .where(s.project == project, s.question == question, s.position == position, s.method != RULING)
        .order_by(s.seq.desc())
        .limit(1)
    )
    return tx.run(query).scalar_one_or_none()


_SELECT = select(k.disputes, t.items.c.id.label("item")).join(
    t.items, (t.items.c.project == k.disputes.c.project) & (t.items.c.position == k.disputes.c.position)
)


def _placed(row: Row[Any]) -> Placed:
    dispute = Dispute(
        id=DisputeId(row.id),
        item=ItemId(row.item),
        by=AnnotatorId(row.by),
        label=None if row.label is None else LabelName(row.label),
        text=row.text,
        at=moment(row.at),
        state=DisputeState(row.state),
        decision=decision_of(row),
        question=QuestionName(row.question) if row.question else None,
        answer=None if row.answer is None else answer_from_plain(json.loads(row.answer)),
    )
    contested = None if row.contested_by is None else AnnotatorId(row.contested_by)
    return Placed(row.seq, dispute, row.position, contested)
