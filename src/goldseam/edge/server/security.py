"""Who calls, whether they may, and the headers that keep a browser from doing more than it was asked.

In: a request. Out: a `Principal` or a `Permit`, or the error that says why not; headers for every reply.
Never: a role decided here (the runner knows), a token or cookie in a log, a call that a foreign page made.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from goldseam.edge.runner.access import Access, Credential
from goldseam.edge.runner.limits import Calls
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.world import World
from goldseam.edge.server.shown import STYLE_HASH
from goldseam.vocab.errors import BadSetting, NotAllowed, NotSignedIn, StampMoved
from goldseam.vocab.people import Act

T = TypeVar("T")
CALLS_SETTING: Final = "GOLDSEAM_CALLS_PER_SECOND"
COOKIE: Final = "goldseam_session"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {STYLE_HASH}; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Set on every reply that does not say otherwise itself."""

SHOWN_INLINE: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"})
"""Media that a browser may show; anything else is only ever a download."""
FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/octet-stream": {}}}}
MEDIA: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for kind in ("application/octet-stream", *sorted(SHOWN_INLINE))}}
}
"""What the OpenAPI document says of a reply with `media_headers`."""


def world_of(request: Request) -> World:
    """Return the world this app was made with."""
    world = request.app.state.world
    assert isinstance(world, World)  # noqa: S101 - set by make_app
    return world


def access_of(request: Request) -> Access:
    """Return the permits that this app remembers."""
    access = request.app.state.access
    assert isinstance(access, Access)  # noqa: S101 - set by make_app
    return access


async def _world(request: Request) -> World:
    return world_of(request)  # async, so that no thread is taken for it


def credential_of(request: Request) -> Credential:
    """Return what a call proves itself by: an API token, or the session's cookie.

    Raises
    ------
    NotSignedIn
        If neither came, or it is not written as it should be.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn("The Authorization header is written 'Bearer TOKEN'.")
        return Credential(token.strip(), is_token=True)
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise NotSignedIn("Sign in first, or send an API token.")
    return Credential(secret, is_token=False)


def principal_of(request: Request) -> Principal:
    """Return who calls; raises `NotSignedIn`, or `TooManyCalls`."""
    found = access_of(request).principal(credential_of(request))
    _count(request, found)
    return found


def address_of(request: Request) -> str:
    """Return the address of whoever calls; a proxy on this machine says whom it speaks for."""
    return request.client.host if request.client else ""


def calls_allowed() -> Calls:
    """Return the count of calls, as the setting GOLDSEAM_CALLS_PER_SECOND has it.

    Raises
    ------
    BadSetting
        If it is no number above 0.
    """
    said = os.environ.get(CALLS_SETTING, "")
    try:
        return Calls(float(said)) if said else Calls()
    except ValueError as error:
        raise BadSetting(f"{CALLS_SETTING} is a number above 0; got {said!r}.") from error


def _count(request: Request, principal: Principal) -> None:
    calls = request.app.state.calls
    assert isinstance(calls, Calls)  # noqa: S101 - set by make_app
    calls.count(principal.annotator, time.monotonic())


@cache
def permitted(act: Act) -> Callable[..., Awaitable[Permit]]:
    """Return the dependency that lets a call through only if the caller may do this act in `{project}`.

    It is one and the same for an act, so that a test can read from the route table which act each route names.
    """

    async def permit(request: Request, project: Annotated[str, Path(max_length=100)]) -> Permit:
        access, credential = access_of(request), credential_of(request)
        known = access.known(credential, project, act)
        found = await run_in_threadpool(access.permit, credential, project, act) if known is None else known
        _count(request, found.principal)
        return found

    return permit


@dataclass(frozen=True, slots=True)
class Believed:
    """A permit that is good if the access stamp still is `stamp`, which whoever acts under it asks for; None: it is good."""

    permit: Permit
    stamp: int | None
    sure: Callable[[], Awaitable[Permit]]

    async def act(self, begin: Callable[[Permit, int | None], Future[T]]) -> T:
        """Do an act of the store under the permit; once more under a fresh one, if rights or rules have changed since.

        Raises
        ------
        NotSignedIn, NotFound, NotAllowed
            If the caller has the right no more; then nothing was done.
        """
        try:
            return await asyncio.wrap_future(begin(self.permit, self.stamp))
        except StampMoved:
            return await asyncio.wrap_future(begin(await self.sure(), None))


@cache
def believed(act: Act) -> Callable[..., Awaitable[Believed]]:
    """Return the dependency of routes whose one act of the store asks by itself whether the permit is still good.

    Whatever else such a route does with the caller's rights, it does with `sure`.
    """

    async def believe(request: Request, project: Annotated[str, Path(max_length=100)]) -> Believed:
        access, credential = access_of(request), credential_of(request)

        async def sure() -> Permit:
            return await run_in_threadpool(access.permit, credential, project, act)

        found = access.believed(credential, project, act)
        permit, stamp = (await sure(), None) if found is None else found
        _count(request, permit.principal)
        return Believed(permit, stamp, sure)

    return believe


TheWorld = Annotated[World, Depends(_world)]
Caller = Annotated[Principal, Depends(principal_of)]
MayView = Annotated[Permit, Depends(permitted(Act.VIEW))]
MayAnnotate = Annotated[Permit, Depends(permitted(Act.ANNOTATE))]
MayAnnotateSoon = Annotated[Believed, Depends(believed(Act.ANNOTATE))]
MayCapture = Annotated[Permit, Depends(permitted(Act.CAPTURE))]
MayAdjudicate = Annotated[Permit, Depends(permitted(Act.ADJUDICATE))]
MayMeasure = Annotated[Permit, Depends(permitted(Act.MEASURE))]
MayManage = Annotated[Permit, Depends(permitted(Act.MANAGE))]
MayGovern = Annotated[Permit, Depends(permitted(Act.GOVERN))]


def set_session(request: Request, response: Response, secret: str, expires_at: datetime, now: datetime) -> None:
    """Give the browser its session in a cookie that no script reads and no foreign page sends."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=max(0, int((expires_at - now).total_seconds())),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def end_session(response: Response) -> None:
    """Take the session's cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def check_origin(method: str, headers: Headers) -> None:
    """Refuse an unsafe call that a page of another origin may have made in a signed-in person's browser.

    A call with an API token passes: no browser sends one by itself.

    Raises
    ------
    NotAllowed
        If the header X-Goldseam is missing, or the call says that it comes from elsewhere.
    """
    if method in SAFE or "authorization" in headers:
        return
    if headers.get("x-goldseam") != "1":
        raise NotAllowed("A call that changes something carries the header 'X-Goldseam: 1'.")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise NotAllowed("This call comes from a page of another origin.")
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowed("This call comes from a page of another site.")


def check_host(headers: Headers, names: Collection[str] | None) -> None:
    """Refuse a call under a name that is not this server's: another site may point its own name at this machine.

    Raises
    ------
    NotAllowed
        If `names` is given and the Host header holds none of them.
    """
    if names is None:
        return
    host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    if host not in names:
        raise NotAllowed("This server does not answer under that name; start it with the name it is reached by.")


def media_headers(media_type: str, name: str) -> dict[str, str]:
    """Return the headers under which a client's bytes are safe to send back: shown only if they are a plain picture."""
    disposition = "inline" if media_type in SHOWN_INLINE else "attachment"
    return {
        "Content-Type": media_type if media_type in SHOWN_INLINE else "application/octet-stream",
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
