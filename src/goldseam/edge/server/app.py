"""The app: routes, guard, page and sealer put together; and the server that runs it.

In: an open `World`. Out: a FastAPI app; a server that answers until it is told to end. Never: a world opened or closed
here, or a port opened to others unless that was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Final

import anyio.to_thread
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

import goldseam
from goldseam.edge.runner.access import Access
from goldseam.edge.runner.glance import Glances
from goldseam.edge.runner.world import World
from goldseam.edge.server import errors, page, security
from goldseam.edge.server.feed import Feed
from goldseam.edge.server.guard import Guard
from goldseam.edge.server.metrics import Metrics
from goldseam.edge.server.routes import (
    adjudicate,
    annotate,
    audit,
    flow,
    ledger,
    live,
    operation,
    projects,
    release,
    session,
    source,
)
from goldseam.edge.server.sealer import Sealer
from goldseam.vocab.errors import BadSetting

LOG = logging.getLogger("goldseam.server")

HOST: Final = "127.0.0.1"
PORT: Final = 8765
THREADS: Final = 64
"""Calls worked on at once: each waits for the store in a thread of its own; those that wait are committed together."""
ENDING_SECONDS: Final = 10
ROUTERS: Final = (annotate, projects, session, source, adjudicate, audit, release, ledger, flow, live, operation)
"""Looked through in this order: what annotators call all day comes first."""


def make_app(world: World, *, names: Collection[str] | None = None) -> FastAPI:
    """Return the app for a world that stays open as long as the app runs.

    `names` are the host names it answers under; None is any. The sealer runs between the app's start and its end.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        sealer = app.state.sealer = Sealer(world)
        sealer.start()
        try:
            yield
        finally:
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
    app.state.metrics = Metrics(world)
    app.state.glances = Glances(world)
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


class _Server(uvicorn.Server):
    """Uvicorn, which says when it is ready and when it ends."""

    def __init__(
        self, config: uvicorn.Config, when_ready: Callable[[], None], when_ending: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._when_ready = when_ready
        self._when_ending = when_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._when_ending()  # streams that stay open would otherwise be waited for
        await super().shutdown(sockets)


def serve(
    world: World,
    host: str = HOST,
    port: int = PORT,
    *,
    names: Sequence[str] = (),
    ready: Callable[[str], None] | None = None,
) -> None:
    """Answer until the process is told to end; calls that are being worked on are finished first.

    Parameters
    ----------
    world
        Stays open until this returns.
    host
        The address to listen at. The default serves this machine alone; anything else wants a proxy with TLS before it.
    port
        0 takes any that is free.
    names
        Host names under which a proxy reaches this server, besides its own.
    ready
        Called with the address once calls are answered.

    Raises
    ------
    BadSetting
        If the address cannot be listened at.
    """
    with _listen(host, port) as listening:
        address = _address(host, int(listening.getsockname()[1]))
        app = make_app(world, names=_names(host, names))
        config = _config(app)
        LOG.info("listening at %s", address)
        _Server(config, lambda: ready(address) if ready else None, app.state.feed.end).run(sockets=[listening])


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=ENDING_SECONDS,
        h11_max_incomplete_event_size=32 * 1024,
        lifespan="on",
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small replies at once only on sockets that say they are TCP; on others each waits 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise BadSetting(
            f"Cannot listen at {host}, port {port}: {error.strerror}. Choose another with --host and --port.",
            host=host,
            port=port,
        ) from error
    return listening


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _names(host: str, names: Sequence[str]) -> frozenset[str] | None:
    """Return the names to answer under: on loopback its own and those given; elsewhere any, unless some are given."""
    if host in security.LOOPBACK:
        return frozenset({*security.LOOPBACK, *names})
    return frozenset({host, *security.LOOPBACK, *names}) if names else None
