"""Reports: every quality report that was measured, newest last.

In: a report as canonical JSON. Out: the same. Never: a report changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One quality report, in plain form, and when it was measured."""

    round: int
    body: str
    at: datetime


def save(tx: Tx, project: ProjectId, round: int, body: str, now: datetime) -> None:
    """Keep a report."""
    tx.run(insert(t.reports).values(project=project, round=round, body=body, at=micros(now)))


def newest(tx: Tx, project: ProjectId, round: int | None = None) -> ReportRow | None:
    """Return the newest report (of a round), if there is one."""
    r = t.reports.c
    query = select(t.reports).where(r.project == project).order_by(r.seq.desc()).limit(1)
    row = tx.first(query if round is None else query.where(r.round == round))
    return None if row is None else ReportRow(row.round, row.body, moment(row.at))


def listing(tx: Tx, project: ProjectId) -> tuple[ReportRow, ...]:
    """Return all reports, oldest first."""
    rows = tx.run(select(t.reports).where(t.reports.c.project == project).order_by(t.reports.c.seq))
    return tuple(ReportRow(row.round, row.body, moment(row.at)) for row in rows)
