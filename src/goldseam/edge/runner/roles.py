"""Roles: who is in a project, and who may give or take which role.

In: a permit, ids, logins. Out: members; a password that is shown once. Never: a role given by whoever does not hold all of it, a
role changed of somebody who stands as high, or a project left without an owner.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.edge import keys
from goldseam.edge.runner import limits, repeats
from goldseam.edge.runner.granting import end_tokens, give_role
from goldseam.edge.runner.log import STORE_LOG, record
from goldseam.edge.runner.people import Permit, Principal, checked_login
from goldseam.edge.runner.world import World
from goldseam.edge.store import access as rows
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.access import Done, Member
from goldseam.edge.store.tx import Tx
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.errors import Conflict, NotAllowed, NotFound
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import ALLOWED, Act, AnnotatorId, AnnotatorKind, Role

__all__ = ["Added", "Member", "acts_now", "add", "change", "check_givable", "givable", "members"]


@dataclass(frozen=True, slots=True)
class Added:
    """A member, and the password that was made up for them; None if they had an account, or it is too late to show it."""

    member: Member
    password: str | None


def givable(acts: frozenset[Act], role: Role) -> bool:
    """Return whether who manages, and may do these acts, may give this role: less than they hold; who governs, as much."""
    if Act.MANAGE not in acts:
        return False
    return ALLOWED[role] <= acts if Act.GOVERN in acts else ALLOWED[role] < acts


def acts_now(tx: Tx, project: ProjectId, principal: Principal) -> frozenset[Act]:
    """Return what somebody may do in the project at this moment of the transaction."""
    role = people_rows.role(tx, project, principal.annotator)
    acts = frozenset[Act]() if role is None else ALLOWED[role]
    return acts if principal.acts is None else acts & principal.acts


def check_givable(tx: Tx, permit: Permit, role: Role) -> None:
    """Refuse, with `NotAllowed`, to give or take a role that the caller does not hold or stand above."""
    if not givable(acts_now(tx, permit.project.id, permit.principal), role):
        raise NotAllowed(f"The role {role.value!r} is not yours to give or take in this project.", role=role.value)


def members(world: World, permit: Permit, after: str, limit: int) -> tuple[Member, ...]:
    """Return the members after this id."""
    return world.store.read(lambda tx: rows.members(tx, permit.project.id, after, limit))


def add(world: World, permit: Permit, act: str, login: str, role: Role, name: str = "") -> Added:
    """Add a person to the project, with an account if the login has none yet.

    Raises
    ------
    NotAllowed
        If the role is not the caller's to give.
    Conflict
        If the person is in the project already, in another role.
    """
    login = checked_login(login)
    password = keys.new_password()
    with limits.hashing():
        digest = keys.hash_password(password)
    ask = repeats.asked(act, permit.project.id, permit.annotator, "person", login, role.value, name)
    now = world.clock.now()

    def save(tx: Tx) -> Added:
        done = repeats.before(tx, ask)
        if done is not None:
            shown = _shown_again(tx, ask, done, digest, password) if repeats.fresh(done, now) else None
            return Added(_member(tx, ask.project, AnnotatorId(done.about)), shown)
        check_givable(tx, permit, role)
        account = people_rows.account(tx, login)
        if account is None:
            who = people_rows.add_annotator(tx, name or login, AnnotatorKind.PERSON, now).id
            people_rows.add_account(tx, who, login, digest)
            record(tx, STORE_LOG, EntryKind.ACCOUNT_MADE, now, actor=ask.actor, about=who)
        else:
            who = account.annotator.id
        held = people_rows.role(tx, ask.project, who)
        if held is not None and held is not role:
            raise Conflict(f"This person is {held.value} here already; change that role instead.", role=held.value)
        if held is None:
            give_role(tx, ask.project, who, role, now)
            body = {"role": role.value}
            record(tx, ask.project, EntryKind.ROLE_GRANTED, now, actor=ask.actor, about=who, body=body)
        repeats.note(tx, ask, who, now, digest if account is None else None)
        return Added(_member(tx, ask.project, who), password if account is None else None)

    return world.store.write(save)


def _shown_again(tx: Tx, ask: repeats.Asked, done: Done, digest: str, password: str) -> str | None:
    """Return another first password, unless the person has chosen one already."""
    account = people_rows.account_of(tx, AnnotatorId(done.about))
    if account is None or account.password_hash != done.made:
        return None
    people_rows.set_password(tx, account.annotator.id, digest)
    rows.note_secret(tx, ask.id, digest)
    return password


def change(world: World, permit: Permit, act: str, annotator: str, role: Role | None) -> None:
    """Give a member another role, or none; then their tokens for this project end too.

    Raises
    ------
    NotFound
        If nobody in the project has this id.
    NotAllowed
        If the role they have, or the one they are to have, is not the caller's to give.
    Conflict
        If the project would be left without an owner.
    """
    who = AnnotatorId(annotator)
    ask = repeats.asked(act, permit.project.id, permit.annotator, "role", who, role.value if role else "none")
    now = world.clock.now()

    def save(tx: Tx) -> None:
        if repeats.before(tx, ask) is not None:
            return
        rows.owners(tx, ask.project)  # no owner changes from here on, the caller neither
        held = _member(tx, ask.project, who).role
        for each in {held, role} - {None}:
            assert each is not None  # noqa: S101 - taken out one line above
            check_givable(tx, permit, each)
        give_role(tx, ask.project, who, role, now)
        body = {"role": role.value if role else "none"}
        record(tx, ask.project, EntryKind.ROLE_GRANTED, now, actor=ask.actor, about=who, body=body)
        if role is None:
            end_tokens(tx, ask.project, who, ask.actor, now)
        repeats.note(tx, ask, who, now)

    world.store.write(save)


def _member(tx: Tx, project: ProjectId, who: AnnotatorId) -> Member:
    found = rows.member(tx, project, who)
    if found is None:
        raise NotFound("There is nobody of this id in the project.", annotator=who)
    return found
