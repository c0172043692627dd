"""A receiver believes a delivery only if secret, body and time are right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.client import verify_webhook
from goldseam.edge.runner.deliveries import signature
from goldseam.vocab.errors import Tampered

AT = datetime(2026, 5, 1, tzinfo=UTC)
NOW = AT.timestamp()
BODY = b'{"id":"p/1"}'
HEADER = signature(["gsw_new", "gsw_old"], AT, BODY)


@pytest.mark.parametrize("secret", ["gsw_new", "gsw_old", ("gsw_other", "gsw_old")])
def test_any_secret_that_signed_is_good(secret: str) -> None:
    assert verify_webhook(secret, HEADER, BODY, now=NOW) == {"id": "p/1"}


@pytest.mark.parametrize(
    "header",
    [
        "", "t=1", "v1=00", HEADER.replace("t=", "t=1"), HEADER.replace("v1=", "v2="), HEADER + ",t=1", "t=\u0661,v1=00", "t=-1,v1=00",
        f"t={'9' * 400},v1=00", HEADER.replace("v1=", "v1=x"), "t=1,v1=\udcff", ",".join(["v1=00"] * 20) + "," + HEADER,
    ],
)  # fmt: skip
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(Tampered):
        verify_webhook("gsw_new", header, BODY, now=NOW)


@given(st.binary(max_size=40).filter(lambda body: body != BODY))
def test_any_other_body_is_refused(body: bytes) -> None:
    with pytest.raises(Tampered):
        verify_webhook("gsw_new", HEADER, body, now=NOW)


@given(st.text(max_size=20).filter(lambda secret: secret not in {"gsw_new", "gsw_old"}))
def test_any_other_secret_is_refused(secret: str) -> None:
    if secret.isascii():
        with pytest.raises(Tampered):
            verify_webhook(secret, HEADER, BODY, now=NOW)


@pytest.mark.parametrize("late", [301, -301, 10**9])
def test_a_delivery_of_another_time_may_be_a_replay(late: float) -> None:
    with pytest.raises(Tampered, match="replay"):
        verify_webhook("gsw_new", HEADER, BODY, now=NOW + late)
    assert verify_webhook("gsw_new", HEADER, BODY, now=NOW + late, tolerance=timedelta(seconds=abs(late)))
