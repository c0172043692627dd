"""Times and ids as the store writes them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, OperationalError

from goldseam.edge.store.refusals import refusal
from goldseam.edge.store.tx import micros, moment, new_id, token_hash
from goldseam.testing.clock import START
from goldseam.vocab.errors import Conflict, StoreFailed


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - bounds
def test_a_time_comes_back_to_the_microsecond(at: datetime) -> None:
    at = at.replace(tzinfo=UTC)
    assert moment(micros(at)) == at


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert micros(START.astimezone(tokyo)) == micros(START)
    with pytest.raises(TypeError):
        micros(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of it


def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    ids = [new_id(START + timedelta(milliseconds=n)) for n in range(50)]
    parsed = [uuid.UUID(each) for each in ids]
    assert {each.version for each in parsed} == {7}
    assert {each.variant for each in parsed} == {uuid.RFC_4122}
    assert [str(each) for each in parsed] == ids == sorted(ids)
    assert parsed[1].int >> 80 == micros(START) // 1000 + 1
    assert len({new_id(START) for _ in range(1000)}) == 1000


def test_a_token_is_stored_only_as_its_hash() -> None:
    assert token_hash("secret") == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"


def test_a_refusal_does_not_tell_the_values_of_the_statement() -> None:
    driver = Exception('duplicate key value violates "uq"\nDETAIL:  Key (login)=(ann@example.org) already exists.')
    parameters = {"login": "ann@example.org"}
    conflict = refusal(IntegrityError("INSERT", parameters, driver))
    assert isinstance(conflict, Conflict)
    failed = refusal(OperationalError("INSERT", parameters, driver))
    assert isinstance(failed, StoreFailed)
    assert "ann@example.org" not in conflict.message + failed.message
    lost = refusal(OperationalError("INSERT", parameters, driver, connection_invalidated=True))
    assert "not known" in lost.message
