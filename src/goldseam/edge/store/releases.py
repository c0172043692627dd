"""Releases: which were published, under which manifest, in which folder.

In: a manifest's hash and plain facts about the release. Out: the same. Never: the files, or a number used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from goldseam.edge.store import projects
from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.errors import Conflict, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One published release; `body` holds further facts (round, gate, counts) as canonical JSON."""

    number: int
    manifest_hash: str
    folder: str
    size: int
    at: datetime
    by: AnnotatorId
    body: str


def next_number(tx: Tx, project: ProjectId) -> int:
    """Return the number that the next release will have; until the commit nobody else gets it."""
    projects.locked(tx, project)
    query = select(func.coalesce(func.max(t.releases.c.number), 0)).where(t.releases.c.project == project)
    return int(tx.run(query).scalar_one()) + 1


def save(tx: Tx, project: ProjectId, release: ReleaseRow) -> None:
    """Keep a release.

    Raises
    ------
    Conflict
        If its number was used before.
    """
    r = t.releases.c
    if tx.first(select(r.number).where(r.project == project, r.number == release.number)):
        raise Conflict(f"Release {release.number} exists already.", number=release.number)
    tx.run(
        insert(t.releases).values(
            project=project,
            number=release.number,
            manifest_hash=release.manifest_hash,
            folder=release.folder,
            size=release.size,
            at=micros(release.at),
            by=release.by,
            body=release.body,
        )
    )


def get(tx: Tx, project: ProjectId, number: int) -> ReleaseRow:
    """Return a release.

    Raises
    ------
    NotFound
        If there is none of this number.
    """
    r = t.releases.c
    row = tx.first(select(t.releases).where(r.project == project, r.number == number))
    if row is None:
        raise NotFound(f"There is no release {number}.", number=number)
    return _release(row)


def newest(tx: Tx, project: ProjectId) -> ReleaseRow | None:
    """Return the newest release, if there is one."""
    r = t.releases.c
    row = tx.first(select(t.releases).where(r.project == project).order_by(r.number.desc()).limit(1))
    return None if row is None else _release(row)


def listing(tx: Tx, project: ProjectId) -> tuple[ReleaseRow, ...]:
    """Return all releases, oldest first."""
    r = t.releases.c
    return tuple(_release(row) for row in tx.run(select(t.releases).where(r.project == project).order_by(r.number)))


def _release(row: Row[Any]) -> ReleaseRow:
    return ReleaseRow(
        row.number, row.manifest_hash, row.folder, row.size, moment(row.at), AnnotatorId(row.by), row.body
    )
