"""Ids of another project: whoever names one, even its own maker, is answered as if it were made up, and changes nothing there.

Made from the table of calls in tests/unit/edge/server/calls.py, so that a new route is asked about too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import log, people
from goldseam.edge.server import app as server
from goldseam.edge.store import models, promotions, qualification, sheets
from goldseam.edge.store import people as people_rows
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.qualification import Trial, Use
from goldseam.edge.store.sheets import Sheet
from goldseam.testing.clock import FakeClock
from goldseam.vocab.people import AnnotatorId, Role
from tests.unit.edge.server.calls import ITEM, calls
from tests.walk import story
from tests.walk.story import Story

COUNTED = {"number", "name", "old", "new", "position"}
"""What a project counts for itself from 1: number 1 is one's own."""
MADE_UP = "01900000-0000-7000-8000-000000000000"
NO_ITEM = "f" * 32
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,64}")
PEOPLE = {"annotator", "annotators", "person", "people"}
ANEW = {"id": new_id, "until": lambda: "2026-06-01T00:55:00Z"}
"""What is put into each body anew, whatever its row says."""
ENDING = ("/withdraw", "/role")
"""Calls after which there is less to ask about, so that they come last."""


@dataclass(frozen=True)
class Stage:
    """A project of one's own, another one, one person who owns both, and what is theirs in the other."""

    own: Story
    other: Story
    http: TestClient
    ids: dict[str, str]
    token: str
    there: str

    def call(self, key: tuple[str, str], values: dict[str, str], *, at: Story, token: str) -> Any:
        """Make the call of a row with these ids in its path and its body."""
        method, path = key
        row = calls()[key]
        path = path.format(project=at.project.id, **{name: filled(name, one, values) for name, one in row.path.items()})
        body = filled("", row.body, values)
        body = body and {name: ANEW[name]() if name in ANEW else one for name, one in body.items()}
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.request(method, path, params=row.query, json=body, headers=headers)


def filled(name: str, value: Any, values: dict[str, str]) -> Any:
    """Return a value of a row with ids in the places where the row has none that exists."""
    if isinstance(value, dict):
        return {key: filled(key, one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(name, one, values) for one in value]
    if value == "y":  # beside x: two different people
        return values["colleague"]
    if value in ("no-such", "x", ITEM):
        kind = {"items": "item", **dict.fromkeys(PEOPLE, "annotator")}.get(name, name)
        assert kind in values, f"a new kind of id: let made_in make a {kind!r}, so that it can be asked about"
        return values[kind]
    return value


def names_an_id(key: tuple[str, str]) -> bool:
    """Whether a call names anything by an id that is not its own project's."""
    row = calls()[key]
    marks = dict.fromkeys(("assignment", "annotation", "item", "annotator", "colleague", *row.path), "MARK")
    return any(name not in COUNTED for name in row.path) or "MARK" in str(filled("", row.body, marks))


ROWS = sorted((key for key in calls() if names_an_id(key)), key=lambda key: (key[1].endswith(ENDING), key))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("foreign")
    clock = FakeClock(datetime(2026, 6, 1, tzinfo=UTC))
    with story.opened(folder, clock) as world:
        own = story.set_up(world, folder, name="own", n_items=4)
        other = story.set_up(world, folder, name="other", n_items=9)
        both = other.members[Role.OWNER]
        world.store.write(lambda tx: people_rows.set_role(tx, own.project.id, both, Role.OWNER, world.clock.now()))
        token = people.make_token(world, own.project.id, both, "here", None, None)
        http = TestClient(server.make_app(world), raise_server_exceptions=False)
        yield Stage(own, other, http, made_in(other, http, clock), token, other.token(Role.OWNER))


def made_in(other: Story, http: TestClient, clock: FakeClock) -> dict[str, str]:
    """Make one of everything in a project, by its owner, and return the ids."""
    token, guest = other.token(Role.OWNER), other.token(Role.ANNOTATOR)
    at, owner, annotator = f"/api/projects/{other.project.id}", other.members[Role.OWNER], other.members[Role.ANNOTATOR]

    def post(path: str, by: str = token, /, **body: Any) -> Any:
        reply = http.post(at + path, json=body, headers={"Authorization": f"Bearer {by}"})
        assert reply.status_code == 200, f"{path}: {reply.text}"
        return reply.json()

    def made(path: str, **body: Any) -> str:
        name = new_id()
        post(path, id=name, **body)
        return name

    def answer(by: str) -> tuple[str, str]:
        (offer,) = post("/assignments", by, count=1)["assignments"]
        said = {"id": new_id(), "assignment": offer["id"], "token": offer["token"], "seconds": 1.0}
        said |= {"schema_version": 1, "guideline_version": 1, "answers": {"mood": {"kind": "choice", "label": "pos"}}}
        post("/annotations", by, annotations=[said])
        return said["id"], offer["item"]["id"]

    while True:  # the first four items stand in both projects, by their content
        annotation, item = answer(token)
        if item in items_of(http, at, token)[4:]:
            break
    post("/pay/rates", id=new_id(), per="answer", amount=5, currency="EUR", since="2026-01-01T00:00:00Z")
    answer(guest)
    clock.advance(timedelta(minutes=40))
    ids = {
        "annotation": annotation,
        "item": item,
        "thread": post("/comments", id=new_id(), item=item, text="Why?")["thread"],
        "proposal": made("/proposals", about="label", label="pos", text="Praise."),
        "annotator": str(annotator),
        "colleague": str(other.members[Role.MANAGER]),
        "token": http.get(f"{at}/tokens", headers={"Authorization": f"Bearer {token}"}).json()["tokens"][0]["id"],
        "invitation": made("/invitations", role="auditor", days=1),
        "calibration_id": made(
            "/calibrations", title="Irony", choosing="random", n_items=3, people=[str(owner), str(annotator)]
        ),
        "webhook": made("/webhooks", url="https://hooks.example/", events=["round.ended"]),
        "batch": made("/batches", chosen={"next": 1}, annotators=[str(owner)]),
        "statement": made("/pay/statements", person=str(annotator), until="2026-06-01T00:30:00Z"),
    }
    answer(guest)
    clock.advance(timedelta(hours=1))
    made("/rulings", item=item, question="mood", answer={"kind": "choice", "label": "neg"}, reason="")
    ids["dispute"] = made("/disputes", item=item, label="pos", text="It is praise.")
    (offer,) = post("/assignments", count=1)["assignments"]
    return ids | {"assignment": offer["id"]} | kept_in(other, owner, annotator)


def items_of(http: TestClient, at: str, token: str) -> list[str]:
    """The ids of a project's items, in order."""
    found = http.get(f"{at}/items", params={"after": "-1"}, headers={"Authorization": f"Bearer {token}"}).json()
    return [one["id"] for one in found]


def kept_in(other: Story, owner: AnnotatorId, annotator: AnnotatorId) -> dict[str, str]:
    """Keep what would take a school's year to come about by calls."""
    ids = {"trial": new_id(), "promotion_id": new_id(), "model": "a1" * 32, "sheet": new_id()}
    now, project = other.world.clock.now(), other.project.id
    trial = Trial(ids["trial"], owner, "practice", Use.PRACTICE, 1, now, None, None, None)

    def save(tx: Any) -> None:
        qualification.begin(tx, project, trial, 1, "", {0: (0, "")})
        models.save(tx, project, ModelRow(ids["model"], 1, "linear", None, "{}", "", now, Outcome.ASKED))
        promotions.propose(tx, project, ids["promotion_id"], annotator, {}, now)
        sheets.lay(tx, Sheet(ids["sheet"], project, owner, "mood", 0, ids["model"], now, "open", 0), [])

    other.world.store.write(save)
    return ids


def masked(reply: Any) -> tuple[int, str]:
    """Return a reply without the ids that were sent, and without its own."""
    text = reply.text.replace(reply.headers.get("x-request-id", "?"), "?")
    for sent in UUID.findall(f"{reply.request.url} {reply.request.content.decode()}"):
        text = text.replace(sent, "?")
    return reply.status_code, text


def made_up(stage: Stage) -> dict[str, str]:
    """Return ids of the same form that nothing has."""
    return dict.fromkeys(stage.ids, MADE_UP) | {"item": NO_ITEM, "colleague": MADE_UP.replace("7", "8")}


@pytest.mark.parametrize("key", ROWS, ids=" ".join)
def test_an_id_of_another_project_cannot_be_told_from_one_that_is_made_up(stage: Stage, key: tuple[str, str]) -> None:
    before = log.extent(stage.other.world, stage.other.project.id)

    foreign = stage.call(key, stage.ids, at=stage.own, token=stage.token)

    made = stage.call(key, made_up(stage), at=stage.own, token=stage.token)
    assert masked(foreign) == masked(made)
    assert log.extent(stage.other.world, stage.other.project.id) == before, "it changed something there"


@pytest.mark.parametrize("key", ROWS, ids=" ".join)
def test_these_ids_are_real_where_they_belong(stage: Stage, key: tuple[str, str]) -> None:
    made = stage.call(key, made_up(stage), at=stage.other, token=stage.there)
    real = stage.call(key, stage.ids, at=stage.other, token=stage.there)
    assert masked(real) != masked(made), "the test above asked about nothing"
