"""Access: members page by page, tokens by id, acts that were done under a client's id, and tries that failed.

In: ids and hashes. Out: what is kept under them. Never: a secret, or a count over everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from goldseam.edge.store import tables as t
from goldseam.edge.store.access_tables import access_acts, tries
from goldseam.edge.store.people import Token, tokens
from goldseam.edge.store.tx import Tx, insert_columns, micros, moment, within
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import Annotator, AnnotatorId, AnnotatorKind, Role

KEPT = timedelta(days=1)
"""Tries older than this count no more, by any limit."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role in a project, and how they sign in if they do."""

    annotator: Annotator
    role: Role
    login: str | None
    disabled: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done: what was asked, about whom or what, and the hash of the secret that was shown."""

    project: str
    actor: str
    request: str
    about: str
    made: str | None
    at: datetime


# --- members ---

_MEMBERS = (
    select(
        t.annotators.c.id,
        t.annotators.c.name,
        t.annotators.c.kind,
        t.roles.c.role,
        t.roles.c.at,
        t.accounts.c.login,
        t.accounts.c.disabled,
    )
    .join(t.roles, t.roles.c.annotator == t.annotators.c.id)
    .outerjoin(t.accounts, t.accounts.c.annotator == t.annotators.c.id)
    .where(t.roles.c.project == bindparam("project"))
)
_PAGE = _MEMBERS.where(t.roles.c.annotator > bindparam("after")).order_by(t.roles.c.annotator).limit(bindparam("limit"))
_ONE = _MEMBERS.where(t.roles.c.annotator == bindparam("annotator"))


def members(tx: Tx, project: ProjectId, after: str, limit: int) -> tuple[Member, ...]:
    """Return the members after this id, in the order of their ids."""
    return tuple(_member(row) for row in tx.run(_PAGE, {"project": project, "after": after, "limit": limit}))


def member(tx: Tx, project: ProjectId, annotator: AnnotatorId) -> Member | None:
    """Return one member."""
    row = tx.first(_ONE, {"project": project, "annotator": annotator})
    return None if row is None else _member(row)


def owners(tx: Tx, project: ProjectId) -> tuple[AnnotatorId, ...]:
    """Return a project's owners; nobody's role changes before the transaction ends."""
    mine = (t.roles.c.project == project) & (t.roles.c.role == Role.OWNER.value)
    found = tx.run(select(t.roles.c.annotator).where(mine).order_by(t.roles.c.annotator).with_for_update())
    return tuple(AnnotatorId(name) for name in found.scalars())


# --- tokens ---


def token(tx: Tx, token_id: str) -> Token | None:
    """Return the token of this id."""
    found = tx.first(select(t.tokens.c.annotator).where(t.tokens.c.id == token_id))
    if found is None:
        return None
    return next(each for each in tokens(tx, AnnotatorId(found.annotator)) if each.id == token_id)


def tokens_of_project(tx: Tx, project: ProjectId, after: str, limit: int) -> tuple[Token, ...]:
    """Return a project's tokens after this id, whosever they are."""
    query = select(t.tokens.c.id, t.tokens.c.annotator).where(t.tokens.c.project == project, t.tokens.c.id > after)
    rows = tx.run(query.order_by(t.tokens.c.id).limit(limit)).all()
    wanted = {row.id for row in rows}
    each = (one for who in sorted({row.annotator for row in rows}) for one in tokens(tx, AnnotatorId(who)))
    return tuple(sorted((one for one in each if one.id in wanted), key=lambda one: one.id))


def change_token_secret(tx: Tx, token_id: str, digest: str) -> None:
    """Let another secret stand for a token, instead of the one before."""
    tx.run(update(t.tokens).where(t.tokens.c.id == token_id).values(hash=digest))


# --- acts under a client's id ---


def done(tx: Tx, act: str) -> Done | None:
    """Return the act that was done under this id."""
    row = tx.first(select(access_acts).where(access_acts.c.id == act))
    return None if row is None else Done(row.project, row.actor, row.request, row.about, row.made, moment(row.at))


def note(tx: Tx, act: str, made: Done) -> None:
    """Note an act as done."""
    values = {"project": made.project, "actor": made.actor, "request": made.request, "about": made.about}
    tx.run(insert(access_acts).values(id=act, made=made.made, at=micros(made.at), **values))


def note_secret(tx: Tx, act: str, digest: str) -> None:
    """Note that another secret was shown for an act."""
    tx.run(update(access_acts).where(access_acts.c.id == act).values(made=digest))


# --- tries ---


def failed(tx: Tx, keys: Sequence[str], now: datetime) -> Mapping[str, tuple[int, datetime]]:
    """Return how many tries failed under each key, and when the newest did; others wait until the transaction ends."""
    fresh = {"key": sorted(keys), "n": 0, "at": micros(now)}
    insert_columns(tx, tries, fresh, then="ON CONFLICT (key) DO NOTHING")
    query = select(tries).where(within(tx, tries.c.key, sorted(keys))).order_by(tries.c.key).with_for_update()
    return {row.key: (int(row.n), moment(row.at)) for row in tx.run(query)}


def set_failed(tx: Tx, key: str, n: int, at: datetime) -> None:
    """Keep how many tries count under a key."""
    tx.run(update(tries).where(tries.c.key == key).values(n=n, at=micros(at)))


def take_back(tx: Tx, keys: Sequence[str]) -> None:
    """Count one try less under each key: it did not fail after all."""
    for key in sorted(keys):
        tx.run(update(tries).where(tries.c.key == key, tries.c.n > 0).values(n=tries.c.n - 1))


def drop_old(tx: Tx, now: datetime) -> None:
    """Forget tries that no limit counts any more."""
    tx.run(delete(tries).where(tries.c.at < micros(now - KEPT)))


def _member(row: Row[Any]) -> Member:
    who = Annotator(AnnotatorId(row.id), row.name, AnnotatorKind(row.kind))
    return Member(who, Role(row.role), row.login, bool(row.disabled), moment(row.at))


def one_at_a_time(tx: Tx, act: str) -> None:
    """Let two calls under one id wait for each other; SQLite has one writer anyhow."""
    if tx.dialect == "postgresql":
        tx.run(select(func.pg_advisory_xact_lock(func.hashtext(f"goldseam.access {act}"))))
