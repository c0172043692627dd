"""The page's files are found by their exact names, cached by what they are, and nothing else is ever sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from goldseam.edge.server import page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "page"
    (made / "_app" / "immutable").mkdir(parents=True)
    (made / "index.html").write_text("<!doctype html><title>Goldseam</title>")
    (made / "_app" / "immutable" / "start.abc.js").write_text("let x = 1;\n" * 500)
    (made / "theme.js").write_text("// theme")
    (made / ".hidden").write_text("secret")
    (tmp_path / "beside.txt").write_text("secret")
    return made


def client(folder: Path) -> TestClient:
    app = FastAPI(openapi_url=None)
    files = page.read(folder)

    async def show(request: Request) -> Response:
        return page.reply(files, request)

    app.add_api_route("/{path:path}", show, methods=["GET", "HEAD"])
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/p/abc/annotate", "/index.html", "/unknown.txt"])
def test_addresses_that_only_the_page_knows_get_its_first_file(folder: Path, path: str) -> None:
    reply = client(folder).get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert "<title>Goldseam" in reply.text


def test_files_named_by_their_content_are_kept_forever(folder: Path) -> None:
    reply = client(folder).get("/_app/immutable/start.abc.js", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.text == "let x = 1;\n" * 500


@pytest.mark.parametrize(
    ("taken", "sent"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=1.0, gzip", "br"), ("identity", None), ("brr", None)],
)
def test_a_file_comes_in_the_smallest_form_that_the_browser_takes(folder: Path, taken: str, sent: str | None) -> None:
    brotli = b"the brotli form"
    (folder / "_app" / "immutable" / "start.abc.js.br").write_bytes(brotli)
    with client(folder).stream("GET", "/_app/immutable/start.abc.js", headers={"Accept-Encoding": taken}) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers.get("content-encoding") == sent
    assert reply.headers["vary"] == "Accept-Encoding"
    assert (raw == brotli) == (sent == "br")


def test_a_brotli_form_has_no_address_of_its_own(folder: Path) -> None:
    (folder / "_app" / "immutable" / "start.abc.js.br").write_bytes(b"the brotli form")
    assert client(folder).get("/_app/immutable/start.abc.js.br").status_code == 404


def test_a_file_that_the_browser_has_is_not_sent_again(folder: Path) -> None:
    here = client(folder)
    tag = here.get("/theme.js").headers["etag"]
    again = here.get("/theme.js", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""


def test_a_file_of_an_older_build_is_missing_rather_than_another(folder: Path) -> None:
    assert client(folder).get("/_app/immutable/old.js").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/../beside.txt", "/%2e%2e/beside.txt", "/..%2fbeside.txt", "/.hidden", "/_app/../../beside.txt", "//beside.txt"],
)
def test_nothing_outside_of_the_folder_is_sent(folder: Path, path: str) -> None:
    assert "secret" not in client(folder).get(path).text


def test_a_page_that_was_not_compiled_says_so(tmp_path: Path) -> None:
    reply = client(tmp_path / "none").get("/")
    assert reply.status_code == 503
    assert reply.headers["content-type"].startswith("text/plain")
    assert "not compiled" in reply.text


def test_the_compiled_page_holds_nothing_that_our_own_policy_refuses() -> None:
    files = page.read()
    if not files:
        pytest.skip("the page is not compiled; compile it with: make page")
    html = files[page.FIRST].data.decode()
    assert re.search(r"<script\b", html)
    assert not re.search(r"<script(?![^>]*\bsrc=\"/)[^>]*>", html), "a script inside the page"
    assert not re.search(r"<style\b|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", html)
