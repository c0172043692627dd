"""The app: routes, guard, page and sealer put together; and the server that runs it.

In: an open `World`. Out: a FastAPI app; a server that answers until it is told to end. Never: a world opened or closed
here, or a port opened to others unless that was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Final

import anyio.to_thread
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

import goldseam
from goldseam.edge import reach
from goldseam.edge.runner import findings as looked_over
from goldseam.edge.runner.access import Access
from goldseam.edge.runner.browse import Indexing
from goldseam.edge.runner.facets import Facets
from goldseam.edge.runner.glance import Glances
from goldseam.edge.runner.going import Going, steps
from goldseam.edge.runner.world import World
from goldseam.edge.server import errors, page, security
from goldseam.edge.server.feed import Feed
from goldseam.edge.server.guard import Guard
from goldseam.edge.server.metrics import Metrics
from goldseam.edge.server.routes import (
    adjudicate,
    anchoring,
    annotate,
    audit,
    calibration,
    capture,
    certificates,
    corrections,
    create,
    findings,
    flags,
    flow,
    functions,
    guidelines,
    ledger,
    lines,
    live,
    maps,
    models,
    oidc,
    operation,
    outline,
    packs,
    pay,
    people,
    projects,
    qualification,
    release,
    session,
    settings,
    sheets,
    source,
    suggestions,
    talk,
    trace,
    webhooks,
)
from goldseam.edge.server.sealer import Background, Sealer

LOG = logging.getLogger("goldseam.server")

THREADS: Final = 64
"""Calls worked on at once: each waits for the store in a thread of its own; those that wait are committed together."""
ROUTERS: Final = (
    annotate,
    projects,
    session,
    source,
    adjudicate,
    audit,
    release,
    ledger,
    flow,
    live,
    models,
    operation,
    talk,
    people,
    oidc,
    qualification,
    calibration,
    certificates,
    capture,
    pay,
    webhooks,
    flags,
    lines,
    create,
    corrections,
    packs,
    outline,
    trace,
    suggestions,
    sheets,
    guidelines,
    functions,
    anchoring,
    findings,
    settings,
    maps,
)
"""Looked through in this order: what annotators call all day comes first."""


def make_app(
    world: World, *, names: Collection[str] | None = None, background: Callable[[], Background] | None = None
) -> FastAPI:
    """Return the app for a world that stays open as long as the app runs.

    `names` are the host names it answers under; None is any. Between the app's start and its end runs what `background` makes:
    a worker, or else a sealer.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        sealer = app.state.sealer = background() if background else Sealer(world)
        sealer.start()
        try:
            yield
        finally:
            await asyncio.to_thread(app.state.going.stop)
            await asyncio.to_thread(app.state.looking.stop)
            await asyncio.to_thread(sealer.stop)

    app = FastAPI(
        title="Goldseam",
        version=goldseam.__version__,
        summary="Turns raw data into labels that a team can defend, round after round.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
    )
    app.state.world = world
    app.state.access = Access(world)
    app.state.calls = security.calls_allowed()
    app.state.metrics = Metrics(world)
    app.state.reach = reach.from_setting()
    app.state.glances = Glances(world)
    app.state.facets = Facets(world)
    app.state.indexing = Indexing(world)
    app.state.going = Going(world, steps)
    app.state.looking = Going(world, looked_over.look)
    app.state.feed = Feed(world, app.state.glances)
    app.add_middleware(
        Guard, names=frozenset(names) if names is not None else None, when_answered=app.state.metrics.called
    )
    errors.install(app)
    for module in ROUTERS:
        app.router.routes.extend(module.router.routes)  # flat: a nested router is searched anew for every call
    _add_page(app)
    return app


def _add_page(app: FastAPI) -> None:
    files = page.read()

    async def show(request: Request) -> Response:
        if request.url.path.startswith("/api/") or request.url.path == "/api":
            raise HTTPException(404)
        return page.reply(files, request)

    app.add_api_route("/{path:path}", show, methods=["GET", "HEAD"], include_in_schema=False)


class Server(uvicorn.Server):
    """Uvicorn, which says when it is ready and when it ends."""

    def __init__(
        self, config: uvicorn.Config, when_ready: Callable[[], None], when_ending: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._when_ready = when_ready
        self._when_ending = when_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, and end."""
        await self._when_ending()  # streams that stay open would otherwise be waited for
        await super().shutdown(sockets)
