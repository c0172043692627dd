"""Values that break servers behind a good form: NUL, half characters, numbers without end, odd paths; on both databases.

Every one is refused in our words, or taken; none is a fault of the server, and all leave it able to answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.server.app import make_app
from goldseam.vocab.people import Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.story import Story

__all__ = ["postgres"]
TEXTS = {
    "NUL": r"a\u0000b",
    "half a pair": r"\ud800",
    "the other half": r"\udc00",
    "two halves the wrong way round": r"\udc00\ud800",
    "a half and a letter": r"\ud83dx",
    "a half after a backslash": r"\\\ud800",
}
FINE = {"a whole pair": r"\ud83d\ude00", "a backslash and a word": r"\\ud800 \\u0000", "the last character": r"\uffff"}
NUMBERS = ["1e400", "NaN", "Infinity", "-Infinity", "1.5", "true", "null", "[]", "-1", "1" + "0" * 400, "1" * 5_000]


@dataclass(frozen=True)
class Stage:
    """A project and its owner, who may do everything."""

    story: Story
    http: TestClient

    def send(self, path: str, body: str | bytes, kind: str = "application/json") -> Any:
        data = body.encode() if isinstance(body, str) else body
        return self.http.post(
            f"/api/projects/{self.story.project.id}{path}", content=data, headers={"Content-Type": kind}
        )

    def leased(self) -> dict[str, Any]:
        """An annotation of an item that the caller holds."""
        (one,) = self.send("/assignments", '{"count": 1, "holding": []}').json()["assignments"]
        return {
            "id": new_id(), "assignment": one["id"], "token": one["token"], "seconds": 1.0, "schema_version": 1,
            "guideline_version": 1, "answers": {"mood": {"kind": "choice", "label": "pos"}},
        }  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stage(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgresql":
            patch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
        with story.opened(folder) as world:
            made = story.set_up(world, folder, n_items=12)
            headers = {"Authorization": f"Bearer {made.token(Role.OWNER)}"}
            yield Stage(made, TestClient(make_app(world), headers=headers, raise_server_exceptions=False))


def fine(reply: Any) -> None:
    """It is a reply on purpose."""
    assert reply.status_code < 500, reply.text
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("place", ["a value", "a key", "an id", "a reason", "an answer", "the kind", "a question"])
def test_what_is_no_text_is_refused_wherever_it_stands(stage: Stage, what: str, place: str) -> None:
    text = TEXTS[what]
    body = {
        "a value": ("/assignments", f'{{"count": "{text}"}}'),
        "a key": ("/assignments", f'{{"{text}": 1}}'),
        "an id": ("/assignments/x/skip", f'{{"id": "{new_id()}", "token": "{text}", "reason": ""}}'),
        "a reason": ("/assignments/x/skip", f'{{"id": "{new_id()}", "token": "t", "reason": "{text}"}}'),
        "an answer": ("/annotations", _annotation(f'{{"kind": "text", "text": "{text}"}}')),
        "the kind": ("/annotations", _annotation(f'{{"kind": "{text}"}}')),
        "a question": ("/annotations", _annotation('{"kind": "choice", "label": "pos"}', text)),
    }[place]
    reply = stage.send(*body)
    assert reply.status_code == 422, reply.text
    assert reply.json()["error"]["type"] == "BadValue"


@pytest.mark.parametrize("what", FINE)
def test_a_text_that_only_looks_broken_is_taken(stage: Stage, what: str) -> None:
    given = stage.leased() | {"answers": {"mood": {"kind": "abstain", "reason": "REASON"}}}
    reply = stage.send("/annotations", json.dumps({"annotations": [given]}).replace("REASON", FINE[what]))
    assert reply.json()["results"][0]["status"] == "saved", reply.text


def _annotation(answer: str, question: str = "mood") -> str:
    return (
        f'{{"annotations": [{{"id": "{new_id()}", "assignment": "x", "token": "t", "seconds": 1, "schema_version": 1, '
        f'"guideline_version": 1, "answers": {{"{question}": {answer}}}}}]}}'
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "surrogates"])
def test_only_utf8_is_json(stage: Stage, encoding: str) -> None:
    text = json.dumps({"id": new_id(), "token": "\u00e9", "reason": ""}, ensure_ascii=False)
    body = (
        text.replace("\u00e9", "\ud800").encode("utf-8", "surrogatepass")
        if encoding == "surrogates"
        else text.encode(encoding)
    )
    reply = stage.send("/assignments/x/skip", body)
    assert reply.status_code == 422, reply.text


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:9])
@pytest.mark.parametrize("field", ["seconds", "schema_version", "guideline_version", "count", "value", "start", "x"])
def test_a_number_of_any_size_is_a_number_or_is_refused(stage: Stage, number: str, field: str) -> None:
    answers = {
        "value": {"kind": "rating", "value": "N"},
        "start": {"kind": "span", "spans": [{"start": "N", "end": 5, "label": "pos"}]},
        "x": {"kind": "box", "boxes": [{"x": "N", "y": 0, "width": 1, "height": 1, "label": "pos"}]},
    }
    if field == "count":
        reply = stage.send("/assignments", f'{{"count": {number}}}')
    else:
        given = stage.leased() | ({field: "N"} if field not in answers else {"answers": {"mood": answers[field]}})
        reply = stage.send("/annotations", json.dumps({"annotations": [given]}).replace('"N"', number))
        if reply.status_code == 200 and (field in answers or number != "1.5"):
            assert reply.json()["results"][0]["status"] == "refused", reply.text
    fine(reply)


@pytest.mark.parametrize(
    "value", ["-2", "0", str(2**53 + 1), "9" * 30, "9" * 5_000, "1.5", "x", "", "%00", "1%00", "\u0661"]
)
@pytest.mark.parametrize(
    "path", ["/history?limit=", "/items?limit=", "/items?after=", "/ledger/proof?position=", "/ledger/entries?after="]
)
def test_a_limit_out_of_range_is_refused(stage: Stage, path: str, value: str) -> None:
    reply = stage.http.get(f"/api/projects/{stage.story.project.id}{path}{value}")
    fine(reply)
    assert reply.status_code in ({404, 409} if (path.startswith("/ledger/proof"), value) == (True, "0") else {422, 200})
    assert reply.status_code == 422 or (value, "limit" in path) == ("0", False)


@pytest.mark.parametrize(
    "path",
    [
        "/api/projects/%00", "/api/projects/a%00b/round", "/api/projects/%ff%fe", "/api/projects/%ED%A0%80",
        "/api/projects/..", "/api/projects/%2e%2e%2fme", "/api/projects/%252e%252e", "/api/projects/" + "a" * 5_000,
        "/api/projects/{p}/items/%00/media", "/api/projects/{p}/items/..%2f..%2fetc%2fpasswd/media",
        "/api/projects/{p}/releases/1/files/%2e%2e%2fgoldseam.yaml", "/api/projects/{p}/releases/1/files/a%00",
        "/api/projects/{p}/releases/99999999999999999999", "/api/projects/{p}/releases/-1",
        "/api/projects/{p}/releases/2147483648", "/api/projects/{p}/releases/1/diff/2147483648",
        "/api//projects", "/api/projects/{p}/", "//api/me", "/api/projects/{p};x=1", "/api/projects/'--", "/%00", "/a%00b",
    ],
)  # fmt: skip
def test_an_odd_path_leads_nowhere(stage: Stage, path: str) -> None:
    reply = stage.http.get(path.replace("{p}", stage.story.project.id))
    if path.startswith("/api"):
        fine(reply)
        assert reply.status_code in {404, 422}
    else:
        assert reply.status_code in {200, 404, 422, 503}  # the page, or that it was not compiled
        assert "goldseam.yaml" not in reply.text


@pytest.mark.parametrize("path", ["/assignments/a%00b/skip", "/annotations/a%00b/withdraw"])
def test_a_nul_in_an_id_of_a_path_is_refused(stage: Stage, path: str) -> None:
    reply = stage.send(path, json.dumps({"id": new_id(), "token": "t"} if "skip" in path else {"id": new_id()}))
    assert reply.status_code == 422, reply.text


def test_nothing_of_all_this_hurt_the_log_or_the_queue(stage: Stage) -> None:
    given = stage.leased()
    reply = stage.send("/annotations", json.dumps({"annotations": [given]}))
    assert reply.json()["results"][0]["status"] == "saved"
    assert stage.http.get("/healthz").status_code == 200
