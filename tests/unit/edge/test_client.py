"""The client sends again what is safe to send again, with the same ids, and says clearly when nobody answers."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.client import connection as module
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadValue, NotSignedIn, OperatorError, TooManyTries


class Scripted(http.server.ThreadingHTTPServer):
    """A server that answers by a script, one line per call, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self, script: list[tuple[int, Any]]) -> None:
        self.script = script
        self.bodies: list[Any] = []
        self.headers_seen: list[dict[str, str]] = []
        self.connections: set[Any] = set()
        super().__init__(("127.0.0.1", 0), Replies)


class Replies(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.bodies.append(json.loads(raw) if raw else None)
        self.server.headers_seen.append(dict(self.headers))
        self.server.connections.add(self.client_address)
        status, body = self.server.script.pop(0)
        if status == 0:  # the line goes dead before a reply
            self.close_connection = True
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.001)
    started: list[Scripted] = []

    def start(*script: tuple[int, Any]) -> tuple[Scripted, Client]:
        server = Scripted(list(script))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        started.append(server)
        return server, Client(f"http://127.0.0.1:{server.server_address[1]}", token="t0ken")

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def a_submission() -> Submission:
    return Submission(new_id(), "a", "t", {"mood": Choice(LabelName("pos"))}, 1.0, 1, 1)  # type: ignore[arg-type,dict-item]  # ids and versions as plain values


def saved(one: Submission) -> dict[str, Any]:
    return {"results": [{"id": one.id, "status": "saved", "error": None}]}


def test_a_lost_reply_is_asked_for_again_with_the_same_ids(scripted: Any) -> None:
    one = a_submission()
    server, client = scripted((0, None), (503, {"error": {}}), (200, saved(one)))
    (outcome,) = client.submit("p", [one])
    assert outcome.status == "saved"
    assert len(server.bodies) == 3
    assert {body["annotations"][0]["id"] for body in server.bodies} == {one.id}


def test_a_refusal_is_not_repeated(scripted: Any) -> None:
    error = {"type": "BadAnswer", "message": "No label 'x'.", "fields": {"label": "x", "message": "odd"}}
    server, client = scripted((422, {"error": error}))
    with pytest.raises(BadAnswer, match="No label") as raised:
        client.submit("p", [a_submission()])
    assert raised.value.fields == {"label": "x"}
    assert len(server.bodies) == 1


def test_a_sign_in_is_tried_once(scripted: Any) -> None:
    server, client = scripted((429, {"error": {"type": "TooManyTries", "message": "Wait.", "fields": {}}}))
    with pytest.raises(TooManyTries):
        client.sign_in("ann", "x")
    assert len(server.bodies) == 1


def test_nobody_there_is_said_clearly() -> None:
    with (
        Client("http://127.0.0.1:9", tries=2) as client,
        pytest.raises(OperatorError, match=r"127\.0\.0\.1:9 cannot be reached"),
    ):
        client.projects()


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b""])
def test_a_server_that_is_not_goldseam_is_recognised(scripted: Any, body: bytes) -> None:
    _, client = scripted((200, body))
    with pytest.raises(OperatorError, match="is it Goldseam"):
        client.projects()


@pytest.mark.parametrize("said", [None, [], "x", {"error": "x"}, {"error": {"type": "os.system", "message": "x"}}])
def test_an_error_in_another_form_is_an_error_still(scripted: Any, said: Any) -> None:
    _, client = scripted((400, said))
    with pytest.raises((OperatorError, BadValue)):
        client.projects()


def test_many_tokens_share_the_connections_and_never_each_others_name(scripted: Any) -> None:
    refusal = {"error": {"type": "NotSignedIn", "message": "x", "fields": {}}}
    server, client = scripted(*[(401, refusal)] * 4)
    for token in ("a", "b", "c"):
        with pytest.raises(NotSignedIn):
            client.with_token(token).me()
    with pytest.raises(NotSignedIn):
        client.me()
    assert [seen["Authorization"] for seen in server.headers_seen] == [
        "Bearer a",
        "Bearer b",
        "Bearer c",
        "Bearer t0ken",
    ]
    assert len(server.connections) == 1


def test_more_than_a_hundred_answers_go_in_several_calls(scripted: Any) -> None:
    many = [a_submission() for _ in range(230)]
    parts = [many[:100], many[100:200], many[200:]]
    server, client = scripted(*[(200, {"results": [saved(one)["results"][0] for one in part]}) for part in parts])
    assert [outcome.id for outcome in client.submit("p", many)] == [one.id for one in many]
    assert [len(body["annotations"]) for body in server.bodies] == [100, 100, 30]


def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    ids = [new_id() for _ in range(200)]
    assert len(set(ids)) == 200
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in ids)
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


def test_secrets_do_not_show_when_a_record_is_printed() -> None:
    assert "t0ken" not in repr(Submission("i", "a", "t0ken", {}, 1.0, 1, 1))  # type: ignore[arg-type]  # ids and versions as plain values
    assert "t0ken" not in repr(Client("http://127.0.0.1:9", token="t0ken"))
