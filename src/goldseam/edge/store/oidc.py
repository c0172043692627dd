"""Single sign-on: sign-ons under way, identities that belong to accounts, roles that groups gave.

In: hashes. Out: what is kept under them. Never: a sign-on that is found twice, or an account with two identities of one issuer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from goldseam.edge.store import tables as t
from goldseam.edge.store.oidc_tables import group_roles, identities, sign_ons
from goldseam.edge.store.tx import Tx, micros, moment
from goldseam.vocab.errors import Conflict
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId, Role


@dataclass(frozen=True, slots=True)
class SignOn:
    """A sign-on under way: which browser began it, where it leads, and for what. All but `path` are hashes or ids."""

    state: str
    browser: str
    path: str
    invitation: str | None
    annotator: AnnotatorId | None
    session: str | None
    at: datetime
    expires_at: datetime


def begin(tx: Tx, made: SignOn) -> None:
    """Keep a new sign-on; those that are too old are dropped."""
    tx.run(delete(sign_ons).where(sign_ons.c.expires_at <= micros(made.at)))
    tx.run(
        insert(sign_ons).values(
            state=made.state,
            browser=made.browser,
            path=made.path,
            invitation=made.invitation,
            annotator=made.annotator,
            session=made.session,
            at=micros(made.at),
            expires_at=micros(made.expires_at),
        )
    )


def take(tx: Tx, state: str, browser: str, now: datetime) -> SignOn | None:
    """Return the sign-on that this browser began under this state, and drop it: nobody comes back from it twice."""
    c = sign_ons.c
    mine = (c.state == state) & (c.browser == browser) & (c.expires_at > micros(now))
    row = tx.first(delete(sign_ons).where(mine).returning(*c))
    if row is None:
        return None
    annotator = None if row.annotator is None else AnnotatorId(row.annotator)
    return SignOn(
        row.state, row.browser, row.path, row.invitation, annotator, row.session, moment(row.at), moment(row.expires_at)
    )


def began(tx: Tx, session: str) -> datetime | None:
    """Return when a session began."""
    row = tx.first(select(t.sessions.c.created_at).where(t.sessions.c.hash == session))
    return None if row is None else moment(row.created_at)


def whose(tx: Tx, identity: str) -> AnnotatorId | None:
    """Return whose this identity is."""
    row = tx.first(select(identities.c.annotator).where(identities.c.hash == identity))
    return None if row is None else AnnotatorId(row.annotator)


def has_identity(tx: Tx, annotator: AnnotatorId, issuer: str) -> bool:
    """Return whether somebody is known to an issuer already."""
    mine = (identities.c.annotator == annotator) & (identities.c.issuer == issuer)
    return tx.first(select(identities.c.hash).where(mine)) is not None


def link(tx: Tx, identity: str, issuer: str, annotator: AnnotatorId, now: datetime) -> None:
    """Keep whose an identity is.

    Raises
    ------
    Conflict
        If it is somebody's, or its person has another one of this issuer.
    """
    if whose(tx, identity) is not None or has_identity(tx, annotator, issuer):
        raise Conflict("This identity belongs to an account already, or this account has another one.")
    tx.run(insert(identities).values(hash=identity, issuer=issuer, annotator=annotator, at=micros(now)))


def unlink(tx: Tx, annotator: AnnotatorId) -> int:
    """Forget every identity of an account, and return how many there were."""
    return int(tx.run(delete(identities).where(identities.c.annotator == annotator)).rowcount)


def group_role(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Role | None:
    """Return the role that groups gave somebody in a project."""
    mine = (group_roles.c.project == project) & (group_roles.c.annotator == annotator)
    row = tx.first(select(group_roles.c.role).where(mine))
    return None if row is None else Role(row.role)


def set_group_role(tx: Tx, project: ProjectId, annotator: AnnotatorId, role: Role | None, now: datetime) -> None:
    """Keep which role groups gave; None if none."""
    mine = (group_roles.c.project == project) & (group_roles.c.annotator == annotator)
    tx.run(delete(group_roles).where(mine))
    if role is not None:
        tx.run(insert(group_roles).values(project=project, annotator=annotator, role=role.value, at=micros(now)))
