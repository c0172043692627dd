"""People: members and their roles, tokens, invitations, one's own password.

In: logins, roles, secrets of links. Out: lists page by page; a secret in the one reply that makes it. Never: a person of another
project, or a password of somebody else's.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from goldseam.edge.runner import invitations, passwords, people, roles, tokens
from goldseam.edge.runner.invitations import Invitation
from goldseam.edge.runner.people import Session
from goldseam.edge.runner.roles import Member
from goldseam.edge.runner.tokens import Token
from goldseam.edge.runner.world import World
from goldseam.edge.server import security
from goldseam.edge.server import wire_people as wire
from goldseam.edge.server.routes.session import me_of
from goldseam.edge.server.security import Caller, MayGovern, MayManage, TheWorld, address_of
from goldseam.edge.server.wire import Done, SignedIn

router = APIRouter(tags=["people"])

Id = Annotated[str, Path(max_length=100)]
After = Annotated[str, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=200)]


# ---- members ---------------------------------------------------------------------------------------------------------
@router.get("/api/projects/{project}/people")
def people_page(world: TheWorld, permit: MayManage, after: After = "", limit: Limit = 100) -> wire.PeoplePage:
    """List the members of the project."""
    found = roles.members(world, permit, after, limit)
    newest = found[-1].annotator.id if len(found) == limit else None
    return wire.PeoplePage(people=[_person(one) for one in found], after=newest)


@router.post("/api/projects/{project}/people")
def add_person(world: TheWorld, permit: MayManage, body: wire.PersonSent) -> wire.PersonAdded:
    """Add a person to the project; the password of a new account is shown once."""
    added = roles.add(world, permit, body.id, body.login, wire.ROLES[body.role], body.name)
    return wire.PersonAdded(person=_person(added.member), password=added.password)


@router.post("/api/projects/{project}/people/{annotator}/role")
def change_role(world: TheWorld, permit: MayManage, annotator: Id, body: wire.RoleSent) -> Done:
    """Give a member another role, or none."""
    roles.change(world, permit, body.id, annotator, wire.ROLES.get(body.role))
    return Done()


# ---- tokens ----------------------------------------------------------------------------------------------------------
@router.get("/api/me/tokens")
def own_tokens(world: TheWorld, caller: Caller) -> list[wire.TokenShown]:
    """List the caller's own tokens."""
    return [_token(one) for one in tokens.own(world, caller)]


@router.post("/api/me/tokens")
def make_token(world: TheWorld, caller: Caller, body: wire.TokenSent) -> wire.TokenAdded:
    """Make a token for a project; its secret is shown once."""
    acts = None if body.acts is None else frozenset(wire.ACTS[name] for name in body.acts)
    made = tokens.make(world, caller, body.project, body.id, body.name, acts, body.days)
    return wire.TokenAdded(token=_token(made.token), secret=made.secret)


@router.post("/api/me/tokens/{token}/revoke")
def revoke_own_token(world: TheWorld, caller: Caller, token: Id) -> Done:
    """End one of the caller's tokens; a repeat changes nothing."""
    tokens.revoke_own(world, caller, token)
    return Done()


@router.get("/api/projects/{project}/tokens")
def project_tokens(world: TheWorld, permit: MayGovern, after: After = "", limit: Limit = 100) -> wire.TokenPage:
    """List everybody's tokens for the project."""
    found = tokens.of_project(world, permit, after, limit)
    return wire.TokenPage(tokens=[_token(one) for one in found], after=found[-1].id if len(found) == limit else None)


@router.post("/api/projects/{project}/tokens/{token}/revoke")
def revoke_token(world: TheWorld, permit: MayGovern, token: Id) -> Done:
    """End anybody's token for the project; a repeat changes nothing."""
    tokens.revoke(world, permit, token)
    return Done()


# ---- invitations -----------------------------------------------------------------------------------------------------
@router.get("/api/projects/{project}/invitations")
def project_invitations(
    world: TheWorld, permit: MayManage, after: After = "", limit: Limit = 100
) -> wire.InvitationPage:
    """List the project's invitations."""
    found = invitations.of_project(world, permit, after, limit)
    newest = found[-1].id if len(found) == limit else None
    return wire.InvitationPage(invitations=[_invitation(one) for one in found], after=newest)


@router.post("/api/projects/{project}/invitations")
def make_invitation(world: TheWorld, permit: MayManage, body: wire.InvitationSent) -> wire.InvitationAdded:
    """Make a link that gives a role once; its secret is shown once."""
    made = invitations.make(world, permit, body.id, wire.ROLES[body.role], body.days)
    return wire.InvitationAdded(invitation=_invitation(made.invitation), secret=made.secret)


@router.post("/api/projects/{project}/invitations/{invitation}/revoke")
def revoke_invitation(world: TheWorld, permit: MayManage, invitation: Id) -> Done:
    """End an invitation that nobody took up; a repeat changes nothing."""
    invitations.revoke(world, permit, invitation)
    return Done()


@router.post("/api/invitations/look")
def look_at_invitation(world: TheWorld, request: Request, body: wire.SecretSent) -> wire.PromiseShown:
    """Say what an invitation gives; the secret travels in the body, so that no log of addresses holds it."""
    found = invitations.look(world, body.secret, address_of(request))
    return wire.PromiseShown(project=found.project, name=found.name, role=found.role.value, expires_at=found.expires_at)


@router.post("/api/invitations/accept")
def accept_invitation(world: TheWorld, request: Request, response: Response, body: wire.NewcomerSent) -> SignedIn:
    """Take an invitation up with a new account, and sign in; the session comes as a cookie."""
    made = invitations.accept(world, body.secret, body.login, body.password, body.name, address_of(request))
    return enter(world, request, response, made)


@router.post("/api/me/invitations")
def join_by_invitation(world: TheWorld, request: Request, caller: Caller, body: wire.SecretSent) -> wire.Joined:
    """Take an invitation up with the account one has."""
    return wire.Joined(project=invitations.join(world, caller, body.secret, address_of(request)))


# ---- one's own account -----------------------------------------------------------------------------------------------
@router.post("/api/me/password")
def change_password(
    world: TheWorld, request: Request, response: Response, caller: Caller, body: wire.PasswordSent
) -> SignedIn:
    """Change one's own password; every session ends, and this one goes on under another secret."""
    passwords.change_own(world, caller, body.old, body.new, address_of(request))
    made = people.sign_in(world, caller.login, body.new, address_of(request))
    return enter(world, request, response, made)


def enter(world: World, request: Request, response: Response, session: Session) -> SignedIn:
    """Give the browser a session, and say who signed in."""
    security.set_session(request, response, session.secret, session.expires_at, world.clock.now())
    return SignedIn(me=me_of(world, session.principal))


def _person(one: Member) -> wire.PersonShown:
    return wire.PersonShown(
        id=one.annotator.id,
        name=one.annotator.name,
        kind=one.annotator.kind.value,
        login=one.login,
        role=one.role.value,
        disabled=one.disabled,
        since=one.since,
    )


def _token(one: Token) -> wire.TokenShown:
    return wire.TokenShown(
        id=one.id,
        annotator=one.annotator.id,
        name=one.name,
        project=one.project,
        acts=sorted(act.value for act in one.acts),
        created_at=one.created_at,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
    )


def _invitation(one: Invitation) -> wire.InvitationShown:
    return wire.InvitationShown(
        id=one.id,
        role=one.role.value,
        made_by=one.made_by,
        at=one.at,
        expires_at=one.expires_at,
        used_by=one.used_by,
        used_at=one.used_at,
        revoked_at=one.revoked_at,
    )
