"""The guard: what every call passes before any route sees it, and every reply after.

In: an ASGI call. Out: the same call with its body read within limits, under an id; the reply with its headers, and one
line in the log. Never: a body, a query, a cookie or a token in the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goldseam.edge.server import errors, security
from goldseam.edge.server.metrics import UNKNOWN
from goldseam.vocab.errors import BadValue, GoldseamError

LOG = logging.getLogger("goldseam.server")

MAX_BODY: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 32
BODY_SECONDS: Final = 30.0
TOKENS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
ESCAPES: Final = re.compile(
    rb"\\(?:[^u]|u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
"""What may stand after a backslash: no NUL, and no half of a surrogate pair, which no database takes for text."""
ALWAYS: Final = tuple((name.encode(), value.encode()) for name, value in security.HEADERS.items())
NO_STORE: Final = (b"cache-control", b"no-store")


WhenAnswered = Callable[[str, str, int, float], None]
"""Told the method, the route's template, the status and the seconds of each call."""


class Guard:
    """ASGI middleware around the whole app. `names` are the host names it answers under; None is any."""

    def __init__(
        self, app: ASGIApp, names: Collection[str] | None = None, when_answered: WhenAnswered | None = None
    ) -> None:
        self.app = app
        self.names = names
        self.when_answered = when_answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call through, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = _Call(scope, send)
        try:
            await self._pass(call, scope, receive)
        except GoldseamError as error:
            await errors.refusal(error, call.id)(scope, receive, call.send)
        except Exception:
            LOG.exception("request=%s failed", call.id)
            if call.status:
                raise
            await JSONResponse(errors.unexpected(call.id), status_code=500)(scope, receive, call.send)
        finally:
            call.log()
            if self.when_answered is not None:
                self.when_answered(scope["method"], _route(scope), call.status, call.seconds)

    async def _pass(self, call: _Call, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        security.check_host(headers, self.names)
        security.check_origin(scope["method"], headers)
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise BadValue("The address holds a NUL, which stands in no name.")
        if "content-length" in headers or "transfer-encoding" in headers:
            body = await read_body(headers, receive)
            refused = too_deep(body) or no_text(body) or key_twice(body) if isinstance(body, bytes) else body
            if refused is not None:
                reply = errors.refusal(BadValue(refused.why), call.id, refused.status)
                reply.headers["connection"] = "close"
                await reply(scope, receive, call.send)
                return
            assert isinstance(body, bytes)  # noqa: S101 - what is refused has returned
            receive = _replay(body, receive)
        await self.app(scope, receive, call.send)


@dataclass(frozen=True, slots=True)
class Refused:
    """A body that is not taken: why, and under which status."""

    why: str
    status: int


TOO_LARGE: Final = Refused(f"A body has at most {MAX_BODY:,} bytes; send less at once.", 413)
TOO_SLOW: Final = Refused("The body did not come in time.", 408)
CUT_OFF: Final = Refused("The call ended before its body did.", 400)
TOO_DEEP: Final = Refused(f"The body is nested deeper than {MAX_DEPTH} levels.", 422)
TWICE: Final = Refused(
    "The body names one key twice in one object; which of the two would count is anybody's guess.", 400
)
NO_TEXT: Final = Refused("The body is JSON in UTF-8; it holds no NUL and no half of a surrogate pair.", 422)


class _Call:
    """One call: its id, when it began, and how it was answered."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.id = uuid.uuid4().hex
        self.status = 0
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        scope.setdefault("state", {})["request_id"] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            said = [pair for pair in message["headers"] if pair[0] != b"x-request-id"]
            there = {name for name, _ in said}
            said += [pair for pair in ALWAYS if pair[0] not in there]
            if self._scope["path"].startswith("/api") and NO_STORE[0] not in there:
                said.append(NO_STORE)
            message["headers"] = [*said, (b"x-request-id", self.id.encode())]
        await self._send(message)

    def log(self) -> None:
        if not LOG.isEnabledFor(logging.INFO):
            return
        took = self.seconds * 1_000
        path = quote(self._scope["path"], safe="/-._~")[:300]
        method = self._scope["method"]
        facts = {
            "request": self.id, "method": method, "path": path, "status": self.status, "milliseconds": round(took, 1),
        }  # fmt: skip
        LOG.info("request=%s %s %s %d %.1f ms", self.id, method, path, self.status, took, extra=facts)

    @property
    def seconds(self) -> float:
        """How long ago the call began."""
        return time.perf_counter() - self._began


def _route(scope: Scope) -> str:
    """Return the template of the route that a call matched; what a client made up never names a series."""
    return str(getattr(scope.get("route"), "path", UNKNOWN))


async def read_body(headers: Headers, receive: Receive) -> bytes | Refused:
    """Return the whole body, if it is small and comes in time.

    It is refused unread if the length announced is too large; else once too much has come, or it takes too long.
    """
    announced = headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdecimal()) or int(announced[:20]) > MAX_BODY:
        return TOO_LARGE
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return CUT_OFF
                part: bytes = message.get("body", b"")
                size += len(part)
                if size > MAX_BODY:
                    return TOO_LARGE
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        return TOO_SLOW


def too_deep(body: bytes) -> Refused | None:
    """Refuse a body whose brackets, outside of texts, are nested deeper than any we would read."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return None
    depth = 0
    for token in TOKENS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return TOO_DEEP
        elif first in b"]}":
            depth -= 1
    return None


def no_text(body: bytes) -> Refused | None:
    """Refuse a body that is not UTF-8, or writes a NUL or half of a surrogate pair, as a byte or as an escape.

    JSON readers take UTF-16 too, and halves of pairs: what was checked here in bytes would then be read as something else.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        return NO_TEXT
    if 0 in body or (b"\\u" in body and b"\\" in ESCAPES.sub(b"", body)):
        return NO_TEXT
    return None


def key_twice(body: bytes) -> Refused | None:
    """Refuse an object with one key twice: readers differ in which of the two they take. What is no JSON, the route refuses."""
    try:
        PAIRS.decode(body.decode())
    except _TwiceError:
        return TWICE
    except (ValueError, RecursionError):
        return None
    return None


class _TwiceError(Exception):
    pass


def _count_keys(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > 1 and len(dict(pairs)) != len(pairs):
        raise _TwiceError


def _no_number(_text: str) -> None:
    return None


PAIRS: Final = json.JSONDecoder(object_pairs_hook=_count_keys, parse_int=_no_number, parse_float=_no_number)
"""Reads without keeping anything: no object, and no number, which may have a million digits."""


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives this body once, and then what the connection says."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
