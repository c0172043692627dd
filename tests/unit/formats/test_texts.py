"""Columns of texts as codes or as Arrow keeps them are the columns that they stand for, to the byte of a table."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.parquet import write_table
from goldseam.formats.texts import Coded, Texts, coded, pairs, same
from goldseam.vocab.errors import BadValue

FEW = st.lists(st.sampled_from(["", "a", "ä", "zwei", "\n"]), min_size=1, max_size=30)


@given(FEW, st.randoms())
def test_a_column_in_any_form_is_the_same_column(texts: list[str], chance) -> None:
    order = np.array(chance.sample(range(len(texts)), len(texts)), np.intp)
    wanted = [texts[row] for row in order.tolist()]
    plain = write_table({"x": texts}), write_table({"x": wanted})
    for column in (Texts(texts), coded(texts)):
        assert list(column) == texts
        assert [column[row] for row in range(len(texts))] == texts
        assert list(column[1:3]) == texts[1:3]
        assert column[-1] == texts[-1]
        assert (write_table({"x": column}), write_table({"x": column.taken(order)})) == plain
        assert len(column.taken(order)) == len(texts)


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
