"""Whole columns: what the quick reader takes is what the strict one reads, and what it cannot take is not lost."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.columns import KEPT_UNREADABLE, TextTable, csv_table, jsonl_table, parquet_table, to_csv_quickly
from goldseam.formats.parquet import write_table
from goldseam.formats.tables import to_csv
from goldseam.formats.text import Raw, csv_records
from goldseam.vocab.errors import BadSource, BadValue


def rows_of(table: TextTable) -> list[tuple[int, dict[str, str | None]]]:
    cells = {name: table.cells(name) for name in table.names}
    return [(line, {name: cells[name][at] for name in table.names}) for at, line in enumerate(table.lines)]


def strictly(data: bytes, delimiter: str = ",") -> tuple[list[tuple[int, dict[str, object]]], list[int]]:
    good, bad = [], []
    for row in csv_records([data], delimiter=delimiter):
        if isinstance(row, Raw):
            good.append((row.line, {name: str(cell).strip() or None for name, cell in row.fields.items()}))
        else:
            bad.append(row.line)
    return good, bad


pieces = st.sampled_from(
    [
        b"a",
        b"b,c",
        b",",
        b"\n",
        b"\r\n",
        b'"',
        b'"x,y"',
        b',"z"\n',
        b'"a""b"',
        b'""',
        b"1,2\n",
        b" ",
        b"\r",
        b"\0",
        b"\xff",
        b"\xc3\xa9",
        b"\n\n",
        b";",
    ]
)


@given(body=st.lists(pieces, max_size=25).map(b"".join))
def test_the_quick_reader_and_the_strict_one_read_the_same(body: bytes) -> None:
    data = b"one,two\n" + body
    table = csv_table(data)
    good, bad = strictly(data)
    assert rows_of(table) == good
    assert table.n_unreadable == len(bad)
    assert [row.line for row in table.unreadable] == bad[:KEPT_UNREADABLE]


def test_a_file_quoted_by_the_rules_is_read_as_a_whole() -> None:
    table = csv_table(b'"item","label"\n"a, b","say ""x"""\nc,""\n')
    assert not isinstance(table.columns["item"], list), "this file was for the quick reader"
    assert (table.cells("item"), table.cells("label")) == (["a, b", "c"], ['say "x"', None])


@pytest.mark.parametrize("text", ['a"b,c\n', '"a"b,c\n', 'a, "b"\n', '"a,b\n', '"a\nb",c\n'])
def test_a_file_quoted_otherwise_is_read_strictly(text: str) -> None:
    assert isinstance(csv_table(b"item,label\n" + text.encode() * 2).columns["item"], list)


def test_a_clean_file_is_read_as_a_whole() -> None:
    table = csv_table(b"item,label\na,x\nb, y \n c,\n")
    assert not isinstance(table.columns["item"], list), "this file was for the quick reader"
    assert (table.names, list(table.lines), table.n_rows) == (("item", "label"), [2, 3, 4], 3)
    assert table.cells("item") == ["a", "b", "c"]
    assert table.cells("label") == ["x", "y", None]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_byte_order_mark_do_not_matter(end: str, last: bool, mark: bytes) -> None:
    text = end.join(["item,label", "a,x", "b,y"]) + (end if last else "")
    table = csv_table(mark + text.encode())
    assert (table.names, table.cells("item"), table.cells("label")) == (("item", "label"), ["a", "b"], ["x", "y"])


def test_a_broken_row_is_named_by_its_line_and_its_neighbors_stay() -> None:
    table = csv_table(b"item,label\na,x\nb\n\nc,y,z\nd,\xff\ne,w\n")
    assert table.cells("item") == ["a", "e"]
    assert list(table.lines) == [2, 7]
    assert [(row.line, row.reason) for row in table.unreadable] == [
        (3, "it has 1 cell, the header has 2"),
        (5, "it has 3 cells, the header has 2"),
        (6, "byte 3 of it (0xff) is not UTF-8"),
    ]


def test_cells_over_several_lines_keep_their_line_numbers() -> None:
    table = csv_table(b'item,label\n"a\nb",x\nc,y\n')
    assert table.cells("item") == ["a\nb", "c"]
    assert list(table.lines) == [2, 4]


def test_many_broken_rows_are_counted_and_some_kept() -> None:
    table = csv_table(b"item,label\n" + b"only one\n" * 500 + b"a,b\n")
    assert (table.n_rows, table.n_unreadable, len(table.unreadable)) == (1, 500, KEPT_UNREADABLE)


def test_another_delimiter_is_used_when_told_and_hinted_at_when_not() -> None:
    data = b"item;annotator;label\n1;a;x\n"
    assert "';'" in csv_table(data).hint
    assert csv_table(data, delimiter=";").cells("annotator") == ["a"]
    assert csv_table(b"item\tlabel\n1\tx\n", delimiter="\t").cells("label") == ["x"]


@pytest.mark.parametrize("data", [b"", b"a,a\n1,2\n", b"\xff\xfe\x00"])
def test_a_file_without_a_usable_header_is_refused(data: bytes) -> None:
    with pytest.raises(BadSource):
        csv_table(data)


def test_what_was_written_for_spreadsheets_is_read_as_it_was() -> None:
    written = to_csv({"item": ["a", "b"], "label": ["-1", "=x"]})
    assert b"'-1" in written
    assert csv_table(written).cells("label") == ["-1", "=x"]


def test_json_lines_become_columns_of_text() -> None:
    lines = [{"item": 1, "label": "x"}, {"item": 2.0, "label": True, "more": [1, "é"]}, {"item": None}]
    data = "\n".join([json.dumps(lines[0]), json.dumps(lines[1]), "{broken", json.dumps(lines[2])]).encode()
    table = jsonl_table(data)
    assert table.names == ("item", "label", "more")
    assert table.cells("item") == ["1", "2", None]
    assert table.cells("label") == ["x", "true", None]
    assert table.cells("more") == [None, '[1, "é"]', None]
    assert list(table.lines) == [1, 2, 4]
    assert [row.line for row in table.unreadable] == [3]


def test_parquet_becomes_columns_of_text() -> None:
    data = write_table({"item": np.arange(3), "label": ["x", None, "y"], "p": np.array([0.5, 1.0, np.nan])})
    table = parquet_table(data)
    assert (table.cells("item"), table.cells("label"), table.cells("p")) == (
        ["0", "1", "2"], ["x", None, "y"], ["0.5", "1", None],
    )  # fmt: skip
    assert list(table.lines) == [1, 2, 3]
    with pytest.raises(BadValue):
        parquet_table(b"PAR1 no")


@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8), min_size=1, max_size=6
    ),
    seed=st.integers(0, 9),
)
def test_the_quick_writer_writes_what_the_other_writes(texts: list[str], seed: int) -> None:
    numbers = np.random.default_rng(seed).random(len(texts)).round(6)
    columns = {"item": texts, "p_=x": numbers, "n": np.arange(len(texts))}
    ours, other = (
        list(csv.reader(io.StringIO(done.decode(), newline=""))) for done in (to_csv_quickly(columns), to_csv(columns))
    )
    assert [row[0] for row in ours] == [row[0] for row in other]
    assert [float(row[1]) for row in ours[1:]] == [float(row[1]) for row in other[1:]]
    assert [row[2] for row in ours[1:]] == [row[2] for row in other[1:]]


def test_numbers_are_written_with_six_digits_at_most() -> None:
    assert to_csv_quickly({"p": np.array([1 / 3, 1e-9, 1.0])}) == b"p\n0.333333\n0.0\n1.0\n"
    assert to_csv_quickly({"a": ["x"], "b": ["y"]}, delimiter="\t") == b"a\tb\nx\ty\n"


@pytest.mark.parametrize("quoted", [False, True])
def test_columns_that_are_not_named_as_texts_are_read_as_numbers(quoted: bool) -> None:
    head = b'"item",p\n' if quoted else b"item,p\n"
    table = csv_table(head + b"1,0.5\n2,1e-3\n", is_text=lambda name: name == "item")
    assert table.cells("item") == ["1", "2"]
    assert table.numbers("p").tolist() == [0.5, 0.001]
    assert table.numbers("item").tolist() == [1.0, 2.0]


@pytest.mark.parametrize("quote", [b"", b'"q",0.5\n'])
@pytest.mark.parametrize(
    ("cell", "what"), [(b"", "is empty"), (b"x", "is 'x', no number"), (b"nan", "NaN|no number"), (b"inf", "no number")]
)
def test_a_cell_that_is_no_number_is_named_by_its_line(cell: bytes, what: str, quote: bytes) -> None:
    table = csv_table(b"item,p\na,0.5\nb," + cell + b"\n" + quote, is_text=lambda name: name == "item")
    with pytest.raises(BadSource, match=f"line 3: the cell in the column 'p' .*{what}"):
        table.numbers("p")


def test_numbers_come_from_parquet_and_json_lines_too() -> None:
    parquet = parquet_table(write_table({"p": np.array([0.25, 0.75]), "n": np.array([1, 2]), "t": ["0.5", "1"]}))
    assert [parquet.numbers(name).tolist() for name in "pnt"] == [[0.25, 0.75], [1.0, 2.0], [0.5, 1.0]]
    lines = jsonl_table(b'{"p": 0.25, "n": 1}\n{"p": 0.75, "n": null}\n')
    assert lines.numbers("p").tolist() == [0.25, 0.75]
    with pytest.raises(BadSource, match=r"line 2: .* is empty"):
        lines.numbers("n")
