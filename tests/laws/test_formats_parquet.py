"""Laws of the binary formats: what was written comes back, and broken bytes are refused."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from goldseam.formats import arrays
from goldseam.formats.parquet import read_table, write_table
from goldseam.vocab.errors import BadValue

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
tables = st.integers(1, 6).flatmap(
    lambda n: st.dictionaries(
        texts.filter(lambda name: "\0" not in name),
        st.one_of(
            st.lists(st.none() | texts, min_size=n, max_size=n),
            st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n),
            st.lists(st.none() | st.floats(allow_nan=False), min_size=n, max_size=n),
            st.lists(st.booleans(), min_size=n, max_size=n),
        ),
        min_size=1,
        max_size=4,
    )
)


@given(tables)
def test_a_table_comes_back(table: dict[str, list[object]]) -> None:
    found = read_table(write_table(table))
    assert {name: list(column) for name, column in found.items()} == table
    assert list(found) == list(table)


sets = st.dictionaries(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    arrays_of.arrays(
        st.sampled_from([np.float32, np.float64, np.int8, np.int64, np.bool_, np.dtype("<U3")]),
        arrays_of.array_shapes(max_dims=3, max_side=4, min_side=0),
    ),
    max_size=3,
)


@given(sets)
def test_arrays_come_back_bit_by_bit_and_the_same_arrays_are_the_same_bytes(found: dict[str, np.ndarray]) -> None:
    data = arrays.to_bytes(found)
    back = arrays.from_bytes(data)
    assert back.keys() == found.keys()
    for name, array in found.items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        assert back[name].tobytes() == array.tobytes()
    assert arrays.to_bytes(dict(reversed(list(found.items())))) == data


@given(sets, st.integers(0, 10_000), st.integers(1, 255))
def test_broken_arrays_are_refused_or_read_and_never_run(found: dict[str, np.ndarray], place: int, change: int) -> None:
    data = bytearray(arrays.to_bytes(found))
    data[place % len(data)] ^= change
    try:
        arrays.from_bytes(bytes(data))
    except BadValue as error:
        assert error.message
