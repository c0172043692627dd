"""Serving: a socket that is listened at, and the server that answers on it until it is told to end.

In: an open `World`, an address. Out: calls answered. Never: a port opened to others unless that was asked for.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from typing import Final

import uvicorn
from fastapi import FastAPI

from goldseam.edge.runner.world import World
from goldseam.edge.server import security
from goldseam.edge.server.app import Server, make_app
from goldseam.edge.server.patience import PatientProtocol
from goldseam.edge.server.sealer import Background
from goldseam.vocab.errors import BadSetting

LOG = logging.getLogger("goldseam.server")

HOST: Final = "127.0.0.1"
PORT: Final = 8765
ENDING_SECONDS: Final = 10


def serve(
    world: World,
    host: str = HOST,
    port: int = PORT,
    *,
    names: Sequence[str] = (),
    ready: Callable[[str], None] | None = None,
    background: Callable[[], Background] | None = None,
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
    background
        Makes what runs beside the server, from its start to its end: a worker. Without one the log alone is sealed.

    Raises
    ------
    BadSetting
        If the address cannot be listened at.
    """
    with listen(host, port) as listening:
        serve_on(world, listening, host, names=names, ready=ready, background=background)


def serve_on(
    world: World,
    listening: socket.socket,
    host: str,
    *,
    names: Sequence[str] = (),
    ready: Callable[[str], None] | None = None,
    background: Callable[[], Background] | None = None,
) -> None:
    """Answer on a socket that is bound already, alone or beside other processes."""
    address = address_of(host, int(listening.getsockname()[1]))
    app = make_app(world, names=names_of(host, names), background=background)
    LOG.info("listening at %s", address)
    Server(limits_of(app), lambda: ready(address) if ready else None, app.state.feed.end).run(sockets=[listening])


def limits_of(app: FastAPI) -> uvicorn.Config:
    """Return how uvicorn is to run the app, within which limits."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=ENDING_SECONDS,
        h11_max_incomplete_event_size=32 * 1024,
        lifespan="on",
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to this address; raises `BadSetting`."""
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


def address_of(host: str, port: int) -> str:
    """Return the address as it is typed into a browser."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def names_of(host: str, names: Sequence[str]) -> frozenset[str] | None:
    """Return the names to answer under: on loopback its own and those given; elsewhere any, unless some are given."""
    if host in security.LOOPBACK:
        return frozenset({*security.LOOPBACK, *names})
    return frozenset({host, *security.LOOPBACK, *names}) if names else None
