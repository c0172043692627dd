"""Parquet: columns come back, and the same columns are the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.formats.parquet import read_table, write_table
from goldseam.vocab.errors import BadValue

COLUMNS = {
    "text": ["a", "", "ü\n\U0001f600", None],
    "n": [1, 2, 3, -4],
    "absent": [None, 1.5, None, 2.0],
    "mixed": [1, 2.5, None, 3],
    "flag": [True, False, None, True],
    "nothing": [None, None, None, None],
    "double": np.array([0.1, -0.0, 1e300, 5e-324]),
    "small": np.array([1, 2, 3, 4], dtype=np.int32),
}


def test_columns_come_back_in_order_and_kind() -> None:
    found = read_table(write_table(COLUMNS))
    assert list(found) == list(COLUMNS)
    for name in ("text", "absent", "flag", "nothing"):
        assert found[name] == COLUMNS[name]
    assert found["mixed"] == [1.0, 2.5, None, 3.0]
    assert found["n"].tolist() == COLUMNS["n"]
    assert found["small"].dtype == np.int32
    assert found["double"].tobytes() == COLUMNS["double"].tobytes()


def test_the_same_columns_are_the_same_bytes() -> None:
    assert write_table(COLUMNS) == write_table({name: column[:] for name, column in COLUMNS.items()})


def test_the_bytes_do_not_say_which_library_wrote_them() -> None:
    assert b"parquet-rs" not in write_table(COLUMNS)


def test_a_table_may_have_no_rows() -> None:
    assert {name: len(column) for name, column in read_table(write_table({"a": [], "b": np.array([])})).items()} == {
        "a": 0,
        "b": 0,
    }


def test_many_rows_come_back_over_several_row_groups() -> None:
    found = read_table(write_table({"n": np.arange(250_000), "t": [str(n) for n in range(250_000)]}))
    assert found["n"].tolist() == list(range(250_000))
    assert found["t"][-1] == "249999"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "equally long"),
        ({"a": [1], "b": [1, 2]}, "equally long"),
        ({"a": [1, "x"]}, "mixes int, str"),
        ({"a": [True, 1]}, "mixes bool, int"),
        ({"a": np.zeros((2, 2))}, "one dimension"),
        ({"a": np.array(["x"])}, "holds numbers"),
        ({"a\0b": [1]}, "no NUL"),
    ],
)
def test_columns_that_are_no_table_are_refused(columns: dict[str, object], message: str) -> None:
    with pytest.raises(BadValue, match=message):
        write_table(columns)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"x" * 100, write_table(COLUMNS)[:-9]])
def test_bytes_that_are_no_table_are_refused_and_not_a_crash(data: bytes) -> None:
    with pytest.raises(BadValue, match="Not a Parquet file"):
        read_table(data)
