"""The whole OpenAPI document, call by call, with values made up from it and against it, by an owner, an annotator and nobody.

What must hold of every reply: no fault of the server, a status, a form and a content type that the document names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
from schemathesis.specs.openapi import checks

from goldseam.edge.server.app import make_app
from goldseam.vocab.people import Role
from tests.unit.edge.server.test_permissions import OPEN
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
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
EXAMPLES = 12


@dataclass(frozen=True)
class Stage:
    """A server with one project, and who may call."""

    url: str
    project: str
    tokens: dict[str, str]
    session: requests.Session


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


@pytest.mark.slow
@SCHEMA.parametrize()
@pytest.mark.parametrize("callers", [("owner", "annotator", "nobody")], ids=["everybody"])  # with the call in the name
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_call_breaks_the_server_or_its_word(case: Any, callers: tuple[str, ...], stage: Stage) -> None:
    if "project" in case.path_parameters:
        case.path_parameters["project"] = stage.project
    if case.path.endswith("/events"):
        case.query["once"] = "true"
    for who in callers:
        headers = {"X-Goldseam": "1"} | ({"Authorization": f"Bearer {stage.tokens[who]}"} if who != "nobody" else {})
        stage.session.cookies.clear()
        case.call_and_validate(
            base_url=stage.url, session=stage.session, headers=headers, checks=asked_of(case), timeout=20
        )


def test_the_document_names_every_call_and_how_it_is_refused() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert "4XX" in operation["responses"], (method, path)
            assert ("security" in operation) == ((method.upper(), path) not in OPEN), (method, path)
    assert "HTTPValidationError" not in str(DOCUMENT)
