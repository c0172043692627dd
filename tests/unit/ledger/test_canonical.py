"""Canonical JSON: what has one form, and what has none."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from goldseam.ledger.canonical import MAX_DEPTH, MAX_INTEGER, canonical, parse
from goldseam.vocab.items import Modality


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        ([], "[]"),
        ({}, "{}"),
        ((1, "a"), '[1,"a"]'),
        (MappingProxyType({"b": 1, "a": [True]}), '{"a":[true],"b":1}'),
        (Modality.TEXT, '"text"'),
        ("\x7f\u2028</script>", '"\x7f\u2028</script>"'),
        (MAX_INTEGER, "9007199254740991"),
    ],
)
def test_a_value_has_one_form(value: object, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "no number nan"),
        (float("inf"), "no number inf"),
        (MAX_INTEGER + 1, "within"),
        (-MAX_INTEGER - 1, "within"),
        ("\ud800", "half of a surrogate pair"),
        ({"\udfff": 1}, "half of a surrogate pair"),
        ({1: "a"}, "keys of an object are texts"),
        (b"bytes", "type bytes has no JSON form"),
        ({1, 2}, "type set has no JSON form"),
    ],
)
def test_a_value_that_would_come_back_changed_is_refused(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical(value)


def test_endless_nesting_is_refused_and_not_a_crash() -> None:
    value: list[object] = []
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        canonical(value)
    with pytest.raises(ValueError, match="nested"):
        parse(b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize(
    "data",
    [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b'"\\u0041"', b" 1", b"", b"\xff", b"NaN", b'{"a":1}\n'],
)
def test_json_in_another_form_is_not_taken_for_canonical(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse(data)
