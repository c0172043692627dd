"""Laws of canonical JSON: one value, one form; and the form gives the value back."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from goldseam.ledger.canonical import MAX_INTEGER, canonical, number, parse

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_any_json_reader_reads_the_value_back(value: object) -> None:
    # As a reader in the browser does, with all numbers as doubles: a double from 2**53 on has no point in its form.
    assert json.loads(canonical(value), parse_int=float) == value


@given(values)
def test_the_form_of_the_form_is_the_form(value: object) -> None:
    data = canonical(value)
    assert canonical(parse(data)) == data


@given(st.dictionaries(texts, st.integers(0, 9), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_nothing(value: dict[str, int], chance: object) -> None:
    pairs = list(value.items())
    chance.shuffle(pairs)
    assert canonical(dict(pairs)) == canonical(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_the_same_double(value: float) -> None:
    text = number(value)
    assert float(text) == value
    assert "E" not in text
    assert not text.endswith(".0")
    if value:
        assert math.copysign(1, float(text)) == math.copysign(1, value)
