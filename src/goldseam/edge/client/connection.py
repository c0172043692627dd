"""One call: sent over connections that are kept, sent again where that is safe, its refusal raised as the server's own error.

In: a method, a path, a body. Out: what the JSON says. Never: a call sent twice that may not be, or a token in a message.
"""

from __future__ import annotations

import copy
import random
import secrets
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from goldseam.vocab import errors
from goldseam.vocab.errors import BadValue, GoldseamError, OperatorError

PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses under which the same call may succeed a little later."""
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
GOLDSEAM_ERRORS: Final[Mapping[str, type[GoldseamError]]] = MappingProxyType(
    {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GoldseamError)}
)


class Connection:
    """A connection to one server, as one person or token; threads may share it."""

    def __init__(
        self, url: str, *, token: str = "", tries: int = 6, timeout_seconds: float = 30.0, connections: int = 64
    ) -> None:
        headers = {"X-Goldseam": "1", "Accept": "application/json"}
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30)
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout_seconds, limits=limits, trust_env=False
        )
        self._token = token
        self._tries = max(1, tries)
        self.url = url.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def with_token(self, token: str) -> Self:
        """Return a client for another token that shares this one's connections; only the first is to be closed."""
        other = copy.copy(self)
        other._token = token  # noqa: SLF001 - a copy of this very class
        return other

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def call(self, method: str, path: str, body: object = None, *, once: bool = False) -> Any:  # noqa: ANN401 - JSON
        """Send one call, again while that is safe, and return its reply; a refusal is raised as the server's own error."""
        reply = self._send(method, path, body, 1 if once else self._tries)
        try:
            found = reply.json()
        except ValueError as error:
            raise OperatorError(f"{self.url} answered with something that is not JSON; is it Goldseam?") from error
        if reply.status_code >= 400:
            raise refusal(found.get("error") if isinstance(found, dict) else None, reply.status_code)
        return found

    def _send(self, method: str, path: str, body: object, tries: int) -> httpx.Response:
        waits = _waits()
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        for left in range(tries - 1, -1, -1):
            try:
                reply = self._http.request(method, path, headers=headers, json=body)
            except httpx.TransportError as error:
                if left == 0:
                    raise OperatorError(f"{self.url} cannot be reached: {error or type(error).__name__}.") from error
                time.sleep(next(waits))
                continue
            if left == 0 or reply.status_code not in PASSING:
                return reply
            time.sleep(next(waits))
        raise AssertionError("unreachable: the last try returns or raises")


def new_id() -> str:
    """Return a UUID version 7: the time in milliseconds, then chance."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    number |= 0b10 << 62 | secrets.randbits(62)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _waits() -> Iterator[float]:
    """Yield growing waits with some chance in them, so that many clients do not come back at once."""
    wait = FIRST_WAIT
    while True:
        yield wait * random.uniform(0.5, 1.0)
        wait = min(wait * 2, LONGEST_WAIT)


def at(project: str, rest: str = "") -> str:
    """Return the path of something in a project."""
    return f"/api/projects/{part(project)}{rest}"


def part(text: str) -> str:
    """Return text as one part of a path."""
    return quote(text, safe="")


def refusal(said: object, status: int) -> GoldseamError:
    """Return the error that a refusal names."""
    if not isinstance(said, dict):
        return OperatorError(f"The server refused the call with status {status}.")
    kind = GOLDSEAM_ERRORS.get(str(said.get("type")), OperatorError if status >= 500 else BadValue)
    given = said.get("fields")
    fields = {name: value for name, value in given.items() if name != "message"} if isinstance(given, dict) else {}
    return kind(str(said.get("message")), **fields)
