"""The whole OpenAPI document, call by call, with values made up from it and against it, by an owner, an annotator and nobody.

What must hold of every reply: no fault of the server, a status, a form and a content type that the document names.

Two things would be sent again and again without a new answer, and took four fifths of the time. The owner, who gets furthest,
sends every case; the others, whom the same code meets and mostly sends away before it looks at a body, send one in four. And
the twenty kinds of answer, a thousand cases, are sent whole in one call (a ruling); the other calls that read an answer with
the same type send the first two kinds.

A call's cases are made when it is its turn, as schemathesis makes them for `parametrize`, which does so for all calls while
tests are collected: that took every worker a minute before its first test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import NegativeDataRejectionConfig
from schemathesis.config._phases import CoveragePhaseConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi import checks

from goldseam.edge.server.app import make_app
from goldseam.vocab.people import Role
from tests.unit.edge.server.calls import OPEN
from tests.walk import story

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
REFUSING = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""What may come of a body that the document does not allow: 413, as lists beyond their bounds can be too large to read."""
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(allow_x00=True, codec="utf-8", with_security_parameters=False),
            phases=PhasesConfig(coverage=CoveragePhaseConfig(unexpected_methods={"put", "patch", "delete", "trace"})),
            checks=ChecksConfig(negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=REFUSING)),
        )
    )
)
DOCUMENT = make_app(cast("Any", None)).openapi()
EXAMPLES = 12
EVERY = 4
"""The owner sends every case, the others one in so many."""
WHOLE = "RulingSent"
"""The body that is asked about with every kind of answer."""
KINDS = 10
"""What names more kinds than this is an answer."""


def references(value: object) -> set[str]:
    """Return the names of the schemas that this part of the document points to."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"].rsplit("/", 1)[1]} if "$ref" in value else set()
    return own.union(*map(references, value.values()))


def answered() -> set[str]:
    """Return the names of the schemas that replies are checked by."""
    schemas, found = DOCUMENT["components"]["schemas"], set()
    fresh = references([one["responses"] for path in DOCUMENT["paths"].values() for one in path.values()])
    while fresh:
        found |= fresh
        fresh = references([schemas[name] for name in fresh]) - found
    return found


def fewer_kinds(value: Any) -> None:
    """Leave the first two kinds wherever an answer stands."""
    if isinstance(value, list):
        for one in value:
            fewer_kinds(one)
    elif isinstance(value, dict):
        if len(value.get("oneOf", ())) > KINDS:
            value["oneOf"] = value["oneOf"][:2]
            value.pop("discriminator", None)
        fewer_kinds(list(value.values()))


def asked_about() -> dict[str, Any]:
    """Return the document as bodies are made up from it."""
    document, kept = deepcopy(DOCUMENT), answered() | {WHOLE}
    fewer_kinds([schema for name, schema in document["components"]["schemas"].items() if name not in kept])
    return document


SCHEMA = schemathesis.openapi.from_dict(asked_about(), config=CONFIG)


@dataclass(frozen=True)
class Stage:
    """A server with one project, and who may call."""

    url: str
    project: str
    tokens: dict[str, str]
    session: requests.Session
    sent: Counter[str] = field(default_factory=Counter)

    def callers(self, call: str) -> tuple[str, ...]:
        """Say who sends the next case of this call: the owner, and with one in so many the others too."""
        self.sent[call] += 1
        return ("owner", "annotator", "nobody") if self.sent[call] % EVERY == 1 else ("owner",)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("schemathesis")
    with story.opened(folder) as world, requests.Session() as session:
        session.trust_env = False
        made = story.set_up(world, folder, n_items=6)
        tokens = {"owner": made.token(Role.OWNER), "annotator": made.token(Role.ANNOTATOR)}
        with story.serving(world) as url:
            yield Stage(url, made.project.id, tokens, session)


def asked_of(case: schemathesis.Case) -> list[Any]:
    """The checks of a reply to this call."""
    # a path or a query that was wrong is mended here; and annotations are refused one by one, under a 200
    lenient = case.method != "POST" or case.path.endswith("/annotations")
    return [one for one in CHECKS if one is not checks.negative_data_rejection or not lenient]


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def send(case: Any, stage: Stage) -> None:
    """Send a case, and check what comes back."""
    if "project" in case.path_parameters:
        case.path_parameters["project"] = stage.project
    if case.path.endswith("/events"):
        case.query["once"] = "true"
    for who in stage.callers(case.operation.label):
        headers = {"X-Goldseam": "1"} | ({"Authorization": f"Bearer {stage.tokens[who]}"} if who != "nobody" else {})
        stage.session.cookies.clear()
        case.call_and_validate(
            base_url=stage.url, session=stage.session, headers=headers, checks=asked_of(case), timeout=20
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "call", [f"{method.upper()} {path}" for path, of in DOCUMENT["paths"].items() for method in of]
)
def test_no_call_breaks_the_server_or_its_word(call: str, stage: Stage) -> None:
    method, path = call.split(" ", 1)
    asked = build_operation_test(
        config=SCHEMA.config,
        operation=SCHEMA[path][method],
        test_func=send,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    asked(stage=stage)
    assert stage.sent[call] > 0


def test_every_call_is_asked_about_and_one_of_them_with_every_kind_of_answer() -> None:
    asked = asked_about()
    schemas, whole = asked["components"]["schemas"], DOCUMENT["components"]["schemas"]
    assert asked["paths"] == DOCUMENT["paths"]
    assert schemas[WHOLE] == whole[WHOLE]
    assert len(schemas[WHOLE]["properties"]["answer"]["oneOf"]) > KINDS
    assert {name for name in schemas if schemas[name] != whole[name]}.isdisjoint(answered())


def test_the_document_names_every_call_and_how_it_is_refused() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert "4XX" in operation["responses"], (method, path)
            assert ("security" in operation) == ((method.upper(), path) not in OPEN), (method, path)
    assert "HTTPValidationError" not in str(DOCUMENT)
