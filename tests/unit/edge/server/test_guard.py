"""The guard: limits before a route sees a call, headers on every reply, and a log that holds no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.testclient import TestClient

from goldseam.edge.server import errors, guard, security
from goldseam.edge.server.guard import Guard
from goldseam.edge.server.shown import STYLE_HASH
from goldseam.vocab.errors import GoldseamError, StoreFailed, Tampered

OURS = {"X-Goldseam": "1"}


def client(names: frozenset[str] | None = None, raises: BaseException | None = None) -> TestClient:
    app = FastAPI(openapi_url=None)
    app.add_middleware(Guard, names=names)
    errors.install(app)

    @app.post("/api/echo")
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    @app.get("/api/fails")
    def fails() -> None:
        assert raises is not None
        raise raises

    @app.get("/page")
    def page() -> PlainTextResponse:
        return PlainTextResponse("page")

    return TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False)


def type_of(reply: object) -> str:
    found: str = reply.json()["error"]["type"]  # type: ignore[attr-defined]  # plain values
    return found


@pytest.mark.parametrize("path", ["/page", "/api/nothing", "/api/fails"])
def test_every_reply_carries_the_headers_that_tie_a_browser_down(path: str) -> None:
    reply = client(raises=RuntimeError("x")).get(path)
    assert reply.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' "
        + STYLE_HASH
        + "; img-src 'self' blob: data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert len(reply.headers["x-request-id"]) == 32
    assert reply.headers.get("cache-control") == ("no-store" if path.startswith("/api") else None)


def test_a_body_of_two_megabytes_passes_and_one_byte_more_does_not() -> None:
    here = client()
    assert here.post("/api/echo", content=b" " * guard.MAX_BODY, headers=OURS).text == str(guard.MAX_BODY)
    reply = here.post("/api/echo", content=b" " * (guard.MAX_BODY + 1), headers=OURS)
    assert reply.status_code == 413
    assert type_of(reply) == "BadValue"


def test_a_body_that_hides_its_length_is_cut_off_while_it_comes() -> None:
    taken = 0

    def chunks() -> object:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b" " * 100_000

    reply = client().post("/api/echo", content=chunks(), headers=OURS)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert reply.status_code == 413


@pytest.mark.parametrize("said", ["-1", "1e3", "99999999999999999999999", "٣"])
def test_a_length_that_is_no_length_is_refused(said: str) -> None:
    reply = client().post("/api/echo", content=b"{}", headers={**OURS, "content-length": said.encode("utf-8")})  # type: ignore[dict-item]  # options by name
    assert reply.status_code == 413


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40, b"[]" * 40 + b"[" * 33])
def test_a_deep_body_is_refused(body: bytes) -> None:
    reply = client().post("/api/echo", content=body, headers=OURS)
    assert reply.status_code == 422
    assert "deeper" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "value", [["[" * 500], {"a": '"[[[[\\"' * 30}, [[i] for i in range(1_000)]], ids=["text", "escapes", "wide"]
)
def test_brackets_in_texts_and_side_by_side_are_not_depth(value: object) -> None:
    assert client().post("/api/echo", content=json.dumps(value).encode(), headers=OURS).status_code == 200


def test_a_body_that_does_not_come_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    sent: list[dict[str, object]] = []

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        raise AssertionError

    async def keep(message: object) -> None:
        sent.append(message)  # type: ignore[arg-type]  # plain values do where the hint is narrower

    scope = {
        "type": "http", "method": "POST", "path": "/api/echo", "headers": [(b"x-goldseam", b"1"), (b"content-length", b"5")],
        "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2),
    }  # fmt: skip
    asyncio.run(client().app(scope, never, keep))  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert sent[0]["status"] == 408


FOREIGN = [
    {},
    {"X-Goldseam": "0"},
    {"X-Goldseam": "1", "Origin": "https://evil.example"},
    {"X-Goldseam": "1", "Origin": "null"},
    {"X-Goldseam": "1", "Origin": "http://127.0.0.1:9999"},
    {"X-Goldseam": "1", "Origin": "http://127.0.0.1:8765.evil.example"},
    {"X-Goldseam": "1", "Sec-Fetch-Site": "cross-site"},
    {"X-Goldseam": "1", "Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_call_that_another_page_could_have_made_changes_nothing(method: str, headers: dict[str, str]) -> None:
    reply = client().request(method, "/api/echo", headers=headers)
    assert reply.status_code == 403
    assert type_of(reply) == "NotAllowed"


@pytest.mark.parametrize(
    "headers",
    [OURS, {**OURS, "Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"}, {"Authorization": "Bearer x"}],
    ids=str,
)
def test_our_page_and_token_holders_may_call(headers: dict[str, str]) -> None:
    assert client().post("/api/echo", content=b"{}", headers=headers).status_code == 200


def test_a_name_that_somebody_else_points_at_this_machine_gets_nothing() -> None:
    here = client(names=frozenset(security.LOOPBACK))
    assert here.get("/page", headers={"Host": "evil.example:8765"}).status_code == 403
    for name in ("127.0.0.1:8765", "localhost", "[::1]:8765"):
        assert here.get("/page", headers={"Host": name}).status_code == 200


def test_what_was_not_on_purpose_is_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="goldseam.server"):
        reply = client(raises=RuntimeError("secret inside")).get("/api/fails")
    assert reply.status_code == 500
    assert type_of(reply) == "Unexpected"
    assert "secret inside" not in reply.text
    assert "Traceback" not in reply.text
    assert reply.headers["x-request-id"] in reply.text
    assert reply.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize(
    ("make", "status", "shown"),
    [
        (lambda: StoreFailed("Could not write /var/lib/x."), 503, "under"),
        (lambda: Tampered("Row 3 is not what was signed.", findings=["row 3"]), 500, "Row 3"),
    ],
)
def test_the_machines_paths_stay_in_its_log(make: Callable[[], GoldseamError], status: int, shown: str) -> None:
    reply = client(raises=make()).get("/api/fails")
    assert reply.status_code == status
    assert "/var/lib" not in reply.text
    assert shown in reply.json()["error"]["message"]


def test_the_log_has_one_line_a_call_and_neither_query_nor_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="goldseam.server"):
        headers = {"Authorization": "Bearer s3cret-token", "Cookie": f"{security.COOKIE}=s3cret-cookie"}
        client().post("/api/echo?password=s3cret-query", content=b"s3cret-body", headers=headers)
        client().get("/page%0aforged%20line%1b[31m")
    assert "s3cret" not in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.name == "goldseam.server"]
    assert len(lines) == 2
    assert "POST /api/echo 200" in lines[0]
    assert all(line.isprintable() for line in lines)
