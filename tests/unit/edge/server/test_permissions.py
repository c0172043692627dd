"""Every route, every role, one's own project and another: read from the route table, so a new route is asked about too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from goldseam.edge.runner import people
from goldseam.edge.server import app as server
from goldseam.edge.server import security
from goldseam.vocab.people import Act, Role, may
from tests.unit.edge.server.calls import ITEM, ONESELF, OPEN, SIGNED_IN, Call, calls
from tests.walk import story
from tests.walk.story import Story

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
