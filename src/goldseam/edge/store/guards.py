"""The guard: what was shown to whom, the answers that came of it, figures, and labels whose suggestions are switched off.

In: plain facts. Out: the same. Never: a count over a project in a call of the server; `answered` is for commands and steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, insert, select, text

from goldseam.annotate.guard import Answered, Way
from goldseam.edge.store import tables as t
from goldseam.edge.store.guard_tables import label_switches, pulls, showings
from goldseam.edge.store.tx import Tx, chunks, micros, moment
from goldseam.vocab.annotations import AssignmentId
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Shown:
    """What one assignment shows: the way, what the model suggests, and the label suggested wrongly, as codes."""

    assignment: AssignmentId
    position: int
    way: Way
    suggested: int
    wrong: int | None


@dataclass(frozen=True, slots=True)
class Switch:
    """A label's suggestions, switched off or on again; `label` is a code, `by` whoever did it."""

    id: str
    label: int
    state: str
    reason: str
    by: str
    at: datetime


_NOTE = text(
    "INSERT INTO showings (assignment, project, position, annotator, model, way, suggested, wrong, at) "
    "VALUES (:assignment, :project, :position, :annotator, :model, :way, :suggested, :wrong, :at) "
    "ON CONFLICT (assignment) DO UPDATE SET model = excluded.model, way = excluded.way, suggested = excluded.suggested, "
    "wrong = excluded.wrong, at = excluded.at"
)


def note(tx: Tx, project: ProjectId, annotator: AnnotatorId, model: str, shown: Sequence[Shown], now: datetime) -> None:
    """Keep what assignments show; one that is handed out again shows what it shows then."""
    rows = [
        {
            "assignment": one.assignment,
            "project": project,
            "position": one.position,
            "annotator": annotator,
            "model": model,
            "way": one.way.value,
            "suggested": one.suggested,
            "wrong": one.wrong,
            "at": micros(now),
        }
        for one in shown
    ]
    if rows:
        tx.connection.execute(_NOTE, rows)


def answered(tx: Tx, project: ProjectId, question: str) -> list[tuple[datetime, Answered]]:
    """Return every answer that stands, with what was shown for it and when; the oldest first."""
    s, a, w = showings.c, t.annotations.c, t.withdrawals.c
    query = (
        select(s.at, s.annotator, s.way, s.suggested, s.wrong, a.label)
        .select_from(
            showings.join(t.annotations, and_(a.assignment == s.assignment, a.question == question)).outerjoin(
                t.withdrawals, w.annotation == a.id
            )
        )
        .where(s.project == project, w.annotation.is_(None))
        .order_by(s.at, s.assignment)
    )
    return [
        (moment(at), Answered(AnnotatorId(who), Way(way), suggested, wrong, said))
        for rows in chunks(tx, query)
        for at, who, way, suggested, wrong, said in rows
    ]


def save_pull(tx: Tx, project: ProjectId, body: str, now: datetime) -> None:
    """Keep figures."""
    tx.run(insert(pulls).values(project=project, body=body, at=micros(now)))


def newest_pull(tx: Tx, project: ProjectId) -> tuple[str, datetime] | None:
    """Return the newest figures and when they were measured."""
    p = pulls.c
    row = tx.first(select(p.body, p.at).where(p.project == project).order_by(p.seq.desc()).limit(1))
    return None if row is None else (row.body, moment(row.at))


def switch(tx: Tx, project: ProjectId, made: Switch) -> None:
    """Keep that a label's suggestions were switched off or on."""
    tx.run(
        insert(label_switches).values(
            id=made.id,
            project=project,
            label=made.label,
            state=made.state,
            reason=made.reason,
            by=made.by,
            at=micros(made.at),
        )
    )


def find_switch(tx: Tx, project: ProjectId, switch_id: str) -> Switch | None:
    """Return a switch by its id."""
    s = label_switches.c
    row = tx.first(select(label_switches).where(s.project == project, s.id == switch_id))
    return None if row is None else Switch(row.id, row.label, row.state, row.reason, row.by, moment(row.at))


def switches(tx: Tx, project: ProjectId) -> dict[int, Switch]:
    """Return the newest switch of each label that was ever switched, by its code."""
    s = label_switches.c
    newest = select(func.max(s.seq)).where(s.project == project).group_by(s.label)
    rows = tx.run(select(label_switches).where(s.project == project, s.seq.in_(newest)).order_by(s.label))
    return {row.label: Switch(row.id, row.label, row.state, row.reason, row.by, moment(row.at)) for row in rows}
