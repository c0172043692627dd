"""Every route, every role, one's own project and another: read from the route table, so a new route is asked about too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from goldseam.edge.client import new_id
from goldseam.edge.runner import people
from goldseam.edge.server import app as server
from goldseam.edge.server import security
from goldseam.vocab.people import Act, Role, may
from tests.walk import story
from tests.walk.story import Story

ITEM = "0" * 32


@dataclass(frozen=True)
class Call:
    """One sensible call of a route: the act it is, and what stands in its path, its query and its body."""

    act: Act
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def calls() -> dict[tuple[str, str], Call]:
    """A call for every route of a project; a route without a row here fails."""
    at = "/api/projects/{project}"
    ids = {"assignment": "no-such", "annotation": "no-such"}
    answer = {"kind": "choice", "label": "pos"}
    annotation = {
        "id": new_id(), "assignment": "no-such", "token": "t", "answers": {"mood": answer}, "seconds": 1.5,
        "schema_version": 1, "guideline_version": 1,
    }  # fmt: skip
    ruling = {"id": new_id(), "item": ITEM, "question": "mood", "answer": answer, "reason": ""}
    return {
        ("GET", at): Call(Act.VIEW),
        ("GET", f"{at}/round"): Call(Act.VIEW),
        ("GET", f"{at}/events"): Call(Act.VIEW, query={"once": "true"}),
        ("POST", f"{at}/assignments"): Call(Act.ANNOTATE, body={"count": 1}),
        ("POST", f"{at}/annotations"): Call(Act.ANNOTATE, body={"annotations": [annotation]}),
        ("POST", f"{at}/assignments/{{assignment}}/skip"): Call(
            Act.ANNOTATE, ids, body={"id": new_id(), "token": "t", "reason": ""}
        ),
        ("POST", f"{at}/annotations/{{annotation}}/withdraw"): Call(Act.ANNOTATE, ids, body={"id": new_id()}),
        ("GET", f"{at}/history"): Call(Act.ANNOTATE, query={"limit": "5"}),
        ("GET", f"{at}/reasons"): Call(Act.ANNOTATE),
        ("GET", f"{at}/corrections"): Call(Act.ANNOTATE),
        ("POST", f"{at}/packs"): Call(Act.ANNOTATE, body={"count": 1, "holding": []}),
        ("POST", f"{at}/assignments/{{assignment}}/flag"): Call(
            Act.ANNOTATE, ids, body={"id": new_id(), "reason": "harmful", "note": "See line 2."}
        ),
        ("GET", f"{at}/flagged"): Call(Act.MANAGE, query={"state": "open"}),
        ("POST", f"{at}/flagged/{{item}}/decision"): Call(
            Act.MANAGE, {"item": ITEM}, body={"id": new_id(), "decision": "put_back"}
        ),
        ("GET", f"{at}/items"): Call(Act.MEASURE, query={"after": "-1"}),
        ("GET", f"{at}/items/list"): Call(Act.MEASURE, query={"where": "state=open", "search": "film"}),
        ("GET", f"{at}/items/count"): Call(Act.MEASURE, query={"where": "label=pos"}),
        ("GET", f"{at}/items/facets"): Call(Act.MEASURE),
        ("GET", f"{at}/map"): Call(Act.MEASURE),
        ("GET", f"{at}/annotations"): Call(Act.MEASURE, query={"form": "json"}),
        ("GET", f"{at}/items/{{item}}/media"): Call(Act.VIEW, {"item": ITEM}),
        ("POST", f"{at}/items/{{item}}/outline"): Call(
            Act.ANNOTATE, {"item": ITEM}, body={"left": 0, "top": 0, "right": 4, "bottom": 4}
        ),
        ("GET", f"{at}/quarantine"): Call(Act.MANAGE),
        ("GET", f"{at}/disagreements"): Call(Act.ADJUDICATE),
        ("POST", f"{at}/rulings"): Call(Act.ADJUDICATE, body=ruling),
        ("POST", f"{at}/escalations"): Call(Act.ADJUDICATE, body={"id": new_id(), "item": ITEM}),
        ("POST", f"{at}/comments"): Call(Act.ANNOTATE, body={"id": new_id(), "item": ITEM, "text": "Why?"}),
        ("GET", f"{at}/threads"): Call(Act.ANNOTATE, query={"state": "open"}),
        ("POST", f"{at}/threads/{{thread}}/replies"): Call(
            Act.ADJUDICATE, {"thread": "no-such"}, body={"id": new_id(), "text": "So."}
        ),
        ("POST", f"{at}/threads/{{thread}}/close"): Call(Act.ADJUDICATE, {"thread": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/proposals"): Call(
            Act.ANNOTATE, body={"id": new_id(), "about": "label", "label": "pos", "text": "Praise."}
        ),
        ("GET", f"{at}/proposals"): Call(Act.ANNOTATE),
        ("POST", f"{at}/proposals/{{proposal}}/decision"): Call(
            Act.MANAGE, {"proposal": "no-such"}, body={"id": new_id(), "state": "declined", "reason": "No."}
        ),
        ("POST", f"{at}/disputes"): Call(
            Act.ANNOTATE, body={"id": new_id(), "item": ITEM, "label": "pos", "text": "It is praise."}
        ),
        ("GET", f"{at}/disputes"): Call(Act.ANNOTATE),
        ("POST", f"{at}/disputes/{{dispute}}/decision"): Call(
            Act.ADJUDICATE, {"dispute": "no-such"}, body={"id": new_id(), "state": "upheld", "reason": "So."}
        ),
        ("POST", f"{at}/sheets"): Call(Act.ANNOTATE, body={"id": new_id(), "label": "pos", "count": 2, "holding": []}),
        ("GET", f"{at}/sheets"): Call(Act.ANNOTATE),
        ("POST", f"{at}/sheets/{{sheet}}/close"): Call(Act.ANNOTATE, {"sheet": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/sheets/{{sheet}}/undo"): Call(Act.ANNOTATE, {"sheet": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/suggestions"): Call(
            Act.MANAGE,
            body={
                "id": new_id(),
                "source": "a model",
                "suggestions": [{"item": ITEM, "question": "mood", "answer": answer, "confidence": 0.5}],
            },
        ),
        ("GET", f"{at}/quality"): Call(Act.MEASURE),
        ("GET", f"{at}/certificates"): Call(Act.MEASURE),
        ("GET", f"{at}/models"): Call(Act.MEASURE),
        ("GET", f"{at}/anchoring"): Call(Act.MANAGE),
        ("POST", f"{at}/anchoring/labels"): Call(
            Act.MANAGE, body={"id": new_id(), "label": "pos", "state": "off", "reason": "So."}
        ),
        ("GET", f"{at}/functions"): Call(Act.ADJUDICATE),
        ("GET", f"{at}/functions/{{name}}"): Call(Act.ADJUDICATE, {"name": "praise"}),
        ("POST", f"{at}/models/{{model}}/decision"): Call(
            Act.MANAGE, {"model": "no-such"}, body={"id": new_id(), "decision": "keep"}
        ),
        ("GET", f"{at}/releases"): Call(Act.MEASURE),
        ("GET", f"{at}/releases/{{number}}"): Call(Act.MEASURE, {"number": "1"}),
        ("GET", f"{at}/releases/{{number}}/files/{{name}}"): Call(
            Act.MEASURE, {"number": "1", "name": "manifest.json"}
        ),
        ("GET", f"{at}/releases/{{old}}/diff/{{new}}"): Call(Act.MEASURE, {"old": "1", "new": "2"}),
        ("GET", f"{at}/people"): Call(Act.MANAGE),
        ("POST", f"{at}/people"): Call(
            Act.MANAGE, body={"id": new_id(), "login": "x y", "role": "reviewer", "name": ""}
        ),
        ("POST", f"{at}/people/{{annotator}}/role"): Call(
            Act.MANAGE, {"annotator": "no-such"}, body={"id": new_id(), "role": "none"}
        ),
        ("GET", f"{at}/tokens"): Call(Act.GOVERN),
        ("POST", f"{at}/tokens/{{token}}/revoke"): Call(Act.GOVERN, {"token": "no-such"}),
        ("GET", f"{at}/invitations"): Call(Act.MANAGE),
        ("POST", f"{at}/invitations"): Call(Act.MANAGE, body={"id": new_id(), "role": "auditor", "days": 1}),
        ("POST", f"{at}/invitations/{{invitation}}/revoke"): Call(Act.MANAGE, {"invitation": "no-such"}),
        ("GET", f"{at}/onboarding"): Call(Act.ANNOTATE),
        ("POST", f"{at}/onboarding/guideline"): Call(Act.ANNOTATE, body={"id": new_id(), "guideline_version": 1}),
        ("POST", f"{at}/trials"): Call(Act.ANNOTATE, body={"id": new_id()}),
        ("POST", f"{at}/trials/{{trial}}/answers"): Call(
            Act.ANNOTATE, {"trial": "no-such"}, body={"id": new_id(), "number": 1, "answer": answer, "seconds": 1.0}
        ),
        ("GET", f"{at}/onboarding/team"): Call(Act.MANAGE),
        ("POST", f"{at}/onboarding/team/{{annotator}}"): Call(
            Act.MANAGE, {"annotator": "no-such"}, body={"id": new_id(), "event": "waive"}
        ),
        ("GET", f"{at}/promotions"): Call(Act.MANAGE),
        ("POST", f"{at}/promotions/{{promotion_id}}/decision"): Call(
            Act.MANAGE, {"promotion_id": "no-such"}, body={"id": new_id(), "state": "declined", "reason": "No."}
        ),
        ("GET", f"{at}/own-figures"): Call(Act.ANNOTATE),
        ("GET", f"{at}/items/{{item}}/trace"): Call(Act.MEASURE, {"item": ITEM}),
        ("POST", f"{at}/go-on"): Call(Act.MANAGE),
        ("GET", f"{at}/go-on"): Call(Act.MANAGE),
        ("GET", f"{at}/pay/mine"): Call(Act.ANNOTATE),
        ("GET", f"{at}/pay/rates"): Call(Act.MANAGE),
        ("POST", f"{at}/pay/rates"): Call(
            Act.MANAGE,
            body={"id": new_id(), "per": "answer", "amount": 5, "currency": "EUR", "since": "2026-01-01T00:00:00Z"},
        ),
        ("GET", f"{at}/pay/statements"): Call(Act.MANAGE),
        ("POST", f"{at}/pay/statements"): Call(
            Act.MANAGE, body={"id": new_id(), "person": "no-such", "until": "2026-01-01T00:00:00Z"}
        ),
        ("POST", f"{at}/pay/statements/{{statement}}/events"): Call(
            Act.MANAGE, {"statement": "no-such"}, body={"id": new_id(), "event": "approve"}
        ),
        ("GET", f"{at}/pay/export"): Call(Act.MANAGE),
        ("GET", f"{at}/pay/cost"): Call(Act.MANAGE),
        ("POST", f"{at}/calibrations"): Call(
            Act.MANAGE,
            body={"id": new_id(), "title": "Irony", "choosing": "random", "n_items": 3, "people": ["x", "y"]},
        ),
        ("GET", f"{at}/calibrations"): Call(Act.ANNOTATE),
        ("GET", f"{at}/calibrations/{{calibration_id}}"): Call(Act.ANNOTATE, {"calibration_id": "no-such"}),
        ("POST", f"{at}/calibrations/{{calibration_id}}/answers"): Call(
            Act.ANNOTATE,
            {"calibration_id": "no-such"},
            body={"id": new_id(), "number": 1, "answer": answer, "reason": "", "seconds": 1.0},
        ),
        ("POST", f"{at}/calibrations/{{calibration_id}}/comments"): Call(
            Act.ANNOTATE, {"calibration_id": "no-such"}, body={"id": new_id(), "number": 1, "text": "Why?"}
        ),
        ("POST", f"{at}/calibrations/{{calibration_id}}/agreed"): Call(
            Act.MANAGE, {"calibration_id": "no-such"}, body={"id": new_id(), "number": 1, "label": "pos"}
        ),
        **{
            ("POST", f"{at}/calibrations/{{calibration_id}}/{act}"): Call(
                Act.MANAGE, {"calibration_id": "no-such"}, body={"id": new_id()}
            )
            for act in ("close", "finish", "measure")
        },
        ("POST", f"{at}/capture"): Call(
            Act.CAPTURE, body={"captures": [{"id": new_id(), "model": "v1", "text": "seen", "confidence": 0.4}]}
        ),
        ("GET", f"{at}/webhooks"): Call(Act.MANAGE),
        ("POST", f"{at}/webhooks"): Call(
            Act.MANAGE, body={"id": new_id(), "url": "https://hooks.example/", "events": ["round.ended"]}
        ),
        ("POST", f"{at}/webhooks/{{webhook}}/state"): Call(
            Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id(), "state": "off"}
        ),
        ("POST", f"{at}/webhooks/{{webhook}}/secret"): Call(Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/webhooks/{{webhook}}/ping"): Call(Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id()}),
        ("GET", f"{at}/webhooks/{{webhook}}/deliveries"): Call(Act.MANAGE, {"webhook": "no-such"}),
        ("POST", f"{at}/webhooks/{{webhook}}/deliveries/{{number}}/again"): Call(
            Act.MANAGE, {"webhook": "no-such", "number": "1"}, body={"id": new_id()}
        ),
        ("GET", f"{at}/skills"): Call(Act.MANAGE, query={"limit": "5"}),
        ("GET", f"{at}/skills/own"): Call(Act.ANNOTATE),
        ("POST", f"{at}/skills"): Call(Act.MANAGE, body={"id": new_id(), "annotator": "no-such", "skill": "medical"}),
        ("POST", f"{at}/skills/revoke"): Call(
            Act.MANAGE, body={"id": new_id(), "annotator": "no-such", "skill": "medical"}
        ),
        ("GET", f"{at}/batches"): Call(Act.ANNOTATE),
        ("POST", f"{at}/batches"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"next": 1}, "annotators": ["no-such"]}
        ),
        ("POST", f"{at}/batches/{{batch}}/release"): Call(Act.MANAGE, {"batch": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/priorities"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"items": [ITEM]}, "priority": 1}
        ),
        ("POST", f"{at}/again"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"items": [ITEM]}, "purpose": "audit"}
        ),
        ("POST", f"{at}/leases/extend"): Call(
            Act.ANNOTATE, body={"id": new_id(), "held": [{"assignment": "no-such", "token": "t"}]}
        ),
        ("GET", f"{at}/guideline/versions"): Call(Act.VIEW),
        ("GET", f"{at}/guideline/versions/{{number}}"): Call(Act.VIEW, {"number": "1"}),
        ("POST", f"{at}/guideline/versions"): Call(
            Act.MANAGE, body={"id": new_id(), "based_on": 1, "text": "Irony counts.", "worked_examples": []}
        ),
        ("GET", f"{at}/findings"): Call(Act.MEASURE),
        ("POST", f"{at}/findings/look"): Call(Act.MANAGE),
        ("GET", f"{at}/findings/look"): Call(Act.MANAGE),
        ("POST", f"{at}/findings/relabel"): Call(Act.MANAGE, body={"id": new_id(), "items": [ITEM]}),
        ("GET", f"{at}/settings"): Call(Act.GOVERN),
        ("POST", f"{at}/settings/plan"): Call(Act.GOVERN, body={"text": "name: own"}),
        ("POST", f"{at}/settings"): Call(Act.GOVERN, body={"id": new_id(), "read": "0" * 64, "text": "name: own"}),
        ("GET", f"{at}/ledger"): Call(Act.MEASURE),
        ("GET", f"{at}/ledger/entries"): Call(Act.MEASURE),
        ("GET", f"{at}/ledger/page"): Call(Act.MEASURE, query={"limit": "5"}),
        ("GET", f"{at}/ledger/proof"): Call(Act.MEASURE, query={"position": "0"}),
    }


OPEN = {
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/api/invitations/look"),
    ("POST", "/api/invitations/accept"),
    ("GET", "/api/oidc"),
    ("POST", "/api/oidc"),
    ("GET", "/api/oidc/callback"),
    ("POST", "/api/oidc/end"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/{path:path}"),
    ("HEAD", "/{path:path}"),
}
SIGNED_IN = {("GET", "/api/me"), ("GET", "/api/projects"), ("GET", "/api/me/tokens")}
ONESELF = {
    ("POST", "/api/me/tokens"),
    ("POST", "/api/me/tokens/{token}/revoke"),
    ("POST", "/api/me/invitations"),
    ("POST", "/api/me/password"),
    ("POST", "/api/me/oidc"),
    ("GET", "/api/incoming"),
    ("POST", "/api/incoming/{incoming}/pieces"),
    ("POST", "/api/incoming/{incoming}/look"),
    ("POST", "/api/projects"),
    ("POST", "/api/guideline"),
}
"""Acts on what is one's own; tests/walk/test_sign_in.py asks who may, tests/walk/test_creating.py who makes projects."""
ACT_OF = {one(act): act for act in Act for one in (security.permitted, security.believed)}
ROUTES = [route for module in server.ROUTERS for route in module.router.routes if isinstance(route, APIRoute)]
OF_PROJECTS = [(method, route) for route in ROUTES if "{project}" in route.path for method in sorted(route.methods)]


def table(app: FastAPI) -> list[APIRoute]:
    """Every route that the app answers, whether it was included or added."""
    found = []
    for one in app.routes:
        inside = getattr(one, "original_router", None)
        found += inside.routes if inside is not None else [one]
    return [route for route in found if isinstance(route, APIRoute)]


def acts_of(route: APIRoute) -> list[Act]:
    """The acts that a route names by its dependencies."""
    return [ACT_OF[found.call] for found in route.dependant.dependencies if found.call in ACT_OF]


def needs_caller(route: APIRoute) -> bool:
    return any(found.call is security.principal_of for found in route.dependant.dependencies)


def undeclared(routes: list[APIRoute]) -> list[str]:
    """The routes that do not say who may call them."""
    wrong = []
    for route in routes:
        keys = {(method, route.path) for method in route.methods}
        if "{project}" in route.path:
            fine = len(acts_of(route)) == 1
        else:
            fine = needs_caller(route) if keys <= SIGNED_IN | ONESELF else keys <= OPEN
        if not fine:
            wrong.append(f"{sorted(route.methods)} {route.path}")
    return wrong


@dataclass(frozen=True)
class Stage:
    """Two projects with nobody in common, and a way to call."""

    own: Story
    other: Story
    app: FastAPI
    http: TestClient
    tokens: dict[Role, str]

    def call(self, method: str, path: str, project: str, *, token: str | None, call: Call | None = None) -> Any:
        call = call or calls()[method, path]
        headers = {"X-Goldseam": "1"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self.http.request(
            method, path.format(project=project, **call.path), params=call.query, json=call.body, headers=headers
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("permissions")
    with story.opened(folder) as world:
        own = story.set_up(world, folder, name="own", n_items=6)
        other = story.set_up(world, folder, name="other", n_items=6)
        app = server.make_app(world)
        http = TestClient(app, raise_server_exceptions=False)
        yield Stage(own, other, app, http, {role: own.token(role) for role in Role})


def name_of(value: object) -> str | None:
    return f"{value[0]} {value[1].path}" if isinstance(value, tuple) else None


def test_every_route_says_who_may_call_it(stage: Stage) -> None:
    routes = table(stage.app)
    served = {path for path in stage.app.openapi()["paths"] if "{project}" in path}
    assert served == {route.path for _, route in OF_PROJECTS} <= {route.path for route in routes}
    assert not undeclared(routes)


def test_a_route_that_says_nothing_is_found() -> None:
    router = APIRouter()

    @router.get("/api/projects/{project}/secrets")
    def secrets(project: str) -> str:
        return project

    assert undeclared([route for route in router.routes if isinstance(route, APIRoute)])


def test_every_route_of_a_project_is_asked_about_here() -> None:
    assert {(method, route.path) for method, route in OF_PROJECTS} == set(calls())


def test_every_route_names_the_act_that_it_is() -> None:
    # written down here once more, so that a right cannot be widened by one word in a route
    assert {(method, route.path): acts_of(route) for method, route in OF_PROJECTS} == {
        key: [call.act] for key, call in calls().items()
    }


@pytest.mark.parametrize("case", OF_PROJECTS, ids=name_of)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_in_its_project_what_the_table_says_and_nothing_else(stage: Stage, case: Any, role: Role) -> None:
    method, route = case
    reply = stage.call(method, route.path, stage.own.project.id, token=stage.tokens[role])
    said = reply.json()["error"]["type"] if reply.status_code >= 400 else ""
    if may(role, acts_of(route)[0]):
        assert said not in {"NotAllowed", "NotSignedIn"}
        assert "no such project" not in reply.text
        assert reply.status_code < 500, reply.text
    else:
        assert (reply.status_code, said) == (403, "NotAllowed")


@pytest.mark.parametrize("case", OF_PROJECTS, ids=name_of)
@pytest.mark.parametrize("role", Role)
def test_a_foreign_project_cannot_be_told_from_one_that_is_not_there(stage: Stage, case: Any, role: Role) -> None:
    method, route = case
    replies = []
    for project in (stage.other.project.id, "00000000-0000-7000-8000-000000000000"):
        reply = stage.call(method, route.path, project, token=stage.tokens[role])
        assert reply.status_code == 404
        replies.append(reply.text.replace(project, "?"))
    assert replies[0] == replies[1]


@pytest.mark.parametrize("case", OF_PROJECTS, ids=name_of)
@pytest.mark.parametrize("token", [None, "made-up"], ids=["nothing", "a made-up token"])
def test_nobody_gets_in_without_signing_in(stage: Stage, case: Any, token: str | None) -> None:
    method, route = case
    reply = stage.call(method, route.path, stage.own.project.id, token=token)
    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "NotSignedIn"


@pytest.mark.parametrize(("method", "path"), sorted(SIGNED_IN))
def test_the_lists_are_for_those_who_signed_in_and_name_only_their_projects(
    stage: Stage, method: str, path: str
) -> None:
    assert stage.http.request(method, path).status_code == 401
    reply = stage.http.request(method, path, headers={"Authorization": f"Bearer {stage.tokens[Role.ANNOTATOR]}"})
    assert stage.own.project.id in reply.text
    assert stage.other.project.id not in reply.text


def test_only_who_may_claim_leases_an_item_by_its_id(stage: Stage) -> None:
    for role in Role:
        call = Call(Act.CLAIM, body={"items": [ITEM]})
        reply = stage.call(
            "POST", "/api/projects/{project}/assignments", stage.own.project.id, token=stage.tokens[role], call=call
        )
        assert reply.status_code == (200 if may(role, Act.CLAIM) else 403), role


def test_a_token_does_no_more_than_it_was_made_for(stage: Stage) -> None:
    world, project = stage.own.world, stage.own.project.id
    owner = stage.own.members[Role.OWNER]
    token = people.make_token(world, project, owner, "reads only", frozenset({Act.VIEW}), 1)
    page = stage.call("GET", "/api/projects/{project}", project, token=token)
    assert page.json()["acts"] == ["view"]
    for method, route in OF_PROJECTS:
        reply = stage.call(method, route.path, project, token=token)
        assert (reply.status_code == 403) == (acts_of(route)[0] is not Act.VIEW), route.path


def test_a_token_of_one_project_opens_no_other_of_the_same_person(stage: Stage) -> None:
    world = stage.own.world
    people.add_person(world, stage.own.project.id, "test", "both", Role.ANNOTATOR)
    guest, _ = people.add_person(world, stage.other.project.id, "test", "both", Role.ANNOTATOR)
    token = people.make_token(world, stage.own.project.id, guest.id, "own", None, 1)
    fresh = people.make_token(world, stage.other.project.id, guest.id, "other", None, 1)
    try:
        path = "/api/projects/{project}"
        assert stage.call("GET", path, stage.other.project.id, token=token).status_code == 404
        assert stage.call("GET", path, stage.other.project.id, token=fresh).status_code == 200
    finally:
        people.grant(world, stage.other.project.id, "test", "both", None)
    assert stage.call("GET", path, stage.other.project.id, token=fresh).status_code == 401, "it ended with the role"


def test_figures_about_people_are_for_those_who_may_measure(stage: Stage) -> None:
    for role in Role:
        reply = stage.call("GET", "/api/projects/{project}/round", stage.own.project.id, token=stage.tokens[role])
        if not may(role, Act.MEASURE):
            assert reply.json()["quality"] is None
            assert reply.json()["gate"] is None
