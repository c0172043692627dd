"""Bodies that are too large, too long in coming, cut off, or not what they say: refused in our words, and never kept in memory."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import httpx
import pytest

from goldseam.edge.server import guard
from goldseam.vocab.people import Role
from tests.attacks import wire
from tests.walk import story

GIGABYTE = 10**9
PIECE = b" " * 65_536


@dataclass(frozen=True)
class Stage:
    """A server, and a call of it that takes a body."""

    url: str
    token: str
    path: str

    def head(self, **headers: object) -> bytes:
        return wire.head("POST", self.path, self.token, Content_Type="application/json", **headers)

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        said = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        return httpx.post(self.url + self.path, content=body, headers=said, trust_env=False, timeout=20)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("bodies")
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=6)
        with story.serving(world) as url:
            yield Stage(url, made.token(Role.OWNER), f"/api/projects/{made.project.id}/assignments")


@pytest.fixture(autouse=True)
def _stays_healthy(stage: Stage, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert wire.healthy(stage.url)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("headers", "piece"),
    [
        ({"Content_Length": GIGABYTE}, PIECE),
        ({"Transfer_Encoding": "chunked"}, f"{len(PIECE):x}\r\n".encode() + PIECE + b"\r\n"),
    ],
    ids=["announced", "in chunks, without a length"],
)
def test_a_gigabyte_is_refused_while_it_comes_and_hardly_any_of_it_is_taken(
    stage: Stage, headers: dict[str, object], piece: bytes
) -> None:
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(**headers))
        taken = wire.pour(line, repeat(piece, GIGABYTE // len(PIECE)))
        said = wire.rest(line)
    assert taken < 5 * guard.MAX_BODY + 8_000_000  # what this machine's buffers hold is taken by nobody
    assert not said or b" 413 " in said.splitlines()[0]  # a connection that is reset takes the reply with it


def test_a_gigabyte_announced_is_refused_before_it_comes(stage: Stage) -> None:
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(Content_Length=GIGABYTE))
        said = wire.rest(line)
    assert b" 413 " in said.splitlines()[0]
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["type"] == "BadValue"


def test_a_client_that_asks_first_is_told_not_to_send(stage: Stage) -> None:
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(Content_Length=GIGABYTE, Expect="100-continue"))
        assert b" 413 " in wire.rest(line).splitlines()[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Length": "5\r\nContent-Length: 6"},
        {"Content_Length": "+5"},
        {"Content_Length": "0x5"},
        {"Content_Length": "5, 6"},
        {"Transfer_Encoding": "gzip, chunked"},
        {"Transfer_Encoding": "chunked\r\nTransfer-Encoding: identity"},
        {"Bad Name": "x"},
        {"X_Folded": "a\r\n b\r\nContent-Length : 5"},
        {"X_Nul": "a\0b"},
        {"X_Long": "x" * 200_000},
    ],
    ids=lambda headers: str(headers)[:40],
)
def test_a_head_that_can_be_read_in_two_ways_ends_the_connection(stage: Stage, headers: dict[str, object]) -> None:
    with wire.connected(stage.url) as line:
        wire.pour(line, [stage.head(**headers), b"5\r\nhello\r\n0\r\n\r\n", wire.head("GET", "/healthz")])
        said = wire.rest(line)
    assert said.count(b"HTTP/1.1") <= 1
    assert not said or said.split()[1] in {b"400", b"413", b"422", b"431", b"501"}


def test_a_length_beside_chunks_hides_no_second_call(stage: Stage) -> None:
    hidden = wire.head("GET", "/api/me", stage.token)
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(Content_Length=5 + len(hidden), Transfer_Encoding="chunked") + b"0\r\n\r\n" + hidden)
        line.shutdown(socket.SHUT_WR)
        first = wire.rest(line)
    assert first.split()[1:2] != [b"200"]  # the body of the first call is what its chunks say: nothing


@pytest.mark.parametrize("announced", [3, 500], ids=["too short", "too long"])
def test_a_wrong_length_is_no_fault_of_the_server(stage: Stage, announced: int) -> None:
    with wire.connected(stage.url) as line:
        line.sendall(stage.head(Content_Length=announced, Connection="close") + b'{"count": 1}')
        line.shutdown(socket.SHUT_WR)
        said = wire.rest(line)
    assert not said or said.split()[1] in {b"400", b"422"}


def test_clients_that_hang_up_in_the_middle_leave_nothing_behind(stage: Stage) -> None:
    for number in range(40):
        with wire.connected(stage.url) as line:
            line.sendall((stage.head(Content_Length=100) + b'{"count": 1')[: 20 + number * 5])
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end


MALFORMED = [
    b"", b"{", b"nul", b"'a'", b"{}{}", b'{"count": 1,}', b"// x", b'{"count": 1} x', b"[1,]", b'{"count": 01}', b"\xff\xfe",
    b'{"count": "a\nb"}', b"\x00", b'{"count"', b'"', b"\\", b'{"a": "\\x"}', b'{"a": "\\u12"}', b"[" * 30, b"]" * 1_000,
    b'{"count":' * 30, b"1" * 10_000, b"-", b"1e9999", b"true", b"[]", b"null", b'"x"', b"0", b"\xef\xbb\xbf{",
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:12]))
def test_what_is_no_json_of_the_right_form_is_refused_in_our_form(stage: Stage, body: bytes) -> None:
    reply = stage.post(body)
    assert reply.status_code in {400, 422}, reply.text
    assert reply.json()["error"]["type"] == "BadValue"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "",
        "image/svg+xml", "application/json; charset=utf-16", "application/json;" * 200, "a/b/c", "/", "application/", ";",
    ],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused_or_is_json_all_the_same(stage: Stage, kind: str) -> None:
    reply = stage.post(b'{"count": 1, "holding": []}', **{"Content-Type": kind})
    assert reply.status_code == (200 if kind.startswith("application/json;") else 422), reply.text


def test_a_packed_body_is_never_unpacked(stage: Stage) -> None:
    reply = stage.post(gzip.compress(b" " * 10**8), **{"Content-Encoding": "gzip"})
    assert reply.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b'{"count": 99, "holding": [], "count": 1}',
        b'{"count": 1, "co\\u0075nt": 1}',
        b'{"count": 1, "holding": [{"a": 1, "a": 1}]}',
        b'{"count": 1, "holding": [{"a": {}, "a": {}}], "rest": ' + b"9" * 5_000 + b"}",
    ],
    ids=["plain", "as an escape", "deep", "beside a number of 5,000 digits"],
)  # fmt: skip
def test_a_key_that_stands_twice_is_refused(stage: Stage, body: bytes) -> None:
    reply = stage.post(body)
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "BadValue")
    assert "twice" in reply.json()["error"]["message"]


def test_one_key_in_two_objects_and_a_body_that_is_no_json_are_left_to_the_route(stage: Stage) -> None:
    assert stage.post(b'{"count": 1, "holding": [], "admin": {"count": 1}}').status_code == 422
    assert stage.post(b'{"count": 1, "holding": []').status_code == 422
    assert stage.post(b'{"count": 1, "holding": []}').status_code == 200
