"""Settlements: the label each item carries, and those that went to a person. The newest row per item counts.

In: arrays from `adjudicate`, a person's rulings. Out: arrays. Never: a settlement changed; a new one supersedes it.

Posteriors stand as little-endian float64, one row an item, in the order of the label codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, ColumnElement, and_, bindparam, delete, func, insert, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, Values, arrays, insert_columns, maybe_moment, micros, moment, within
from goldseam.edge.store.waiting_tables import waiting
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

POSTERIOR = np.dtype("<f8")
RULING = "ruling"
"""The method of a settlement that a person made."""
SETTLED, ESCALATED = "settled", "escalated"


@dataclass(frozen=True, slots=True)
class Settled:
    """Settlements of one question as they stand, by position; an escalated item has the label that is likeliest so far.

    `posterior` (n, labels) is padded with 0 for labels that came later. Rulings carry who ruled in `by`.
    """

    position: Positions
    label: NDArray[np.int32]
    confidence: NDArray[np.float64]
    posterior: NDArray[np.float64]
    escalated: NDArray[np.bool_]
    n_votes: NDArray[np.int32]
    round: NDArray[np.int32]
    method: tuple[str, ...]
    reason: tuple[str, ...]
    by: tuple[AnnotatorId | None, ...]
    at: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ruling:
    """One person's decision, as kept."""

    position: int
    question: str
    label: int
    reason: str
    by: AnnotatorId


def save(
    tx: Tx,
    project: ProjectId,
    question: str,
    position: Positions,
    label: NDArray[np.integer],
    confidence: NDArray[np.floating],
    posterior: NDArray[np.floating],
    n_votes: NDArray[np.integer],
    escalated: NDArray[np.bool_],
    reason: list[str],
    method: str | list[str],
    round: int,
    now: datetime,
) -> None:
    """Keep settlements, one row an item.

    Parameters
    ----------
    posterior
        (n, labels), by label code.
    reason
        Why each was escalated, or empty.
    now
        A time before the votes were read, so that an answer that came meanwhile is seen to be newer.
    """
    if len(position) == 0:
        return
    one_at_a_time(tx, project)
    plain = np.ascontiguousarray(posterior, POSTERIOR)
    columns: dict[str, Values | object] = {
        "project": project,
        "question": question,
        "position": position,
        "label": label,
        "confidence": confidence,
        "posterior": plain.view(np.dtype((np.void, plain.shape[1] * POSTERIOR.itemsize))).ravel().tolist(),
        "n_votes": n_votes,
        "state": np.where(escalated, ESCALATED, SETTLED).tolist(),
        "reason": reason,
        "method": method,
        "round": round,
        "at": micros(now),
    }
    insert_columns(tx, t.settlements, columns)
    tx.run(delete(waiting).where(_in(project, question), within(tx, waiting.c.position, position)))
    where = {"project": project, "question": question, "position": position[escalated]}
    insert_columns(tx, waiting, where | {"confidence": confidence[escalated]})


def rule(
    tx: Tx,
    project: ProjectId,
    ruling_id: str,
    ruling: Ruling,
    n_votes: int,
    round: int,
    now: datetime,
) -> bool:
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
        before = Ruling(row.position, row.question, row.label, row.reason, row.by)
        if before != ruling or row.project != project:
            raise Conflict("This ruling's id was used before for something else; make a new id.", id=ruling_id)
        return False
    values = {
        "id": ruling_id,
        "project": project,
        "position": ruling.position,
        "question": ruling.question,
        "label": ruling.label,
        "reason": ruling.reason,
        "by": ruling.by,
    }
    fixed = {"confidence": 1.0, "method": RULING, "state": SETTLED, "n_votes": n_votes, "round": round}
    tx.run(insert(s).values(**values, **fixed, at=micros(now)))
    tx.run(delete(waiting).where(_in(project, ruling.question), waiting.c.position == ruling.position))
    return True


def one_at_a_time(tx: Tx, project: ProjectId) -> None:
    """Let writers of a project's settlements wait for each other: what waits for a ruling follows the newest row.

    SQLite has one writer anyhow.
    """
    if tx.dialect == "postgresql":
        tx.run(select(func.pg_advisory_xact_lock(func.hashtext(f"goldseam.settlements {project}"))))


def _in(project: ProjectId, question: str) -> ColumnElement[bool]:
    return and_(waiting.c.project == project, waiting.c.question == question)


def current(tx: Tx, project: ProjectId, question: str, positions: Positions | None = None) -> Settled:
    """Return the settlements of a question as they stand (for these items), by position."""
    s = t.settlements.c
    newest = newest_of(project, question)
    if positions is not None:
        newest = newest.where(within(tx, s.position, positions))
    return _settled(tx, project, question, s.seq.in_(newest), s.position)


def _settled(tx: Tx, project: ProjectId, question: str, which: ColumnElement[bool], order: Column[Any]) -> Settled:
    s = t.settlements.c
    query = select(
        s.position, s.label, s.confidence, s.posterior, s.state, s.n_votes, s.round, s.method, s.reason, s.by, s.at
    ).where(which, s.label.is_not(None))
    dtypes = (np.int64, np.int32, np.float64, object, object, np.int32, np.int32, object, object, object, np.int64)
    columns = arrays(tx, query.order_by(order), *dtypes)
    position, label, confidence, blobs, state, n_votes, number, method, reason, by, at = columns
    n_labels = int(tx.run(_n_labels(project, question)).scalar_one())
    return Settled(
        position=position,
        label=label,
        confidence=confidence,
        posterior=_matrix(blobs, label, n_labels),
        escalated=state == ESCALATED,
        n_votes=n_votes,
        round=number,
        method=tuple(method),
        reason=tuple(reason),
        by=tuple(by),
        at=at,
    )


def _n_labels(project: ProjectId, question: str) -> Select[Any]:
    return select(func.count()).where(t.labels.c.project == project, t.labels.c.question == question)


def _matrix(blobs: NDArray[Any], label: NDArray[np.int32], n_labels: int) -> NDArray[np.float64]:
    """Return stored posteriors as one matrix; a ruling has none of its own and is certain."""
    matrix = np.zeros((len(blobs), n_labels), np.float64)
    given = np.fromiter((blob is not None for blob in blobs), np.bool_, len(blobs))
    widths = np.zeros(len(blobs), np.int64)
    widths[given] = np.fromiter(map(len, blobs[given].tolist()), np.int64) // POSTERIOR.itemsize
    for width in np.unique(widths).tolist():
        (rows,) = np.nonzero(widths == width)
        if width == 0:
            matrix[rows, label[rows]] = 1.0
        else:
            flat = np.frombuffer(b"".join(blobs[rows].tolist()), POSTERIOR)
            matrix[rows, :width] = flat.reshape(len(rows), width)
    return matrix


_ESCALATED = (
    select(waiting.c.position)
    .where(waiting.c.project == bindparam("project"), waiting.c.question == bindparam("question"))
    .order_by(waiting.c.confidence, waiting.c.position)
    .limit(bindparam("limit"))
)


def escalated(tx: Tx, project: ProjectId, question: str, limit: int = 20) -> Positions:
    """Return the items that wait for a ruling, the least certain first."""
    found = tx.run(_ESCALATED, {"project": project, "question": question, "limit": limit}).scalars()
    return np.fromiter(found, np.int64)


def n_escalated(tx: Tx, project: ProjectId, question: str) -> int:
    """Return how many items wait for a ruling."""
    return int(tx.run(select(func.count()).select_from(waiting).where(_in(project, question))).scalar_one())


def rebuild_waiting(tx: Tx, project: ProjectId, question: str) -> None:
    """Make what waits for a ruling anew from the settlements; afterwards it is as it was, by law."""
    one_at_a_time(tx, project)
    s = t.settlements.c
    stands = select(s.project, s.question, s.position, s.confidence).where(
        s.seq.in_(newest_of(project, question)), s.state == ESCALATED
    )
    tx.run(delete(waiting).where(_in(project, question)))
    tx.run(insert(waiting).from_select(["project", "question", "position", "confidence"], stands))


def n_settled(tx: Tx, project: ProjectId) -> int:
    """Return how many items have a settled label, of whatever question."""
    s = t.settlements.c
    newest = select(func.max(s.seq)).where(s.project == project).group_by(s.question, s.position)
    query = select(func.count(s.position.distinct())).where(s.seq.in_(newest), s.state == SETTLED)
    return int(tx.run(query).scalar_one())


@dataclass(frozen=True, slots=True)
class Settlement:
    """One settlement of one item, as it was written: the code of a label, or another answer as canonical JSON."""

    label: int | None
    confidence: float
    method: str
    state: str
    reason: str
    n_votes: int
    round: int
    by: AnnotatorId | None
    at: datetime
    answer: str | None = None


def history(tx: Tx, project: ProjectId, question: str, position: int) -> tuple[Settlement, ...]:
    """Return every settlement of an item, oldest first; the last one stands."""
    s = t.settlements.c
    query = select(s.label, s.confidence, s.method, s.state, s.reason, s.n_votes, s.round, s.by, s.at, s.answer)
    rows = tx.run(query.where(s.project == project, s.question == question, s.position == position).order_by(s.seq))
    return tuple(
        Settlement(r.label, r.confidence, r.method, r.state, r.reason, r.n_votes, r.round, r.by, moment(r.at), r.answer)
        for r in rows
    )


def written_at(tx: Tx, project: ProjectId, question: str, at: datetime) -> Settled:
    """Return what was settled by computation at this moment, in the order it was written."""
    s = t.settlements.c
    which = and_(s.project == project, s.question == question, s.at == micros(at), s.method != RULING)
    return _settled(tx, project, question, which, s.seq)


def moments(tx: Tx, project: ProjectId) -> frozenset[datetime]:
    """Return when labels were settled by computation."""
    s = t.settlements.c
    rows = tx.run(select(s.at).where(s.project == project, s.method != RULING).distinct()).scalars()
    return frozenset(moment(at) for at in rows)


def newest_at(tx: Tx, project: ProjectId) -> datetime | None:
    """Return when the project's last settlement or ruling was made."""
    return maybe_moment(
        tx.run(select(func.max(t.settlements.c.at)).where(t.settlements.c.project == project)).scalar_one()
    )


def ruled(tx: Tx, project: ProjectId) -> tuple[tuple[str, Ruling], ...]:
    """Return every ruling of a label ever made, with its id, oldest first."""
    s = t.settlements.c
    which = (s.project == project, s.method == RULING, s.label.is_not(None))
    rows = tx.run(select(t.settlements).where(*which).order_by(s.seq))
    return tuple(
        (row.id, Ruling(row.position, row.question, row.label, row.reason, AnnotatorId(row.by))) for row in rows
    )


def rulings(tx: Tx, project: ProjectId, question: str) -> tuple[Positions, NDArray[np.int32]]:
    """Return the newest ruling of each item that has one: positions in order, and label codes."""
    s = t.settlements.c
    newest = newest_of(project, question).where(s.method == RULING)
    query = select(s.position, s.label).where(s.seq.in_(newest), s.label.is_not(None)).order_by(s.position)
    position, label = arrays(tx, query, np.int64, np.int32)
    return position, label


def newest_of(project: ProjectId, question: str) -> Select[Any]:
    """Return the query for the sequence number of each item's newest settlement."""
    s = t.settlements.c
    return select(func.max(s.seq)).where(s.project == project, s.question == question).group_by(s.position)
