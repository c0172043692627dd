"""Findings: what was found, by kind, and what was sent to be labeled again since.

In: plain text bodies. Out: rows, the newest of each kind. Never: the meaning of a body (the runner knows it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from goldseam.edge.store.finding_tables import findings as t
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What was found of one kind, in one round; `seq` tells what came later."""

    seq: int
    kind: str
    round: int
    body: str
    at: datetime


def keep(tx: Tx, project: ProjectId, kind: str, number: int, body: str, now: datetime, act: str | None = None) -> None:
    """Keep what was found; under an act that was kept before nothing is added."""
    if act is not None and tx.first(select(t.c.seq).where(t.c.act == act)) is not None:
        return
    row = {"project": project, "kind": kind, "round": number, "body": body, "at": micros(now), "act": act}
    tx.run(insert(t).values(**row))


def newest(tx: Tx, project: ProjectId, kind: str) -> FindingRow | None:
    """Return the newest of a kind, if there is one."""
    found = since(tx, project, kind, 0, 1)
    return found[0] if found else None


def since(tx: Tx, project: ProjectId, kind: str, seq: int, limit: int) -> tuple[FindingRow, ...]:
    """Return the rows of a kind after this one, newest first."""
    query = select(t).where(t.c.project == project, t.c.kind == kind, t.c.seq > seq).order_by(t.c.seq.desc())
    return tuple(FindingRow(r.seq, r.kind, r.round, r.body, moment(r.at)) for r in tx.run(query.limit(limit)))
