"""Reach: requests to addresses that somebody typed, which never arrive at a machine of our own network by accident.

In: an address, and what the operator allows. Out: a small `Reply`. Never: a connection to an address that was not judged, a proxy
or a password from the environment, a request without an end.

The name is resolved here, every address that it has is judged, and the connection goes to the very address that was judged: a
name that means another machine a moment later gains nothing. Names of virtual hosts and certificates stay those of the name.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpcore

from goldseam.edge import addresses
from goldseam.edge.addresses import Address, Place
from goldseam.vocab.errors import AddressRefused, Unreachable

Resolve = Callable[[str, int], Sequence[str]]
"""From a name and a port to the addresses as text; the system's own by default."""

MAX_BYTES: Final = 1 << 20
SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 5.0
"""How long one of a name's addresses may take, so that the next still has its turn."""
REDIRECTS: Final = 3
MOVED: Final = frozenset({301, 302, 303, 307, 308})
KEPT_ELSEWHERE: Final = frozenset({"accept", "content-type", "user-agent"})
"""Headers that go along when a redirect leads to another host: never a token or a signature."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and from where: the last address after redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


class Reach:
    """Makes requests to addresses that somebody typed.

    `allow` names what the operator trusts beside the public network: host names, addresses, networks. Only these may be asked
    over plain http.
    """

    def __init__(
        self, allow: Iterable[str] = (), *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._names, self._networks = addresses.allowed(allow)
        self._resolve = resolve or _system
        self._given_tls = tls

    def check(self, url: str) -> None:
        """Refuse an address by its form alone, without asking any network: for whoever types one.

        Raises
        ------
        AddressRefused
            If it is no http address, carries a password, or is a number that `request` would refuse.
        """
        parsed = addresses.parsed(url)
        literal = addresses.literal(parsed.host)
        if literal is not None:
            self._judge(parsed.host, (literal,), parsed.scheme)

    def request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        timeout: float = SECONDS,
        redirects: int = REDIRECTS,
    ) -> Reply:
        """Make a request and return the reply, whatever its status; `timeout` is in seconds, redirects included.

        Raises
        ------
        AddressRefused
            If the address, or one that it redirects to, is none that may be asked.
        Unreachable
            If no whole reply came in time, or it is longer than `max_bytes`.
        """
        until = _Deadline(timeout)
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        here = addresses.parsed(url)
        for _ in range(redirects + 1):
            reply = self._once(method, here, content, sent, max_bytes, until)
            target = reply.headers.get("location")
            if redirects == 0 or reply.status not in MOVED or target is None:
                return reply
            there = addresses.parsed(here.joined(target))
            if there.origin != here.origin:
                sent = {name: value for name, value in sent.items() if name in KEPT_ELSEWHERE}
            if reply.status not in {307, 308} and method != "HEAD":
                method, content = "GET", None
                sent.pop("content-type", None)
            here = there
        raise Unreachable(f"{here.origin} redirects more than {redirects} times.")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpcore.default_ssl_context()

    def _once(
        self,
        method: str,
        url: Place,
        content: bytes | None,
        headers: Mapping[str, str],
        max_bytes: int,
        until: _Deadline,
    ) -> Reply:
        fixed = {
            "host": url.named,
            "accept-encoding": "identity",  # what is small on the wire is small here
            "connection": "close",
            "content-length": str(len(content or b"")),
        }
        if content is None and method in {"GET", "HEAD"}:
            del fixed["content-length"]
        every = {"user-agent": "goldseam", **headers, **fixed}
        request = httpcore.Request(
            method, _raw(url), headers=[(k.encode(), v.encode()) for k, v in every.items()], content=content
        )
        backend = _Judged(lambda host, port: self._connected(host, port, url.scheme, until), until)
        try:
            with httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend, retries=0) as pool:
                reply = pool.handle_request(request)
                try:
                    found = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in reply.headers}
                    body = _read(reply, found, max_bytes, url.origin)
                finally:
                    reply.close()
        except TimeoutError:
            raise Unreachable(f"{url.origin} did not answer in time.") from None
        except ssl.SSLError as error:
            raise Unreachable(f"{url.origin} has no certificate that can be trusted: {error.reason}.") from None
        except OSError as error:
            raise Unreachable(f"{url.origin} cannot be reached: {error.strerror or 'no connection'}.") from None
        except (httpcore.ProtocolError, httpcore.NetworkError):
            raise Unreachable(f"{url.origin} did not answer as HTTP does.") from None
        return Reply(reply.status, found, body, url.origin + url.target)

    def _connected(self, host: str, port: int, scheme: str, until: _Deadline) -> socket.socket:
        """Resolve, judge every address, and connect to one of them."""
        literal = addresses.literal(host)
        texts = (str(literal),) if literal is not None else _in_time(self._resolve, host, port, until)
        found = [ipaddress.ip_address(one) for one in texts]
        if not found:
            raise Unreachable(f"The name {host} means no address.")
        self._judge(host, found, scheme)
        last: OSError = OSError("no connection")
        for address in found:
            try:
                return socket.create_connection((str(address), port), timeout=min(until.left(), CONNECT_SECONDS))
            except OSError as error:
                last = error
        raise last

    def _judge(self, host: str, found: Sequence[Address], scheme: str) -> None:
        """Refuse the host if any of its addresses is ours; plain http only where the operator allowed the host."""
        if host in self._names:
            return
        others = [one for one in found if not self._is_allowed(one)]
        for one in others:
            if what := addresses.what(one):
                raise AddressRefused(
                    f"{host} is an address that is {what}; this server sends nothing there. "
                    f"Whoever runs it may allow it with {addresses.SETTING}.",
                    host=host,
                )
        if others and scheme != "https":
            raise AddressRefused(f"{host} is asked over https only.", host=host)

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._networks)


def from_setting() -> Reach:
    """Return the reach that the operator allows: GOLDSEAM_REACH, with commas between names, addresses and networks.

    Raises
    ------
    BadSetting
        If a part of it is none of these.
    """
    return Reach(part for part in (one.strip() for one in os.environ.get(addresses.SETTING, "").split(",")) if part)


# --- Names ---


def _raw(url: Place) -> httpcore.URL:
    return httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)


def _system(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def _in_time(resolve: Resolve, host: str, port: int, until: _Deadline) -> Sequence[str]:
    """Resolve in a thread of its own: the system's resolver has no time limit that a caller could set."""
    answers: SimpleQueue[Sequence[str] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="goldseam-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=until.left())
    except (Empty, TimeoutError):
        raise Unreachable(f"The name {host} was not resolved in time.") from None
    if isinstance(answer, Exception):
        raise Unreachable(f"The name {host} means no address.")
    return answer


# --- Bytes, until a deadline ---


class _Deadline:
    """A moment by which everything is over."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left, or raise."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Judged(httpcore.NetworkBackend):
    """How httpcore gets its connection: from us, already judged."""

    def __init__(self, connect: Callable[[str, int], socket.socket], until: _Deadline) -> None:
        self._connect = connect
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the host."""
        return _Stream(self._connect(host, port), self._until)


class _Stream(httpcore.NetworkStream):
    """A socket whose every wait ends at the deadline, however slowly the other side sends or reads."""

    def __init__(self, connection: socket.socket, until: _Deadline) -> None:
        self._socket = connection
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came."""
        self._socket.settimeout(self._until.left())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        while buffer:
            self._socket.settimeout(self._until.left())
            buffer = buffer[self._socket.send(buffer) :]

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the same connection under TLS, with a certificate of this name."""
        self._socket.settimeout(self._until.left())
        try:
            return _Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._until)
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        """Return the TLS object, which httpcore asks for."""
        return self._socket if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket) else None


def _read(reply: httpcore.Response, headers: Mapping[str, str], max_bytes: int, where: str) -> bytes:
    """Return the body, or refuse one that is too long as soon as that shows."""
    too_long = Unreachable(f"{where} answered with more than {max_bytes} bytes.")
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes:
        raise too_long
    body = bytearray()
    for part in reply.iter_stream():
        body += part
        if len(body) > max_bytes:
            raise too_long
    return bytes(body)
