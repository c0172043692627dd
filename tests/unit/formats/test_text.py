"""CSV and JSON Lines: every record comes out, good or refused, with its line and its text."""

from __future__ import annotations

import tracemalloc

import pytest

from goldseam.formats.text import KEPT_TEXT, Raw, Unreadable, csv_records, jsonl_records
from goldseam.vocab.errors import BadSource


def rows(data: bytes, **options: object) -> list[Raw | Unreadable]:
    return list(csv_records([data], **options))


def lines(data: bytes, **options: object) -> list[Raw | Unreadable]:
    return list(jsonl_records([data], **options))


def test_a_row_keeps_its_line_its_fields_and_its_raw_text() -> None:
    assert rows(b'id,text\n1,"a, ""b"""\r\n2,c') == [
        Raw(2, {"id": "1", "text": 'a, "b"'}, '1,"a, ""b"""'),
        Raw(3, {"id": "2", "text": "c"}, "2,c"),
    ]


def test_a_quoted_cell_may_run_over_lines_and_keeps_its_line_ends() -> None:
    assert rows(b'id,text\n1,"a\r\nb\n\nc"\n2,d\n') == [
        Raw(2, {"id": "1", "text": "a\r\nb\n\nc"}, '1,"a\r\nb\n\nc"'),
        Raw(6, {"id": "2", "text": "d"}, "2,d"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert csv_records([b"\xef", b"\xbb", b"\xbfid\n1"]).header == ("id",)
    assert lines(b'\xef\xbb\xbf{"a":1}')[0].fields == {"a": 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"\xff,b", "byte 1 of it (0xff) is not UTF-8"),
        (b"a\0,b", "it holds a NUL at character 2"),
        (b"a", "it has 1 cell, the header has 2"),
        (b"a,b,c", "it has 3 cells, the header has 2"),
        (b'"a"b,c', "there is text after the closing quote of cell 1"),
        (b'"\xff",c', "byte 2 of it (0xff) is not UTF-8"),
        (b'"a\nb\0",c', "it holds a NUL at character 5"),
        (b"x" * 51 + b",c", "a cell has 51 characters; at most 50 are allowed"),
        (b'"' + b"x" * 51 + b'",c', "a cell has 51 characters; at most 50 are allowed"),
        (b"x" * 5000 + b",c", "it has 5,002 bytes on one line; at most 400 are allowed"),
        (b'"' + b"x\n" * 5000 + b'",c', "it has more bytes; at most 400 are allowed"),
    ],
)
def test_a_bad_row_is_refused_alone(row: bytes, reason: str) -> None:
    found = rows(b"id,text\n1,one\n" + row + b"\n3,three\n", max_cell=50)
    assert [type(record) for record in found] == [Raw, Unreadable, Raw]
    assert (found[1].line, found[1].reason) == (3, reason)
    assert found[2].fields == {"id": "3", "text": "three"}


def test_a_quote_that_is_never_closed_says_how_much_it_took_in() -> None:
    found = rows(b'id,text\n1,one\n2,"two\n3,three\n')
    assert found[0].fields["text"] == "one"
    assert found[1] == Unreadable(
        3, "a quote opened in it is never closed: it takes in 2 lines to the end of the file", '2,"two\n3,three'
    )


def test_a_quote_inside_an_unquoted_cell_is_text() -> None:
    assert rows(b'id,text\n1,5" pipe\n2,"a"\n')[0].fields == {"id": "1", "text": '5" pipe'}


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert [record.line for record in rows(b"\n\nid\n\n1\n\r\n2\n")] == [5, 7]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_a_bad_source(data: bytes) -> None:
    with pytest.raises(BadSource, match="empty"):
        csv_records([data])
    with pytest.raises(BadSource, match="empty"):
        lines(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a,b,a\n", "names the column 'a' twice"),
        (b"\xffa,b\n", "not UTF-8"),
        ("a,b".encode("utf-16"), "UTF-16"),
        (b'a,"b\n1,2\n', "never closed"),
    ],
)
def test_a_header_that_cannot_be_read_is_a_bad_source(data: bytes, message: str) -> None:
    with pytest.raises(BadSource, match=message):
        csv_records([data])


def test_a_delimiter_is_one_character() -> None:
    for delimiter in ("", ",,", '"', "\n", "é"):
        with pytest.raises(BadSource, match="delimiter"):
            csv_records([b"a"], delimiter=delimiter)


def test_the_hint_names_the_delimiter_that_would_split_the_header() -> None:
    found = csv_records([b"id;text;label\n1;a;b\n"])
    assert found.header == ("id;text;label",)
    assert found.hint() == "With a semicolon as delimiter it would have 3 columns: set delimiter to ';'."
    assert csv_records([b"id,text\n"]).hint() == ""
    assert csv_records([b"id\ttext\n"], delimiter="\t").hint() == ""
    assert [record.fields for record in rows(b"id;text\n1;a,b\n", delimiter=";")] == [{"id": "1", "text": "a,b"}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "it is not a JSON object but a list"),
        (b"{", "it is not JSON: "),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b'{"a":1,"a":2}', "The key 'a' stands twice"),
        (b'{"a":"\\u0000"}', "it holds a NUL character"),
        (b'{"a\\u0000":1}', "it holds a NUL character"),
        (b'{"a":"\0"}', "it is not JSON: "),
        (b'{"a":"\\ud800"}', "it holds half of a surrogate pair"),
        (b'{"a":"\xff"}', "byte 7 of it (0xff) is not UTF-8"),
        (b"[" * 200 + b"]" * 200, "it is not a JSON object"),
        (b"[" * 400_000, "nested too deep"),
        (b'{"a":"' + b"x" * 500_001 + b'"}', "a value has 500,001 characters"),
        (b'{"a":"' + b"x" * 5_000_000 + b'"}', "it has 5,000,008 bytes"),
        (b'{"a":' + b"9" * 5000 + b"}", "it is not usable JSON"),
    ],
)
def test_a_bad_line_is_refused_alone(line: bytes, reason: str) -> None:
    found = lines(b'{"a":1}\n' + line + b'\n{"a":3}\n', max_cell=500_000)
    assert [type(record) for record in found] == [Raw, Unreadable, Raw]
    assert found[1].line == 2
    assert reason in found[1].reason
    assert len(found[1].text) < KEPT_TEXT + 100


def test_an_escaped_pair_is_one_character() -> None:
    assert lines(b'{"a":"\\ud83d\\ude00\\\\u0000"}')[0].fields == {"a": "\U0001f600\\u0000"}


def test_an_endless_line_is_not_held_in_memory() -> None:
    def endless() -> object:
        yield b'{"a":1}\n{"a":"'
        for _ in range(2_000):
            yield b"x" * 10_000
        yield b'"}\n{"a":3}\n'

    tracemalloc.start()
    found = list(jsonl_records(endless(), max_cell=1_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000
    assert [type(record) for record in found] == [Raw, Unreadable, Raw]
    assert "20,000,008 bytes" in found[1].reason
    assert found[2].line == 3


def test_what_was_refused_can_be_stored_anywhere() -> None:
    for record in rows(b"a,b\n\xff\0,\xe2\x82\n") + lines(b'{"a":"\xff\0"}'):
        assert isinstance(record, Unreadable)
        assert "\0" not in record.text
        record.text.encode()
