"""Laws of the text readers: however the bytes are cut, whatever is in them, each record comes out once."""

from __future__ import annotations

import csv
import io
import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.text import Raw, Unreadable, csv_records, jsonl_records
from goldseam.vocab.errors import BadSource

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "a\nb", ' "x" ', "ü"]
)
tables = st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6)
soup = st.lists(
    st.sampled_from(
        [b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"a", b"bc", b"\xc3\xbc", b"\xff", b"\0", b";", b"{", b"1"]
    ),
    max_size=40,
).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(tables, st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(0, 120), max_size=8))
def test_what_the_standard_writer_wrote_is_read_back_however_it_is_cut(
    table: list[tuple[str, str, str]], line_end: str, places: list[int]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_MINIMAL)
    writer.writerows([("a", "b", "c"), *table])
    found = list(csv_records(cut(text.getvalue().encode(), places)))
    assert [tuple(record.fields.values()) for record in found] == table


def all_of(data: bytes, places: list[int], *, is_csv: bool) -> list[Raw | Unreadable] | str:
    chunks = cut(data, places)
    try:
        return list(csv_records(chunks) if is_csv else jsonl_records(chunks))
    except BadSource as error:
        return error.message


@given(soup, st.lists(st.integers(0, 80), max_size=8), st.booleans())
def test_the_cut_into_chunks_changes_nothing(data: bytes, places: list[int], is_csv: bool) -> None:
    assert all_of(b"a,b\n" + data, places, is_csv=is_csv) == all_of(b"a,b\n" + data, [], is_csv=is_csv)


@given(soup)
def test_every_line_belongs_to_exactly_one_record(data: bytes) -> None:
    """Raw texts, joined, are the file: nothing is lost and nothing comes twice."""
    found = all_of(b"a,b\n" + data, [], is_csv=True)
    assert isinstance(found, list)
    shown = data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    expected = [line.rstrip("\r") for line in shown.split("\n")]
    texts = [line.rstrip("\r") for record in found for line in record.text.split("\n")]
    assert [line for line in texts if line] == [line for line in expected if line]
    assert [record.line for record in found] == sorted({record.line for record in found})


@given(st.text(st.sampled_from('ab",;\n'), max_size=25))
def test_the_fast_and_the_careful_reader_agree_with_the_standard_one(text: str) -> None:
    found = list(csv_records([b"h\n", text.encode()]))
    if any(isinstance(record, Unreadable) and "cells" not in record.reason for record in found):
        return
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    kept = [row for row in expected if len(row) == 1]
    assert [list(record.fields.values()) for record in found if isinstance(record, Raw)] == kept


@given(st.lists(st.dictionaries(cells, cells | st.integers(-9, 9) | st.none(), max_size=3), min_size=1, max_size=5))
def test_json_lines_are_read_back(objects: list[dict[str, object]]) -> None:
    data = "\n".join(json.dumps(value) for value in objects).encode()
    assert [record.fields for record in jsonl_records([data])] == objects
