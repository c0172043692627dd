"""Raw connections to a server, for clients that do not keep to the rules.

In: a server's address, bytes. Out: what came back. Never: a library that would mend what is sent.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

PATIENCE = 20.0


@contextmanager
def connected(url: str, seconds: float = PATIENCE) -> Iterator[socket.socket]:
    """Give a connection."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=seconds) as line:
        yield line


def head(method: str, path: str, token: str = "", **headers: object) -> bytes:
    """Return the head of a call."""
    said = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if token:
        said["Authorization"] = f"Bearer {token}"
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def pour(line: socket.socket, parts: Iterable[bytes]) -> int:
    """Send until the other side wants no more, and return how many bytes it took."""
    sent = 0
    with contextlib.suppress(OSError):
        for part in parts:
            line.sendall(part)
            sent += len(part)
    return sent


def rest(line: socket.socket) -> bytes:
    """Return what comes until the other side hangs up."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := line.recv(65_536):
            found += part
    return found


def healthy(url: str) -> bool:
    """Whether the server answers."""
    return bool(httpx.get(f"{url}/healthz", timeout=PATIENCE, trust_env=False).json()["ok"])
