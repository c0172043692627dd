"""Skills: who is known to be able to do what in a project, at which level, since when, by whom, and how that was found.

In: people and names of skills. Out: what each holds. Never: whether that suffices for an item (`route.lines`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, text

from goldseam.edge.store.lines_tables import skills
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Held:
    """One skill of one annotator."""

    annotator: AnnotatorId
    skill: str
    level: int
    granted_at: datetime
    by: AnnotatorId
    how: str


_GRANT = text(
    'INSERT INTO skills (project, annotator, skill, level, granted_at, "by", how) '
    "VALUES (:project, :annotator, :skill, :level, :now, :by, :how) "
    "ON CONFLICT (project, annotator, skill) DO UPDATE SET level = excluded.level, granted_at = excluded.granted_at, "
    '"by" = excluded."by", how = excluded.how WHERE skills.level <> excluded.level'
)
_OF = select(skills.c.skill, skills.c.level).where(
    skills.c.project == bindparam("project"), skills.c.annotator == bindparam("annotator")
)


def grant(tx: Tx, project: ProjectId, held: Held) -> bool:
    """Give somebody a skill, or another level of it; return whether anything changed."""
    values = {
        "project": project,
        "annotator": held.annotator,
        "skill": held.skill,
        "level": held.level,
        "now": micros(held.granted_at),
        "by": held.by,
        "how": held.how,
    }
    return tx.run(_GRANT, values).rowcount == 1


def revoke(tx: Tx, project: ProjectId, annotator: AnnotatorId, skill: str) -> bool:
    """Take a skill away; return whether it was held."""
    c = skills.c
    gone = tx.run(delete(skills).where(c.project == project, c.annotator == annotator, c.skill == skill))
    return gone.rowcount == 1


def levels(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> dict[str, int]:
    """Return the skills that somebody holds, with the level of each."""
    return {row.skill: row.level for row in tx.run(_OF, {"project": project, "annotator": annotator})}


def page(
    tx: Tx,
    project: ProjectId,
    *,
    annotator: AnnotatorId | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = 100,
) -> tuple[Held, ...]:
    """Return skills in the order of annotator and skill, from after this pair on; of one person, or of everybody."""
    c = skills.c
    query = select(skills).where(c.project == project)
    if annotator is not None:
        query = query.where(c.annotator == annotator)
    later = (c.annotator > after[0]) | ((c.annotator == after[0]) & (c.skill > after[1]))
    return tuple(_held(row) for row in tx.run(query.where(later).order_by(c.annotator, c.skill).limit(limit)))


def _held(row: Row[Any]) -> Held:
    return Held(AnnotatorId(row.annotator), row.skill, row.level, moment(row.granted_at), AnnotatorId(row.by), row.how)
