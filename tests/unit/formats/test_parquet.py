"""Parquet: columns come back, and the same columns are the same bytes."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from goldseam.formats import parquet
from goldseam.formats.parquet import read_pieces, read_table, write_table
from goldseam.formats.texts import Coded, Digits, Texts
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


ROWS = 70_000


@pytest.mark.parametrize("absent", [False, True], ids=["all there", "some absent"])
def test_a_table_put_in_order_a_row_group_at_a_time_is_the_table_written_whole(
    monkeypatch: pytest.MonkeyPatch, absent: bool
) -> None:
    # Over 20,000 rows a group, since from there on the cut into pages shows whether a column may lack values.
    monkeypatch.setattr(parquet, "ROW_GROUP", 30_000)
    chance = np.random.default_rng(1)
    order = chance.permutation(ROWS)
    texts = [f"text {n % 40_000}" for n in range(ROWS)]
    lacking: list[float | None] = [float(n % 5) for n in range(ROWS)]
    for row in order[30_000::7].tolist():  # none of the first group
        lacking[row] = None
    raw = np.frombuffer(chance.bytes(ROWS * 4), np.uint8).reshape(-1, 4)
    columns = {
        "long": Texts(texts), "few": Coded(np.arange(ROWS) % 3, ["a", "b", "c"]), "digits": Digits(raw),
        "number": chance.random(ROWS), "list": texts, **({"lacking": lacking} if absent else {}),
    }  # fmt: skip
    plain = {name: list(column) for name, column in columns.items()}
    whole = {}
    for name, cells in plain.items():
        kind = DataType.float64() if name in {"number", "lacking"} else DataType.utf8()
        whole[name] = Array([cells[row] for row in order.tolist()], kind)
    wanted = BytesIO()
    write_parquet(
        Table.from_pydict(whole), wanted, compression="zstd(3)", created_by="goldseam", skip_arrow_metadata=True,
        max_row_group_size=30_000,
    )  # fmt: skip
    assert write_table(columns, order) == wanted.getvalue()


def test_some_columns_are_read_in_pieces_as_they_are_read_whole() -> None:
    columns = {
        "n": np.arange(2_500),
        "t": [None if n % 1_200 == 7 else str(n) for n in range(2_500)],
        "other": ["x"] * 2_500,
    }
    data = write_table(columns)
    found = list(read_pieces(data, ["t", "n"]))
    assert len(found) > 1
    assert [cell for piece in found for cell in piece["t"]] == columns["t"]
    assert [cell for piece in found for cell in piece["n"].tolist()] == list(range(2_500))
    with pytest.raises(KeyError, match="missing"):
        next(read_pieces(data, ["missing"]))
    for broken in (b"", data[:-9], data[:100] + b"\xff" * 5_000 + data[5_100:]):
        with pytest.raises(BadValue, match="Not a Parquet file"):
            list(read_pieces(broken, ["t"]))
