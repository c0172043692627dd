"""Clients that are slow, silent, or never read: each is given up in time, and nobody else waits for them."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from goldseam.edge.server import guard, patience
from goldseam.vocab.people import Role
from tests.attacks import wire
from tests.walk import story


@dataclass(frozen=True)
class Stage:
    """A server with a token for it."""

    url: str
    token: str
    project: str

    def head(self, **headers: object) -> bytes:
        path = f"/api/projects/{self.project}/assignments"
        return wire.head("POST", path, self.token, Content_Type="application/json", **headers)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("slow")
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=6)
        with story.serving(world) as url:
            yield Stage(url, made.token(Role.OWNER), made.project.id)


def drip(line: socket.socket, data: bytes, until: threading.Event) -> None:
    """Send a byte at a time until told to stop, or until the other side has hung up."""
    with contextlib.suppress(OSError):
        for place in range(len(data)):
            line.sendall(data[place : place + 1])
            if until.wait(0.02):
                return


def test_a_body_that_drips_is_cut_off_at_the_limit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    ended = threading.Event()
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(Content_Length=100_000))
        dripping = threading.Thread(target=drip, args=(line, b" " * 100_000, ended))
        dripping.start()
        assert wire.healthy(stage.url)
        said = wire.rest(line)
        ended.set()
        dripping.join(10)
    assert b" 408 " in said.splitlines()[0]
    assert b"connection: close" in said.lower()


@pytest.mark.parametrize("sent", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "], ids=repr)
def test_a_connection_that_says_nothing_whole_is_closed_in_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    ended = threading.Event()
    with wire.connected(stage.url) as line:
        line.sendall(sent)
        dripping = threading.Thread(target=drip, args=(line, b"x" * 100_000 if sent else b"", ended))
        dripping.start()
        assert not wire.rest(line)
        ended.set()
        dripping.join(10)


def test_a_second_call_that_drips_is_closed_as_the_first_would_be(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    with wire.connected(stage.url) as line:
        line.sendall(wire.head("GET", "/healthz"))
        assert b" 200 " in whole(line)
        line.sendall(b"GET /healthz HT")
        assert not wire.rest(line)


def test_a_stream_and_a_call_that_is_being_answered_outlive_the_limit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.1)
    with wire.connected(stage.url) as stream, wire.connected(stage.url) as slow:
        stream.sendall(wire.head("GET", f"/api/projects/{stage.project}/events", stage.token))
        slow.sendall(stage.head(Content_Length=27))
        time.sleep(0.3)  # a limit cannot be outlived without time
        slow.sendall(b'{"count": 1, "holding": []}')
        assert b" 200 " in slow.recv(65_536)
        stream.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            while part := stream.recv(65_536):
                assert part
            pytest.fail("the stream was closed")


def whole(line: socket.socket) -> bytes:
    """One whole reply: its head, and as much body as the head announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65_536)
    head, _, _ = data.partition(b"\r\n\r\n")
    length = next(int(one[15:]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
    while len(data) < len(head) + 4 + length:
        data += line.recv(65_536)
    return data


def resident() -> int:
    """Bytes of memory that this process, the server in it, holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096


def test_a_client_that_never_reads_makes_the_server_keep_little(stage: Stage) -> None:
    call = wire.head("GET", "/api/openapi.json")
    with wire.connected(stage.url) as line:
        line.sendall(call)
        size = len(whole(line))
        before = resident()
        line.settimeout(1.0)
        taken = wire.pour(line, [call] * 5_000) // len(call)
        assert wire.healthy(stage.url)
        assert taken * size > 50_000_000, "it would have been too little to tell"
        assert resident() - before < 30_000_000


def test_calls_sent_all_at_once_are_answered_in_order(stage: Stage) -> None:
    calls = [wire.head("GET", "/healthz" if n % 2 else "/api/nothing") for n in range(60)]
    with wire.connected(stage.url) as line:
        line.sendall(b"".join(calls) + wire.head("GET", "/healthz", Connection="close"))
        said = wire.rest(line)
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"404", b"200"] * 30 + [b"200"]


def test_connections_that_are_half_closed_hold_nothing(stage: Stage) -> None:
    for _ in range(20):
        with wire.connected(stage.url) as line:
            line.sendall(wire.head("GET", f"/api/projects/{stage.project}/events", stage.token))
            line.shutdown(socket.SHUT_WR)
            wire.rest(line)
    assert wire.healthy(stage.url)
