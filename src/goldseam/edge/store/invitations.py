"""Invitations: one-time links by which a newcomer joins a project.

In: hashes of the links' secrets. Out: what each link promises, and what became of it. Never: the secret, or whom it was sent to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from goldseam.edge.store.access_tables import invitations as t
from goldseam.edge.store.tx import Tx, maybe_moment, micros, moment
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """One link: for which role, by whom, until when, and what became of it."""

    id: str
    project: ProjectId
    role: Role
    request: str
    made_by: AnnotatorId
    at: datetime
    expires_at: datetime
    used_by: AnnotatorId | None
    used_at: datetime | None
    revoked_at: datetime | None

    def open_at(self, now: datetime) -> bool:
        """Return whether it may still be used."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


def add(tx: Tx, made: Invitation, digest: str) -> None:
    """Keep a new invitation under the hash of its secret."""
    tx.run(
        insert(t).values(
            id=made.id,
            project=made.project,
            hash=digest,
            role=made.role.value,
            request=made.request,
            made_by=made.made_by,
            at=micros(made.at),
            expires_at=micros(made.expires_at),
        )
    )


def get(tx: Tx, invitation: str) -> Invitation | None:
    """Return the invitation of this id."""
    row = tx.first(select(t).where(t.c.id == invitation))
    return None if row is None else _invitation(row)


def of_secret(tx: Tx, digest: str) -> Invitation | None:
    """Return the invitation whose secret has this hash; whoever takes it up waits until others have done so."""
    row = tx.first(select(t).where(t.c.hash == digest).with_for_update())
    return None if row is None else _invitation(row)


def see(tx: Tx, digest: str) -> Invitation | None:
    """Return the invitation whose secret has this hash, to look at only."""
    row = tx.first(select(t).where(t.c.hash == digest))
    return None if row is None else _invitation(row)


def of_project(tx: Tx, project: ProjectId, after: str, limit: int) -> tuple[Invitation, ...]:
    """Return a project's invitations after this id, the oldest first."""
    rows = tx.run(select(t).where(t.c.project == project, t.c.id > after).order_by(t.c.id).limit(limit))
    return tuple(_invitation(row) for row in rows)


def change_secret(tx: Tx, invitation: str, digest: str) -> None:
    """Let another secret open it, instead of the one before."""
    tx.run(update(t).where(t.c.id == invitation).values(hash=digest))


def use(tx: Tx, invitation: str, annotator: AnnotatorId, now: datetime) -> None:
    """Note who took it up."""
    tx.run(update(t).where(t.c.id == invitation).values(used_by=annotator, used_at=micros(now)))


def revoke(tx: Tx, invitation: str, now: datetime) -> None:
    """End it unused."""
    tx.run(update(t).where(t.c.id == invitation).values(revoked_at=micros(now)))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=row.id,
        project=ProjectId(row.project),
        role=Role(row.role),
        request=row.request,
        made_by=AnnotatorId(row.made_by),
        at=moment(row.at),
        expires_at=moment(row.expires_at),
        used_by=None if row.used_by is None else AnnotatorId(row.used_by),
        used_at=maybe_moment(row.used_at),
        revoked_at=maybe_moment(row.revoked_at),
    )
