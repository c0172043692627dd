"""Single sign-on: there to the provider, back from it, and out of it.

In: a browser. Out: addresses; a session's cookie. Never: a call of another page that begins anything, a word of the provider on
our page, or an address elsewhere to go on to.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from goldseam.edge.runner import limits, oidc
from goldseam.edge.runner.oidc import Begun, Came, Gate
from goldseam.edge.runner.oidc_claims import Trouble
from goldseam.edge.server import security
from goldseam.edge.server.security import Caller, TheWorld, address_of
from goldseam.edge.server.wire_oidc import GoTo, GoToMaybe, LinkSent, SignOnSent, SignOnShown
from goldseam.vocab.errors import GoldseamError, NotAllowed

router = APIRouter(tags=["single sign-on"])

LOG = logging.getLogger("goldseam.server")
PATH: Final = "/api/oidc"
CALLBACK: Final = "/api/oidc/callback"
LEFT: Final = "goldseam_left"
LEFT_SECONDS: Final = 120
AWAY: Final[Mapping[int | str, dict[str, Any]]] = {
    303: {"description": "Signed in, or back at the page of signing in, which says why not."}
}
Brought = Annotated[str, Query(max_length=4_000)]
_OPENING = threading.Lock()


def _gate(request: Request, world: TheWorld) -> Gate:
    """Return the app's way in through the provider; settings are read once."""
    state = request.app.state
    with _OPENING:
        found = getattr(state, "gate", None)
        if found is None:
            found = state.gate = oidc.open_gate(world)
    assert isinstance(found, Gate)  # noqa: S101 - set one line above
    return found


TheGate = Annotated[Gate, Depends(_gate)]


@router.get(PATH)
def sign_on(gate: TheGate, request: Request) -> SignOnShown:
    """Say whether there is a provider to sign in with."""
    name = None if gate.settings is None else gate.settings.name
    return SignOnShown(name=name, left=name is not None and LEFT in request.cookies)


@router.post(PATH)
def begin(gate: TheGate, request: Request, response: Response, body: SignOnSent) -> GoTo:
    """Begin to sign in with the provider: the browser opens the address, and comes back."""
    gate.begins.count(limits.network_of(address_of(request)), time.monotonic())
    before = request.cookies.get(security.COOKIE)
    begun = oidc.begin(gate, _back(gate, request), body.path, invitation=body.invitation, session=before)
    return _gone(gate, request, response, begun)


@router.post("/api/me/oidc")
def link(gate: TheGate, request: Request, response: Response, caller: Caller, body: LinkSent) -> GoTo:
    """Begin to link the caller's account to an identity at the provider."""
    gate.begins.count(limits.network_of(address_of(request)), time.monotonic())
    session = request.cookies.get(security.COOKIE, "")
    return _gone(gate, request, response, oidc.begin_link(gate, caller, _back(gate, request), body.path, session))


@router.get(CALLBACK, status_code=303, response_class=RedirectResponse, responses=dict(AWAY))
def back(
    gate: TheGate,
    request: Request,
    state: Brought = "",
    code: Brought = "",
    iss: Annotated[str | None, Query(max_length=4_000)] = None,
    error: Brought = "",
) -> RedirectResponse:
    """Come back from the provider: into a new session, or to the page of signing in."""
    name = _cookie(request)
    came = Came(secret=request.cookies.get(name, ""), state=state, code=code, issuer=iss, error=error)
    try:
        session, path = oidc.finish(gate, came, _back(gate, request))
        reply = RedirectResponse(path, status_code=303)
        security.set_session(request, reply, session.secret, session.expires_at, gate.world.clock.now())
    except GoldseamError as refused:
        LOG.warning("single sign-on: %s", refused.message)
        said = refused.fields.get("trouble", Trouble.PROVIDER.value)
        reply = RedirectResponse(f"/sign-in?trouble={said}", status_code=303)
    reply.delete_cookie(name, path=_cookie_path(request), secure=_is_secure(request), httponly=True, samesite="lax")
    return reply


@router.post("/api/oidc/end")
def end(gate: TheGate, request: Request, response: Response) -> GoToMaybe:
    """Say where to sign out of the provider too, to a browser that has just signed out here."""
    if LEFT not in request.cookies:
        raise NotAllowed("Sign out here first.")
    response.delete_cookie(LEFT, path="/", httponly=True, samesite="strict")
    return GoToMaybe(address=oidc.end(gate, f"{_own(gate, request)}/sign-in"))


def left(request: Request, response: Response, secret: str) -> None:
    """Remember for a moment that a session by single sign-on has ended here."""
    if oidc.is_ours(secret):
        response.set_cookie(
            LEFT, "1", max_age=LEFT_SECONDS, path="/", secure=_is_secure(request), httponly=True, samesite="strict"
        )


def _gone(gate: Gate, request: Request, response: Response, begun: Begun) -> GoTo:
    """Give the browser its secret: a page elsewhere sends it only where the whole window comes back from the provider."""
    response.set_cookie(
        _cookie(request),
        begun.secret,
        max_age=int((begun.expires_at - gate.world.clock.now()).total_seconds()),
        path=_cookie_path(request),
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return GoTo(address=begun.address)


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie(request: Request) -> str:
    """Return the cookie's name; over TLS one that no neighbor of our name can set."""
    return "__Host-goldseam_oidc" if _is_secure(request) else "goldseam_oidc"


def _cookie_path(request: Request) -> str:
    return "/" if _is_secure(request) else PATH


def _own(gate: Gate, request: Request) -> str:
    address = gate.settings.address if gate.settings is not None else ""
    return address or str(request.base_url).rstrip("/")


def _back(gate: Gate, request: Request) -> str:
    return _own(gate, request) + CALLBACK
