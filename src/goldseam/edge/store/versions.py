"""Versions: the versions of a project's schema, guideline and settings as lists, newest first.

In: what is asked for, and from which number on. Out: numbers with their times. Never: the body of more than one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from goldseam.edge.store.projects import Versioned, table_of
from goldseam.edge.store.tx import Tx, moment
from goldseam.vocab.items import ProjectId


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in a list."""

    number: int
    at: datetime


def listing(tx: Tx, project: ProjectId, what: Versioned, before: int | None, limit: int) -> tuple[VersionLine, ...]:
    """Return versions, newest first; those before a number, if one is given."""
    table = table_of(what)
    query = select(table.c.version, table.c.at).where(table.c.project == project).order_by(table.c.version.desc())
    if before is not None:
        query = query.where(table.c.version < before)
    return tuple(VersionLine(row.version, moment(row.at)) for row in tx.run(query.limit(limit)))
