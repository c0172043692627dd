"""Tokens: keys for programs, made by the person they act for.

In: who asks, a name, acts, days. Out: the token once, and its facts afterwards. Never: a token that may do more than its maker, a
token made by a token, or the secret of one that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from goldseam.edge import keys
from goldseam.edge.runner import repeats
from goldseam.edge.runner.log import record
from goldseam.edge.runner.passwords import check_session
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.world import World
from goldseam.edge.store import access as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.people import Token
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import NotAllowed, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import ALLOWED, Act

__all__ = ["Made", "Token", "make", "of_project", "own", "revoke", "revoke_own"]

NO_PROJECT = "There is no such project, or you have no role in it."
NO_TOKEN = "There is no such token."  # noqa: S105 (a sentence)


@dataclass(frozen=True, slots=True)
class Made:
    """A token, and its secret; None if it was made before and it is too late to show another."""

    token: Token
    secret: str | None


def make(
    world: World, principal: Principal, project: str, act: str, name: str, acts: frozenset[Act] | None, days: int
) -> Made:
    """Make a token of the caller's for a project, for these acts, or for all that their role includes.

    Raises
    ------
    NotFound
        If there is no such project or the caller has no role in it.
    NotAllowed
        If the role does not include an act, or the caller is a token.
    """
    check_session(principal)
    secret = keys.new_token()
    digest = keys.token_hash(secret)
    wanted = None if acts is None else sorted(each.value for each in acts)
    ask = repeats.asked(act, ProjectId(project), principal.annotator, "token", name, wanted, days)
    now = world.clock.now()

    def save(tx: Tx) -> Made:
        role = people_rows.role(tx, ask.project, principal.annotator)
        if role is None:
            raise NotFound(NO_PROJECT, project=project)
        done = repeats.before(tx, ask)
        if done is not None:
            return _again(tx, ask, done, Made(_token(tx, done.about), secret), fresh=repeats.fresh(done, now))
        granted = ALLOWED[role] if acts is None else acts
        if not granted <= ALLOWED[role]:
            beyond = ", ".join(sorted(granted - ALLOWED[role]))
            raise NotAllowed(f"Your role {role.value!r} does not include: {beyond}.", acts=beyond)
        until = now + timedelta(days=days)
        made = people_rows.add_token(tx, digest, principal.annotator, name, ask.project, granted, now, until)
        body = {"token": made, "acts": sorted(each.value for each in granted)}
        who = principal.annotator
        record(tx, ask.project, EntryKind.TOKEN_MADE, now, actor=who, about=who, body=body)
        repeats.note(tx, ask, made, now, digest)
        return Made(_token(tx, made), secret)

    return world.store.write(save)


def _again(tx: Tx, ask: repeats.Asked, done: rows.Done, made: Made, *, fresh: bool) -> Made:
    assert made.secret is not None  # noqa: S101 - given by the one caller
    if not fresh or made.token.revoked_at is not None:
        return Made(made.token, None)
    digest = keys.token_hash(made.secret)
    rows.change_token_secret(tx, done.about, digest)
    rows.note_secret(tx, ask.id, digest)
    return made


def own(world: World, principal: Principal) -> tuple[Token, ...]:
    """Return the caller's tokens; to a token, those of its own project only."""
    found = world.store.read(lambda tx: people_rows.tokens(tx, principal.annotator))
    return tuple(each for each in found if principal.project in {None, each.project})


def of_project(world: World, permit: Permit, after: str, limit: int) -> tuple[Token, ...]:
    """Return everybody's tokens for a project, after this id."""
    return world.store.read(lambda tx: rows.tokens_of_project(tx, permit.project.id, after, limit))


def revoke_own(world: World, principal: Principal, token: str) -> None:
    """End a token of the caller's; one that has ended stays as it is.

    Raises
    ------
    NotFound
        If there is none of this id, or it is somebody else's: the same answer for both.
    """
    check_session(principal)

    def save(tx: Tx) -> None:
        found = rows.token(tx, token)
        if found is None or found.annotator.id != principal.annotator:
            raise NotFound(NO_TOKEN, token=token)
        _revoke(tx, world, found, principal.annotator)

    world.store.write(save)


def revoke(world: World, permit: Permit, token: str) -> None:
    """End anybody's token for the project; raises `NotFound`, also for a token of another project."""

    def save(tx: Tx) -> None:
        found = rows.token(tx, token)
        if found is None or found.project != permit.project.id:
            raise NotFound(NO_TOKEN, token=token)
        _revoke(tx, world, found, permit.annotator)

    world.store.write(save)


def _revoke(tx: Tx, world: World, token: Token, actor: str) -> None:
    if token.revoked_at is not None:
        return
    now = world.clock.now()
    people_rows.revoke_token(tx, token.id, now)
    record(tx, token.project or "store", EntryKind.TOKEN_REVOKED, now, actor=actor, about=token.id)


def _token(tx: Tx, token: str) -> Token:
    found = rows.token(tx, token)
    if found is None:
        raise NotFound(NO_TOKEN, token=token)
    return found
