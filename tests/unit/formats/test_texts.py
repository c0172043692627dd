"""Columns of texts as codes or as Arrow keeps them are the columns that they stand for, to the byte of a table."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.parquet import write_table
from goldseam.formats.texts import Coded, Digits, Texts, coded, pairs, same
from goldseam.vocab.errors import BadValue

FEW = st.lists(st.sampled_from(["", "a", "ä", "zwei", "\n"]), min_size=1, max_size=30)


@given(FEW, st.randoms())
def test_a_column_in_any_form_is_the_same_column(texts: list[str], chance) -> None:
    order = np.array(chance.sample(range(len(texts)), len(texts)), np.intp)
    wanted = [texts[row] for row in order.tolist()]
    plain = write_table({"x": texts}), write_table({"x": wanted})
    half = len(texts) // 2
    for column in (
        Texts(texts),
        coded(texts),
        Texts.of_parts([Texts(texts[:half]), Texts(texts[half:])]),
        Coded.of_parts([coded(texts[:half]), coded(texts[half:])]),
    ):
        assert list(column) == texts
        assert [column[row] for row in range(len(texts))] == texts
        assert list(column[1:3]) == texts[1:3]
        assert column[-1] == texts[-1]
        assert (write_table({"x": column}), write_table({"x": column.taken(order)})) == plain
        assert len(column.taken(order)) == len(texts)


@given(st.lists(st.binary(min_size=4, max_size=4), max_size=20), st.randoms())
def test_digits_are_the_column_of_the_texts_that_they_are(raw: list[bytes], chance) -> None:
    texts = [each.hex() for each in raw]
    order = np.array(chance.sample(range(len(texts)), len(texts)), np.intp)
    column = Digits.of_text("".join(texts), len(texts), 8)
    assert column is not None
    assert list(column) == texts
    assert [column[row] for row in range(len(texts))] == texts
    assert list(column[1:3]) == texts[1:3]
    assert write_table({"x": column}) == write_table({"x": texts})
    assert (
        write_table({"x": column}, order) == write_table({"x": column.taken(order)}) == write_table({"x": texts}, order)
    )
    assert list(column.beginnings(4)) == [text[:4] for text in texts]


@pytest.mark.parametrize("text", ["00", "0000000", "ABCDEF01", "0000 00 00", "0000000g", "000000000000"])
def test_what_is_no_digits_is_not_taken_for_them(text: str) -> None:
    assert Digits.of_text(text, 1, 8) is None


@given(FEW, FEW)
def test_texts_and_pairs_are_counted_as_in_lists(one: list[str], other: list[str]) -> None:
    n = min(len(one), len(other))
    one, other = one[:n], other[:n]
    assert coded(one).counts() == Counter(one)
    assert pairs(coded(one), coded(other)) == pairs(one, other) == Counter(zip(one, other, strict=True))


def test_a_text_for_all_rows_and_a_code_without_a_text() -> None:
    assert list(same("x", 3)) == ["x", "x", "x"]
    with pytest.raises(BadValue, match="place of a text"):
        Coded(np.array([0, 1]), ["only one"])
