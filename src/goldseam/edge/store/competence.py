"""Competence: each annotator's confusion as it was last learned; and what the few votes of one item need to be judged.

In: confusions of a project, whole. Out: those of a few annotators, the votes of one item, its place in the queue.
Never: a decision; or, where an answer is taken in, a look at more than one item's votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, delete, exists, select, text
from sqlalchemy.dialects import postgresql, sqlite

from goldseam.annotate.rest import Workload
from goldseam.edge.store import competence_tables as k
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, Values, arrays, insert_columns, micros, moment, within
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one annotator, or of all together; `confusion` is absent where there are too many labels."""

    accuracy: float
    confusion: Matrix | None
    n_votes: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """What everybody together does, how likely each label is, and when that was learned."""

    learned: Learned
    shares: Matrix
    at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """An item's row in the queue for ordinary labeling."""

    wanted: int
    done: int
    live: int
    cls: int


def replace(
    tx: Tx,
    project: ProjectId,
    question: str,
    annotators: Sequence[AnnotatorId],
    learned: Sequence[Learned],
    crowd: Crowd,
) -> None:
    """Put what was learned in the place of what stood before."""
    n_labels, at = len(crowd.shares), micros(crowd.at)
    mine = {"project": project, "question": question, "n_labels": n_labels, "at": at}
    for table in (k.competence, k.crowds):
        tx.run(delete(table).where(table.c.project == project, table.c.question == question))
    columns: dict[str, Values | object] = {
        **mine,
        "annotator": list(annotators),
        "accuracy": [one.accuracy for one in learned],
        "matrix": [_bytes(one.confusion) for one in learned],
        "n_votes": [one.n_votes for one in learned],
    }
    if annotators:
        insert_columns(tx, k.competence, columns)
    whole = crowd.learned
    tx.run(
        k.crowds.insert().values(
            **mine,
            accuracy=whole.accuracy,
            matrix=_bytes(whole.confusion),
            shares=_bytes(crowd.shares),
            n_votes=whole.n_votes,
        )
    )


def crowd(tx: Tx, project: ProjectId, question: str) -> Crowd | None:
    """Return what everybody together does, if it was learned."""
    row = tx.first(_CROWD, {"p": project, "q": question})
    if row is None:
        return None
    learned = Learned(row.accuracy, _matrix(row.matrix, row.n_labels), row.n_votes)
    return Crowd(learned, np.frombuffer(row.shares, "<f8"), moment(row.at))


_CROWD = select(k.crowds).where(k.crowds.c.project == bindparam("p"), k.crowds.c.question == bindparam("q"))


def of(
    tx: Tx, project: ProjectId, question: str, annotators: Sequence[AnnotatorId] | None = None
) -> dict[AnnotatorId, Learned]:
    """Return what was learned of these annotators, or of all; those of whom nothing was are left out."""
    c = k.competence.c
    query = select(k.competence).where(c.project == project, c.question == question)
    if annotators is not None:
        query = query.where(within(tx, c.annotator, list(annotators)))
    return {
        AnnotatorId(row.annotator): Learned(row.accuracy, _matrix(row.matrix, row.n_labels), row.n_votes)
        for row in tx.run(query)
    }


def votes_of(tx: Tx, project: ProjectId, question: str, position: int) -> list[tuple[AnnotatorId, int | None]]:
    """Return who answered about an item and with which label; None for an abstention. Surplus answers are votes too."""
    a, w = t.annotations.c, t.withdrawals.c
    query = (
        select(a.annotator, a.label)
        .outerjoin(t.withdrawals, w.annotation == a.id)
        .where(a.project == project, a.position == position, a.question == question, w.id.is_(None))
        .order_by(a.entry_seq)
    )
    return [(AnnotatorId(row.annotator), row.label) for row in tx.run(query)]


def route_of(tx: Tx, project: ProjectId, position: int) -> tuple[int, int] | None:
    """Return the tier by which an item was routed and how many answers it may have by that, if it was."""
    r = t.routes.c
    row = tx.first(select(r.tier, r.wanted).where(r.project == project, r.position == position))
    return None if row is None else (int(row.tier), int(row.wanted))


def place(tx: Tx, project: ProjectId, position: int) -> Place | None:
    """Return the item's row in the queue for ordinary labeling, locked until the commit."""
    q = t.queue.c
    query = select(q.wanted, q.done, q.live, q.cls).where(
        q.project == project, q.position == position, q.purpose == Purpose.LABEL.value
    )
    row = tx.first(query.with_for_update())
    return None if row is None else Place(row.wanted, row.done, row.live, row.cls)


def n_completed_by(tx: Tx, project: ProjectId, assignments: Sequence[str]) -> int:
    """Return how many items would have all that they want once these assignments are answered."""
    a, q = t.assignments.c, t.queue.c
    query = (
        select(q.position)
        .join(
            t.assignments,
            (q.project == a.project) & (q.position == a.position) & (q.purpose == a.purpose),
        )
        .where(a.project == project, within(tx, a.id, list(assignments)), q.purpose == Purpose.LABEL.value)
        .where(q.done + 1 >= q.wanted)
    )
    return len(tx.run(query).all())


_WANT = text(
    "UPDATE queue SET wanted = :wanted, ord = CASE WHEN :wanted > done + live THEN :ord ELSE ord END, cls = :cls "
    "WHERE project = :project AND position = :position AND purpose = :purpose"
)


def want(tx: Tx, project: ProjectId, position: int, wanted: int, ord_: int, cls: int) -> None:
    """Let an item want so many answers, behind those that wait already: `ord_` is a fresh, larger place in the order."""
    tx.run(
        _WANT,
        {
            "project": project,
            "position": position,
            "purpose": Purpose.LABEL.value,
            "wanted": wanted,
            "ord": ord_,
            "cls": cls,
        },
    )


def complete(
    tx: Tx, project: ProjectId, round: int, tier: int
) -> tuple[Positions, NDArray[np.int64], NDArray[np.int64]]:
    """Return the items of a round and tier that have what they want and are in nobody's hand: positions, answers, most.

    Items that were flagged out of the queue, or have a settled label already, are left out.
    """
    q, r, h, s = t.queue.c, t.routes.c, k.holds.c, t.settlements.c
    out = select(h.position).where(h.project == project, h.state.in_(("open", "excluded")))
    settled = exists().where(s.project == q.project, s.position == q.position)
    query = (
        select(q.position, q.done, r.wanted)
        .join(t.routes, (r.project == q.project) & (r.position == q.position))
        .where(q.project == project, q.purpose == Purpose.LABEL.value, q.done >= q.wanted, q.live == 0)
        .where(r.round == round, r.tier == tier, q.position.not_in(out), ~settled)
        .order_by(q.position)
    )
    position, done, most = arrays(tx, query, np.int64, np.int64, np.int64)
    return position, done, most


def workload(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Workload | None:
    """Return what somebody did today and in this sitting."""
    return _workload(tx.first(_WORKLOAD, {"p": project, "a": annotator}))


def workload_held(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Workload | None:
    """Return the same, held until the commit: two tabs of one person take turns."""
    return _workload(tx.first(_WORKLOAD.with_for_update(), {"p": project, "a": annotator}))


_WORKLOAD = select(k.workloads).where(
    k.workloads.c.project == bindparam("p"), k.workloads.c.annotator == bindparam("a")
)


def _workload(row: Row[Any] | None) -> Workload | None:
    return None if row is None else Workload(row.day, row.n, row.seconds, moment(row.since), moment(row.last))


def save_workload(tx: Tx, project: ProjectId, annotator: AnnotatorId, done: Workload) -> None:
    """Keep what somebody did in the place of what stood before."""
    make = sqlite.insert if tx.dialect == "sqlite" else postgresql.insert
    values = {
        "day": done.day,
        "n": done.n,
        "seconds": done.seconds,
        "since": micros(done.since),
        "last": micros(done.last),
    }
    kept = make(k.workloads).values(project=project, annotator=annotator, **values)
    tx.run(kept.on_conflict_do_update(index_elements=["project", "annotator"], set_=values))


def recent_seconds(
    tx: Tx, project: ProjectId, annotator: AnnotatorId, question: str, since: datetime, limit: int = 60
) -> tuple[float, ...]:
    """Return how long somebody's last answers since a moment took, oldest first."""
    a = t.annotations.c
    query = (
        select(a.seconds, a.at)
        .where(a.project == project, a.annotator == annotator, a.question == question)
        .order_by(a.entry_seq.desc())
        .limit(limit)
    )
    found = [row.seconds for row in tx.run(query) if row.at >= micros(since)]
    return tuple(reversed(found))


def worked(tx: Tx, project: ProjectId, question: str) -> list[tuple[AnnotatorId, datetime, float]]:
    """Return who answered when and for how long, in the order it was: what workloads are rebuilt from."""
    a = t.annotations.c
    query = select(a.annotator, a.at, a.seconds).where(a.project == project, a.question == question)
    return [(AnnotatorId(row.annotator), moment(row.at), row.seconds) for row in tx.run(query.order_by(a.entry_seq))]


def _bytes(matrix: Matrix | None) -> bytes | None:
    return None if matrix is None else np.ascontiguousarray(matrix, "<f8").tobytes()


def _matrix(blob: bytes | None, n_labels: int) -> Matrix | None:
    return None if blob is None else np.frombuffer(blob, "<f8").reshape(n_labels, n_labels)
