"""Session: signing in and out, and who is signed in.

In: a login and password, or a code. Out: a cookie that no script reads, and `Me`. Never: a secret in a body.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from goldseam.edge.runner import people
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.world import World
from goldseam.edge.server import security
from goldseam.edge.server.routes.oidc import left
from goldseam.edge.server.security import Caller, TheWorld
from goldseam.edge.server.wire import Done, Me, MyProject, SignedIn, SignIn

router = APIRouter(tags=["session"])


@router.post("/api/session")
def sign_in(world: TheWorld, request: Request, response: Response, body: SignIn) -> SignedIn:
    """Sign in; the session comes as a cookie."""
    address = security.address_of(request)
    if body.code is not None:
        session = people.sign_in_by_code(world, body.code, address)
    else:
        session = people.sign_in(world, body.login or "", body.password or "", address)
    before = request.cookies.get(security.COOKIE)
    if before:
        people.sign_out(world, before)
    security.set_session(request, response, session.secret, session.expires_at, world.clock.now())
    return SignedIn(me=me_of(world, session.principal))


@router.delete("/api/session")
def sign_out(world: TheWorld, request: Request, response: Response) -> Done:
    """Sign out; without a session this changes nothing."""
    secret = request.cookies.get(security.COOKIE)
    if secret:
        people.sign_out(world, secret)
        left(request, response, secret)
    security.end_session(response)
    return Done()


@router.get("/api/me")
def me(world: TheWorld, caller: Caller) -> Me:
    """Say who is signed in."""
    return me_of(world, caller)


def me_of(world: World, principal: Principal) -> Me:
    """Return who somebody is, with their projects."""
    projects = [MyProject(id=m.id, name=m.name, role=m.role.value) for m in people.memberships(world, principal)]
    return Me(id=principal.annotator, name=principal.name, login=principal.login, projects=projects)
