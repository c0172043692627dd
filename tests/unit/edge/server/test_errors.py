"""Every error has one status and one form, and says where the fault is without repeating what was sent."""

from __future__ import annotations

import pytest

from goldseam.edge.server.errors import bad_value, body_of, refusal, status_of
from goldseam.vocab import errors
from goldseam.vocab.errors import GoldseamError

ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, GoldseamError) and kind is not GoldseamError
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_the_one_form(kind: type[GoldseamError]) -> None:
    assert 400 <= status_of(kind) <= 599
    body = body_of(kind("What is wrong.", where="here"), "abc")["error"]
    assert isinstance(body, dict)
    assert body["type"] == kind.__name__
    assert set(body) == {"type", "message", "fields"}


def test_an_error_of_nobody_is_a_fault_of_the_server() -> None:
    assert status_of(KeyError) == 500


def test_who_must_sign_in_or_wait_is_told_how() -> None:
    assert refusal(errors.NotSignedIn("x")).headers["www-authenticate"] == "Bearer"
    assert int(refusal(errors.TooManyTries("x")).headers["retry-after"]) > 0


def test_a_field_that_json_does_not_know_is_written_as_text() -> None:
    body = body_of(errors.Tampered("x", findings=[ValueError("row 1")], share=float("nan")))["error"]
    assert body["fields"] == {"findings": ["row 1"], "share": None}  # type: ignore[index]  # plain values


def test_what_pydantic_found_names_the_place_and_never_the_value() -> None:
    found = bad_value(
        [{"loc": ("body", "annotations", 3, "id"), "msg": "String should match", "input": "s3cret", "type": "x"}]
    )
    assert found.message == "annotations.3.id: String should match"
    assert "s3cret" not in str(found.fields)
