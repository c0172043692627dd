"""People: annotators, accounts, roles, tokens, sessions, sign-in codes, and failed tries.

In: hashes of secrets, made by `edge.keys`. Out: who they belong to. Never: a password or a token as somebody types it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Tx, insert_columns, maybe_moment, micros, moment, new_id
from goldseam.vocab.errors import Conflict, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import Act, Annotator, AnnotatorId, AnnotatorKind, Role


@dataclass(frozen=True, slots=True)
class Account:
    """How one person signs in."""

    annotator: Annotator
    login: str
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A key for programs: acts as one annotator, for some acts, perhaps in one project only."""

    id: str
    annotator: Annotator
    name: str
    project: ProjectId | None
    acts: frozenset[Act]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def add_annotator(
    tx: Tx, name: str, kind: AnnotatorKind, now: datetime, annotator_id: AnnotatorId | None = None
) -> Annotator:
    """Add an annotator; an id that exists already returns the annotator as it stands."""
    made = annotator_id or AnnotatorId(new_id(now))
    row = tx.first(_ANNOTATOR, {"annotator": made})
    if row is not None:
        return _annotator(row)
    tx.run(insert(t.annotators).values(id=made, name=name, kind=kind.value, at=micros(now)))
    return Annotator(made, name, kind)


def add_annotators(
    tx: Tx, ids: Sequence[AnnotatorId], names: Sequence[str], kind: AnnotatorKind, now: datetime
) -> None:
    """Add many annotators at once; those that exist stay as they are."""
    columns = {"id": list(ids), "name": list(names), "kind": kind.value, "at": micros(now)}
    insert_columns(tx, t.annotators, columns, then="ON CONFLICT (id) DO NOTHING")


_ANNOTATOR = select(t.annotators.c.id, t.annotators.c.name, t.annotators.c.kind).where(
    t.annotators.c.id == bindparam("annotator")
)


def annotator(tx: Tx, annotator_id: AnnotatorId) -> Annotator:
    """Return the annotator.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    row = tx.first(_ANNOTATOR, {"annotator": annotator_id})
    if row is None:
        raise NotFound("There is no such annotator.", annotator=annotator_id)
    return _annotator(row)


def members(tx: Tx, project: ProjectId) -> tuple[tuple[Annotator, Role], ...]:
    """Return everybody with a role in the project, by name."""
    rows = tx.run(
        select(t.annotators.c.id, t.annotators.c.name, t.annotators.c.kind, t.roles.c.role)
        .join(t.roles, t.roles.c.annotator == t.annotators.c.id)
        .where(t.roles.c.project == project)
        .order_by(t.annotators.c.name, t.annotators.c.id)
    )
    return tuple((_annotator(row), Role(row.role)) for row in rows)


# --- accounts ---


def add_account(tx: Tx, annotator_id: AnnotatorId, login: str, password_hash: str) -> None:
    """Let the annotator sign in.

    Raises
    ------
    Conflict
        If the login is taken, or the annotator has an account.
    """
    taken = select(t.accounts.c.login).where((t.accounts.c.login == login) | (t.accounts.c.annotator == annotator_id))
    if tx.first(taken):
        raise Conflict(f"The login {login!r} is taken, or its person has an account already.", login=login)
    tx.run(insert(t.accounts).values(annotator=annotator_id, login=login, password_hash=password_hash, disabled=0))


def account(tx: Tx, login: str) -> Account | None:
    """Return the account of a login, if there is one."""
    row = tx.first(_ACCOUNT.where(t.accounts.c.login == login))
    return None if row is None else _account(row)


def account_of(tx: Tx, annotator_id: AnnotatorId) -> Account | None:
    """Return the account of an annotator, if there is one."""
    row = tx.first(_ACCOUNT.where(t.accounts.c.annotator == annotator_id))
    return None if row is None else _account(row)


_ACCOUNT = select(
    t.annotators.c.id,
    t.annotators.c.name,
    t.annotators.c.kind,
    t.accounts.c.login,
    t.accounts.c.password_hash,
    t.accounts.c.disabled,
).join(t.annotators, t.annotators.c.id == t.accounts.c.annotator)


def n_accounts(tx: Tx) -> int:
    """Return how many accounts there are."""
    return int(tx.run(select(func.count()).select_from(t.accounts)).scalar_one())


def set_password(tx: Tx, annotator_id: AnnotatorId, password_hash: str) -> None:
    """Change a password; every session of the account ends."""
    tx.run(update(t.accounts).where(t.accounts.c.annotator == annotator_id).values(password_hash=password_hash))
    tx.run(delete(t.sessions).where(t.sessions.c.annotator == annotator_id))


def disable_account(tx: Tx, annotator_id: AnnotatorId) -> None:
    """Close an account; every session of it ends."""
    tx.run(update(t.accounts).where(t.accounts.c.annotator == annotator_id).values(disabled=1))
    tx.run(delete(t.sessions).where(t.sessions.c.annotator == annotator_id))


def enable_account(tx: Tx, annotator_id: AnnotatorId) -> None:
    """Open an account again."""
    tx.run(update(t.accounts).where(t.accounts.c.annotator == annotator_id).values(disabled=0))


# --- roles ---


def set_role(tx: Tx, project: ProjectId, annotator_id: AnnotatorId, role: Role | None, now: datetime) -> None:
    """Give the annotator this role in the project, instead of any other; None takes it away."""
    mine = (t.roles.c.project == project) & (t.roles.c.annotator == annotator_id)
    tx.run(delete(t.roles).where(mine))
    if role is not None:
        tx.run(insert(t.roles).values(project=project, annotator=annotator_id, role=role.value, at=micros(now)))


def set_roles(tx: Tx, project: ProjectId, ids: Sequence[AnnotatorId], role: Role, now: datetime) -> None:
    """Give many annotators a role; those who have one keep it."""
    columns = {"project": project, "annotator": list(ids), "role": role.value, "at": micros(now)}
    insert_columns(tx, t.roles, columns, then="ON CONFLICT (project, annotator) DO NOTHING")


_ROLE = select(t.roles.c.role).where(
    t.roles.c.project == bindparam("project"), t.roles.c.annotator == bindparam("annotator")
)


def role(tx: Tx, project: ProjectId, annotator_id: AnnotatorId) -> Role | None:
    """Return the annotator's role in the project, if any."""
    row = tx.first(_ROLE, {"project": project, "annotator": annotator_id})
    return None if row is None else Role(row.role)


# --- tokens ---


def add_token(
    tx: Tx,
    digest: str,
    annotator_id: AnnotatorId,
    name: str,
    project: ProjectId | None,
    acts: frozenset[Act],
    now: datetime,
    expires_at: datetime | None,
) -> str:
    """Keep the hash of a new token and return the token's id."""
    token_id = new_id(now)
    tx.run(
        insert(t.tokens).values(
            id=token_id,
            hash=digest,
            annotator=annotator_id,
            name=name,
            project=project,
            acts=json.dumps(sorted(act.value for act in acts)),
            created_at=micros(now),
            expires_at=None if expires_at is None else micros(expires_at),
        )
    )
    return token_id


_TOKENS = select(
    t.tokens, t.annotators.c.id.label("who"), t.annotators.c.name.label("who_name"), t.annotators.c.kind
).join(t.annotators, t.annotators.c.id == t.tokens.c.annotator)
_TOKEN = (
    _TOKENS.outerjoin(t.accounts, t.accounts.c.annotator == t.tokens.c.annotator)
    .where(t.tokens.c.hash == bindparam("digest"), t.tokens.c.revoked_at.is_(None))
    .where((t.tokens.c.expires_at.is_(None)) | (t.tokens.c.expires_at > bindparam("now")))
    .where((t.accounts.c.disabled.is_(None)) | (t.accounts.c.disabled == 0))
)


def token(tx: Tx, digest: str, now: datetime) -> Token | None:
    """Return the token of this hash if it is valid now and its account is not disabled."""
    row = tx.first(_TOKEN, {"digest": digest, "now": micros(now)})
    return None if row is None else _token(row)


def tokens(tx: Tx, annotator_id: AnnotatorId | None = None) -> tuple[Token, ...]:
    """Return all tokens, or those of one annotator, oldest first."""
    query = _TOKENS.order_by(t.tokens.c.id)
    rows = tx.run(query if annotator_id is None else query.where(t.tokens.c.annotator == annotator_id))
    return tuple(_token(row) for row in rows)


def revoke_token(tx: Tx, token_id: str, now: datetime) -> None:
    """End a token.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    done = tx.run(
        update(t.tokens)
        .where(t.tokens.c.id == token_id)
        .values(revoked_at=func.coalesce(t.tokens.c.revoked_at, micros(now)))
    )
    if done.rowcount != 1:
        raise NotFound("There is no such token.", token=token_id)


# --- sessions, sign-in codes, failed tries ---


def add_session(tx: Tx, digest: str, annotator_id: AnnotatorId, now: datetime, expires_at: datetime) -> None:
    """Keep the hash of a new session's secret; sessions that ended are dropped."""
    tx.run(delete(t.sessions).where(t.sessions.c.expires_at <= micros(now)))
    tx.run(
        insert(t.sessions).values(
            hash=digest, annotator=annotator_id, created_at=micros(now), expires_at=micros(expires_at)
        )
    )


_SESSION = (
    select(t.annotators.c.id, t.annotators.c.name, t.annotators.c.kind, t.sessions.c.expires_at)
    .join(t.sessions, t.sessions.c.annotator == t.annotators.c.id)
    .outerjoin(t.accounts, t.accounts.c.annotator == t.annotators.c.id)
    .where(t.sessions.c.hash == bindparam("digest"), t.sessions.c.expires_at > bindparam("now"))
    .where((t.accounts.c.disabled.is_(None)) | (t.accounts.c.disabled == 0))
)


def session(tx: Tx, digest: str, now: datetime) -> tuple[Annotator, datetime] | None:
    """Return whose session this is and when it ends, if it is valid now and the account is not disabled."""
    row = tx.first(_SESSION, {"digest": digest, "now": micros(now)})
    return None if row is None else (_annotator(row), moment(row.expires_at))


def end_session(tx: Tx, digest: str) -> None:
    """End a session; one that is not there is no error."""
    tx.run(delete(t.sessions).where(t.sessions.c.hash == digest))


def add_sign_in_code(tx: Tx, digest: str, annotator_id: AnnotatorId, expires_at: datetime) -> None:
    """Keep the hash of a code that signs in once."""
    tx.run(insert(t.sign_in_codes).values(hash=digest, annotator=annotator_id, expires_at=micros(expires_at)))


def use_sign_in_code(tx: Tx, digest: str, now: datetime) -> Annotator | None:
    """Return whose code this is and use it up; None if it is unknown, used or too old."""
    code = t.sign_in_codes
    row = tx.first(
        update(code)
        .where(code.c.hash == digest, code.c.used_at.is_(None), code.c.expires_at > micros(now))
        .values(used_at=micros(now))
        .returning(code.c.annotator)
    )
    return None if row is None else annotator(tx, AnnotatorId(row.annotator))


def _annotator(row: Row[Any]) -> Annotator:
    return Annotator(AnnotatorId(row.id), row.name, AnnotatorKind(row.kind))


def _account(row: Row[Any]) -> Account:
    return Account(_annotator(row), row.login, row.password_hash, bool(row.disabled))


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        annotator=Annotator(AnnotatorId(row.who), row.who_name, AnnotatorKind(row.kind)),
        name=row.name,
        project=None if row.project is None else ProjectId(row.project),
        acts=frozenset(Act(act) for act in json.loads(row.acts)),
        created_at=moment(row.created_at),
        expires_at=maybe_moment(row.expires_at),
        revoked_at=maybe_moment(row.revoked_at),
    )
