"""Invitations: a one-time link by which a newcomer joins a project and chooses login and password.

In: a role, days; the link's secret. Out: the secret once; a session for whoever took it up. Never: a link that gives more than
whoever made it could give at the moment it is used, or one that works twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from goldseam.edge import keys
from goldseam.edge.runner import limits, people, repeats
from goldseam.edge.runner.log import STORE_LOG, record
from goldseam.edge.runner.passwords import check_session, hashed
from goldseam.edge.runner.people import Permit, Principal, Session, checked_login
from goldseam.edge.runner.roles import acts_now, check_givable, givable
from goldseam.edge.runner.world import World
from goldseam.edge.store import invitations as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store import projects as project_rows
from goldseam.edge.store.invitations import Invitation
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import Conflict, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import Annotator, AnnotatorId, AnnotatorKind, Role

__all__ = ["Invitation", "Made", "Promise", "accept", "join", "look", "make", "of_project", "revoke"]

GONE = "This invitation was used, was revoked, or is too old; ask for another."


@dataclass(frozen=True, slots=True)
class Made:
    """An invitation, and its secret; None if it was made before and it is too late to show another."""

    invitation: Invitation
    secret: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody who holds a link may see before taking it up."""

    project: ProjectId
    name: str
    role: Role
    expires_at: datetime


def make(world: World, permit: Permit, act: str, role: Role, days: int) -> Made:
    """Make a link that gives this role once, within so many days.

    Raises
    ------
    NotAllowed
        If the role is not the caller's to give.
    Conflict
        If the id was used for something else.
    """
    secret = keys.new_token()
    digest = keys.token_hash(secret)
    ask = repeats.asked(act, permit.project.id, permit.annotator, "invitation", role.value, days)
    now = world.clock.now()

    def save(tx: Tx) -> Made:
        done = repeats.before(tx, ask)
        if done is not None:
            return _again(tx, ask.id, Made(_of(tx, ask.project, ask.id), secret), digest, now)
        check_givable(tx, permit, role)
        until = now + timedelta(days=days)
        made = Invitation(ask.id, ask.project, role, ask.request, permit.annotator, now, until, None, None, None)
        rows.add(tx, made, digest)
        body = {"role": role.value}
        record(tx, ask.project, EntryKind.INVITATION_MADE, now, actor=ask.actor, about=ask.id, body=body)
        repeats.note(tx, ask, ask.id, now)
        return Made(made, secret)

    return world.store.write(save)


def _again(tx: Tx, act: str, made: Made, digest: str, now: datetime) -> Made:
    if not made.invitation.open_at(now) or now >= made.invitation.at + repeats.AGAIN:
        return Made(made.invitation, None)
    rows.change_secret(tx, act, digest)
    return made


def of_project(world: World, permit: Permit, after: str, limit: int) -> tuple[Invitation, ...]:
    """Return a project's invitations after this id."""
    return world.store.read(lambda tx: rows.of_project(tx, permit.project.id, after, limit))


def revoke(world: World, permit: Permit, invitation: str) -> None:
    """End an invitation; one that was revoked stays so.

    Raises
    ------
    NotFound
        If the project has none of this id.
    NotAllowed
        If its role is not the caller's to give.
    Conflict
        If it was taken up already.
    """
    now = world.clock.now()

    def save(tx: Tx) -> None:
        found = _of(tx, permit.project.id, invitation)
        check_givable(tx, permit, found.role)
        if found.used_at is not None:
            raise Conflict("This invitation was taken up; take that person's role away instead.")
        if found.revoked_at is None:
            rows.revoke(tx, invitation, now)
            record(tx, found.project, EntryKind.INVITATION_REVOKED, now, actor=permit.annotator, about=invitation)

    world.store.write(save)


def look(world: World, secret: str, address: str = "") -> Promise:
    """Return what a link promises; raises `NotFound` if it is not open, `TooManyTries` after many wrong ones."""
    attempt = limits.begin(world, "", address)
    now = world.clock.now()

    def load(tx: Tx) -> Promise:
        found = rows.see(tx, keys.token_hash(secret))
        if found is None or not _holds(tx, found, now):
            raise NotFound(GONE)
        return Promise(found.project, project_rows.get(tx, found.project).name, found.role, found.expires_at)

    promise = world.store.read(load)
    limits.went_well(world, attempt)
    return promise


def accept(world: World, secret: str, login: str, password: str, name: str = "", address: str = "") -> Session:
    """Make an account for a newcomer, give them the role, and sign them in; a repeat signs them in again.

    Raises
    ------
    NotFound
        If the link is not open.
    Conflict
        If the login is taken.
    BadValue
        If login or password may not be chosen.
    """
    login = checked_login(login)
    attempt = limits.begin(world, "", address)
    again = _taken_up_by(world, secret, login, password)
    if again is None:
        look(world, secret)  # before the work of hashing, which a stranger shall not cause
        digest = hashed(password, login)
        now = world.clock.now()
        again = world.store.write(lambda tx: _accept(tx, keys.token_hash(secret), login, digest, name, now))
    limits.went_well(world, attempt)
    return people.new_session(world, again, login)


def _accept(tx: Tx, secret_hash: str, login: str, digest: str, name: str, now: datetime) -> Annotator:
    found = _open(tx, secret_hash, now)
    if people_rows.account(tx, login) is not None:
        raise Conflict("This login is taken; choose another, or sign in and take the invitation up then.", path="login")
    made = people_rows.add_annotator(tx, name or login, AnnotatorKind.PERSON, now)
    people_rows.add_account(tx, made.id, login, digest)
    record(tx, STORE_LOG, EntryKind.ACCOUNT_MADE, now, actor=made.id, about=made.id)
    give(tx, found, made.id, now)
    return made


def _taken_up_by(world: World, secret: str, login: str, password: str) -> Annotator | None:
    """Return who took this link up with this login and password: their reply was lost, and they ask again."""

    def load(tx: Tx) -> people_rows.Account | None:
        found = rows.see(tx, keys.token_hash(secret))
        account = None if found is None or found.used_by is None else people_rows.account_of(tx, found.used_by)
        return None if account is None or account.login != login or account.disabled else account

    account = world.store.read(load)
    if account is None:
        return None
    with limits.hashing():
        right = keys.password_matches(account.password_hash, password)
    return account.annotator if right else None


def join(world: World, principal: Principal, secret: str, address: str = "") -> ProjectId:
    """Let somebody who has an account take a link up, and return the project; a repeat changes nothing.

    Raises
    ------
    NotFound
        If the link is not open.
    Conflict
        If the caller has a role in the project already.
    """
    check_session(principal)
    attempt = limits.begin(world, "", address)
    now = world.clock.now()

    def save(tx: Tx) -> ProjectId:
        digest = keys.token_hash(secret)
        used = rows.of_secret(tx, digest)
        if used is not None and used.used_by == principal.annotator:
            return used.project
        found = _open(tx, digest, now)
        if people_rows.role(tx, found.project, principal.annotator) is not None:
            raise Conflict("You have a role in this project already.")
        give(tx, found, principal.annotator, now)
        return found.project

    project = world.store.write(save)
    limits.went_well(world, attempt)
    return project


def _open(tx: Tx, digest: str, now: datetime) -> Invitation:
    found = rows.of_secret(tx, digest)
    if found is None or not _holds(tx, found, now):
        raise NotFound(GONE)
    return found


def _holds(tx: Tx, found: Invitation, now: datetime) -> bool:
    """Return whether it is open, and whoever made it could still give its role."""
    maker = Principal(found.made_by, "")
    return found.open_at(now) and givable(acts_now(tx, found.project, maker), found.role)


def give(tx: Tx, found: Invitation, who: AnnotatorId, now: datetime) -> None:
    """Give the role that an open invitation promises, and use it up."""
    rows.use(tx, found.id, who, now)
    people_rows.set_role(tx, found.project, who, found.role, now)
    record(tx, found.project, EntryKind.INVITATION_ACCEPTED, now, actor=who, about=found.id)
    body = {"role": found.role.value, "invitation": found.id}
    record(tx, found.project, EntryKind.ROLE_GRANTED, now, actor=found.made_by, about=who, body=body)


def _of(tx: Tx, project: ProjectId, invitation: str) -> Invitation:
    found = rows.get(tx, invitation)
    if found is None or found.project != project:
        raise NotFound("There is no such invitation.", invitation=invitation)
    return found
