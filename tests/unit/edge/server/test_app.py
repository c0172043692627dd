"""The app as a whole: where it listens, under which names it answers, what it describes, and who knows FastAPI."""

from __future__ import annotations

import ast
import socket
import threading
from pathlib import Path

import pytest

from goldseam.edge.server import app as server
from goldseam.edge.server import serving
from goldseam.vocab.errors import BadSetting
from tests.conftest import ROOT
from tests.walk import story


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert serving.HOST == "127.0.0.1"


def test_small_replies_are_sent_at_once() -> None:
    # asyncio sets TCP_NODELAY only where the socket's protocol says TCP; without it every call took 40 ms
    with serving.listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with serving.listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(BadSetting, match="--port"):
            serving.listen("127.0.0.1", taken.getsockname()[1])


def test_an_address_that_is_not_this_machines_is_told() -> None:
    with pytest.raises(BadSetting, match=r"192\.0\.2\.1"):
        serving.listen("192.0.2.1", 0)


def test_names_are_checked_on_loopback_and_where_some_are_given() -> None:
    assert serving.names_of("127.0.0.1", ()) == {"127.0.0.1", "localhost", "::1"}
    assert serving.names_of("127.0.0.1", ["labels.example"]) == {"127.0.0.1", "localhost", "::1", "labels.example"}
    assert serving.names_of("0.0.0.0", ()) is None
    named = serving.names_of("10.0.0.1", ["labels.example"])
    assert named is not None
    assert {"labels.example", "10.0.0.1"} <= named


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert serving.address_of("::1", 80) == "http://[::1]:80"


def test_serve_says_where_it_is_and_ends_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[server.Server] = []
    real = server.Server.__init__
    monkeypatch.setattr(server.Server, "__init__", lambda self, *a: (made.append(self), real(self, *a))[1])
    told: list[str] = []
    ready = threading.Event()

    def say(address: str) -> None:
        told.append(address)
        ready.set()

    with story.opened(tmp_path) as world:
        thread = threading.Thread(target=serving.serve, args=(world,), kwargs={"port": 0, "ready": say})
        thread.start()
        assert ready.wait(10)
        port = int(told[0].rsplit(":", 1)[1])
        socket.create_connection(("127.0.0.1", port), 2).close()
        made[0].should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def test_the_description_names_every_body_and_reply(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        described = server.make_app(world).openapi()
    assert described["info"]["title"] == "Goldseam"
    page = described["components"]["schemas"]["ProjectPage"]["properties"]
    assert "schema" in page
    assert "questions" not in page
    for name in ("SignIn", "AnnotationSent", "SkipSent", "RulingSent", "AssignmentsWanted"):
        assert described["components"]["schemas"][name]["additionalProperties"] is False


PLACES = {"fastapi": "server", "starlette": "server", "uvicorn": "server", "pydantic": "server", "httpx": "client"}


def test_a_library_of_the_web_is_known_in_one_place_only() -> None:
    elsewhere, source = [], ROOT / "src" / "goldseam"
    for path in source.rglob("*.py"):
        names = [
            alias.name if isinstance(node, ast.Import) else node.module or ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        known = {name.split(".")[0] for name in names} & PLACES.keys()
        place = path.relative_to(source).parts[:2]
        elsewhere += [f"{path}: {library}" for library in known if place != ("edge", PLACES[library])]
    assert not elsewhere
