"""Promotions that were proposed, and the figures that each annotator is told about themselves.

In: figures as plain values. Out: records. Never: two open proposals for one annotator, or a decision made twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, exists, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from goldseam.edge.store import qualification_tables as q
from goldseam.edge.store import tables as t
from goldseam.edge.store.proposals import decision_of
from goldseam.edge.store.tx import Tx, arrays, micros, moment
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role
from goldseam.vocab.talk import Decision, ProposalState


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion to reviewer that figures speak for, and what became of it."""

    number: int
    id: str
    annotator: AnnotatorId
    figures: Mapping[str, Any]
    at: datetime
    state: ProposalState
    decision: Decision | None


def propose(
    tx: Tx, project: ProjectId, promotion_id: str, annotator: AnnotatorId, figures: Mapping[str, object], now: datetime
) -> None:
    """Keep a proposal."""
    values = {
        "id": promotion_id,
        "project": project,
        "annotator": annotator,
        "figures": json.dumps(dict(figures), sort_keys=True),
        "hash": "",
        "at": micros(now),
        "state": ProposalState.OPEN.value,
    }
    tx.run(insert(q.promotions).values(**values))


def proposed(tx: Tx, project: ProjectId) -> frozenset[AnnotatorId]:
    """Return who was ever proposed in the project."""
    rows = tx.run(select(q.promotions.c.annotator).where(q.promotions.c.project == project))
    return frozenset(AnnotatorId(name) for name in rows.scalars())


def find(tx: Tx, project: ProjectId, promotion_id: str) -> Promotion | None:
    """Return the project's proposal of this id, held until the commit."""
    c = q.promotions.c
    row = tx.first(select(q.promotions).where(c.project == project, c.id == promotion_id).with_for_update())
    return None if row is None else _promotion(row)


def listing(
    tx: Tx, project: ProjectId, *, state: ProposalState | None = None, before: int | None = None, limit: int = 50
) -> tuple[Promotion, ...]:
    """Return proposals, newest first, from before a number on."""
    c = q.promotions.c
    which: list[ColumnElement[bool]] = [c.project == project]
    if state is not None:
        which.append(c.state == state.value)
    if before is not None:
        which.append(c.seq < before)
    rows = tx.run(select(q.promotions).where(*which).order_by(c.seq.desc()).limit(limit))
    return tuple(_promotion(row) for row in rows)


def _promotion(row: Row[Any]) -> Promotion:
    return Promotion(
        number=row.seq,
        id=row.id,
        annotator=AnnotatorId(row.annotator),
        figures=json.loads(row.figures),
        at=moment(row.at),
        state=ProposalState(row.state),
        decision=decision_of(row),
    )


# --- figures ----------------------------------------------------------------------------------------------------------


def annotators(tx: Tx, project: ProjectId) -> dict[AnnotatorId, datetime]:
    """Return since when each annotator of the project is one."""
    c = t.roles.c
    rows = tx.run(select(c.annotator, c.at).where(c.project == project, c.role == Role.ANNOTATOR.value))
    return {AnnotatorId(row.annotator): moment(row.at) for row in rows}


def answer_times(tx: Tx, project: ProjectId, question: str) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return whose each standing answer to a question is, and how long it took."""
    a, w = t.annotations.c, t.withdrawals.c
    query = select(a.annotator, a.seconds).where(
        a.project == project, a.question == question, ~exists().where(w.annotation == a.id)
    )
    who, seconds = arrays(tx, query, object, np.float64)
    return who, seconds


def told(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> tuple[dict[str, Any], datetime] | None:
    """Return what the annotator was told last, and when that was measured."""
    c = q.own_figures.c
    row = tx.first(select(c.body, c.at).where(c.project == project, c.annotator == annotator))
    return None if row is None else (json.loads(row.body), moment(row.at))


def tell(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, body: Mapping[str, object], n_gold: int, now: datetime
) -> None:
    """Keep what the annotator is told from now on."""
    make = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    values = {"body": json.dumps(dict(body), sort_keys=True), "n_gold": n_gold, "at": micros(now)}
    tx.run(
        make(q.own_figures)
        .values(project=project, annotator=annotator, **values)
        .on_conflict_do_update(index_elements=["project", "annotator"], set_=values)
    )
