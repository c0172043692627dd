"""CSV and JSON Lines, as a stream: chunks of bytes to records, each with its line and its raw text.

In: chunks of bytes, cut anywhere. Out: `Raw` or `Unreadable`, in order, nothing left out but blank lines.
Never: an open file, the whole input in memory, a bad record that takes its neighbors down, a guessed delimiter.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from goldseam.ledger.canonical import unique_keys
from goldseam.vocab.errors import BadSource

MAX_CELL = 1_000_000
"""A cell (CSV) or a text (JSON Lines) with more characters than this makes its record unreadable."""

LINE_FACTOR = 8
"""A line may have this many times the bytes of the largest cell; no more of it is held in memory."""

KEPT_TEXT = 10_000
"""How much of an unreadable record's text is kept."""

TO_THE_END = "to the end of the file"

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it came: the line it starts on (from 1), its fields, and its text without the line end."""

    line: int
    fields: Mapping[str, object]
    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    r"""A record that could not be read, and why. Bytes that are not UTF-8 are shown as `\xNN`; long texts are cut."""

    line: int
    reason: str
    text: str


def is_unclosed(row: Unreadable) -> bool:
    """Say whether a record took in all that was left, since a quote opened in it is never closed."""
    return row.reason.endswith(TO_THE_END)


def csv_records(chunks: Iterable[bytes], *, delimiter: str = ",", max_cell: int = MAX_CELL) -> CsvRecords:
    """Return the records of a CSV file whose first line names the columns; `.header` has the names.

    A quoted cell may hold delimiters, doubled quotes and line ends (RFC 4180); a quote inside an unquoted cell is text.

    Raises
    ------
    BadSource
        If there is no header, it names a column twice, or it is not UTF-8.
    """
    return CsvRecords(chunks, delimiter, max_cell)


class CsvRecords(Iterator[Raw | Unreadable]):
    """The records of one CSV file; made by `csv_records`."""

    def __init__(self, chunks: Iterable[bytes], delimiter: str, max_cell: int) -> None:
        if len(delimiter) != 1 or delimiter in '"\r\n\0' or not delimiter.isascii():
            raise BadSource(f"A delimiter is one character such as ',' or ';'; got {delimiter!r}.")
        self.delimiter = delimiter
        self._rows = _rows(_lines(chunks, LINE_FACTOR * max_cell), delimiter, max_cell)
        first = next(self._rows, None)
        if first is None:
            raise BadSource("The file is empty; its first line should name the columns.")
        if isinstance(first, Unreadable):
            raise BadSource(f"The first line should name the columns, but {first.reason}.", line=first.line)
        self.header: tuple[str, ...] = tuple(first[1])
        for at, name in enumerate(self.header):
            if name in self.header[:at]:
                raise BadSource(f"The header names the column {name!r} twice; names must differ.", line=first[0])
        self._records = self._named()

    def __next__(self) -> Raw | Unreadable:
        return next(self._records)

    def hint(self) -> str:
        """Return which delimiter would split the header, as a sentence; empty if none would do better."""
        text = self.delimiter.join(self.header)
        counts = {mark: text.count(mark) for mark in DELIMITERS if mark != self.delimiter}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best] < len(self.header):
            return ""
        n_columns = counts[best] + 1
        return f"With {DELIMITERS[best]} as delimiter it would have {n_columns} columns: set delimiter to {best!r}."

    def _named(self) -> Iterator[Raw | Unreadable]:
        header, n_columns = self.header, len(self.header)
        for row in self._rows:
            if isinstance(row, Unreadable):
                yield row
                continue
            line, cells, text = row
            if len(cells) == n_columns:
                yield Raw(line, dict(zip(header, cells, strict=True)), text)
            else:
                n_cells = f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
                yield Unreadable(line, f"it has {n_cells}, the header has {n_columns}", _cut(text))


def jsonl_records(chunks: Iterable[bytes], *, max_cell: int = MAX_CELL) -> Iterator[Raw | Unreadable]:
    """Yield the records of a JSON Lines file: one object on each line.

    Raises
    ------
    BadSource
        If there is not a single record.
    """
    n_records = 0
    for number, line, n_bytes in _lines(chunks, LINE_FACTOR * max_cell):
        if not line.strip():
            continue
        n_records += 1
        yield _json_record(number, line, n_bytes, max_cell)
    if not n_records:
        raise BadSource("The file is empty; it should hold one JSON object on each line.")


def _json_record(number: int, line: bytes, n_bytes: int, max_cell: int) -> Raw | Unreadable:
    line = line.removesuffix(b"\r")
    if n_bytes:
        return Unreadable(number, _too_long(f"it has {n_bytes:,} bytes", LINE_FACTOR * max_cell), _shown(line))
    try:
        text = line.decode()
        fields = DECODER.decode(text)
        if "\\u" in text:
            _check_escapes(fields)
    except UnicodeDecodeError as error:
        return Unreadable(number, _not_utf8(error), _shown(line))
    except json.JSONDecodeError as error:
        return Unreadable(number, f"it is not JSON: {error.msg} at character {error.pos + 1}", _shown(line))
    except RecursionError:
        return Unreadable(number, "its JSON is nested too deep", _shown(line))
    except ValueError as error:
        return Unreadable(number, f"it is not usable JSON: {error}", _shown(line))
    if not isinstance(fields, dict):
        return Unreadable(number, f"it is not a JSON object but a {type(fields).__name__}", _shown(line))
    if len(text) > max_cell:
        longest = max(map(len, _texts(fields)), default=0)
        if longest > max_cell:
            return Unreadable(number, _too_long(f"a value has {longest:,} characters", max_cell), _shown(line))
    return Raw(number, fields, text)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")


DECODER = json.JSONDecoder(object_pairs_hook=unique_keys, parse_constant=_no_constant)


def _check_escapes(value: object) -> None:
    """Raise if an escape made a NUL, which databases refuse, or half of a surrogate pair, which has no bytes."""
    shown = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in shown and "\0" in "".join(_texts(value)):
        raise ValueError("it holds a NUL character")
    try:
        shown.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


# ---- rows of CSV -----------------------------------------------------------------------------------------------------
Line = tuple[int, bytes, int]
Row = tuple[int, list[str], str]

INSIDE_QUOTES = re.compile(rb'[^"]*(?:""[^"]*)*')


def _rows(lines: Iterator[Line], delimiter: str, max_cell: int) -> Iterator[Row | Unreadable]:
    mark = delimiter.encode()
    for number, full_line, n_bytes in lines:
        line = full_line.removesuffix(b"\r")
        if n_bytes:
            reason = _too_long(f"it has {n_bytes:,} bytes on one line", LINE_FACTOR * max_cell)
            yield Unreadable(number, reason, _shown(line))
            continue
        if not line:
            continue
        if b'"' not in line:
            yield _row(number, line, None, delimiter, max_cell)
            continue
        cells = _one_line_cells(line, delimiter)
        if cells is not None:
            yield _row(number, line, cells, delimiter, max_cell)
            continue
        quoted = _Quoted(number, mark, LINE_FACTOR * max_cell)
        quoted.read(full_line, lines)
        if quoted.reason:
            yield Unreadable(number, quoted.reason, _shown(b"\n".join(quoted.raw)))
        else:
            text = b"\n".join(quoted.raw).removesuffix(b"\r")
            yield _row(number, text, [cell.decode("utf-8", "replace") for cell in quoted.cells], delimiter, max_cell)


def _row(number: int, line: bytes, cells: list[str] | None, delimiter: str, max_cell: int) -> Row | Unreadable:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return Unreadable(number, _not_utf8(error), _shown(line))
    if "\0" in text:
        return Unreadable(number, f"it holds a NUL at character {text.index(chr(0)) + 1}", _shown(line))
    if cells is None:
        cells = text.split(delimiter)
    if len(text) > max_cell:
        longest = max(map(len, cells))
        if longest > max_cell:
            return Unreadable(number, _too_long(f"a cell has {longest:,} characters", max_cell), _shown(line))
    return number, cells, text


def _one_line_cells(line: bytes, delimiter: str) -> list[str] | None:
    """Return the cells of a record that ends on its first line, by the fast reader; None where it would not be sure."""
    if line.count(b'"') % 2 or b"\0" in line:
        return None
    try:
        return next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


class _Quoted:
    """One record with quoted cells, read over as many lines as it takes."""

    def __init__(self, number: int, mark: bytes, limit: int) -> None:
        self.number = number
        self.mark = mark
        self.limit = limit
        self.raw: list[bytes] = []
        self.cells: list[bytes] = []
        self.reason = ""
        self.size = 0

    def read(self, line: bytes, lines: Iterator[Line]) -> None:
        """Fill `cells`, `raw` and `reason`; `lines` is taken from only while a quote is open."""
        self._keep(line)
        at = 0
        while True:
            if line.startswith(b'"', at):
                found = self._quoted_cell(line, at + 1, lines)
                if found is None:
                    return
                line, at = found
                if line[at:] in (b"", b"\r"):
                    return
                if not line.startswith(self.mark, at):
                    self.reason = self.reason or f"there is text after the closing quote of cell {len(self.cells)}"
                    at = self._next_mark(line, at)
            else:
                end = self._next_mark(line, at)
                cell = line[at:end]
                self.cells.append(cell.removesuffix(b"\r") if end == len(line) else cell)
                at = end
            if at >= len(line):
                return
            at += len(self.mark)

    def _next_mark(self, line: bytes, at: int) -> int:
        end = line.find(self.mark, at)
        return len(line) if end < 0 else end

    def _quoted_cell(self, line: bytes, at: int, lines: Iterator[Line]) -> tuple[bytes, int] | None:
        """Take one quoted cell; return the line it ends on and the place after its closing quote."""
        parts: list[bytes] = []
        n_lines = 1
        while True:
            inside = INSIDE_QUOTES.match(line, at)
            end = inside.end() if inside else at
            if self.size <= self.limit:
                parts.append(line[at:end])
            if end < len(line):
                self.cells.append(b"\n".join(parts).replace(b'""', b'"'))
                return line, end + 1
            number, line, n_bytes = next(lines, (0, b"", 0))
            if not number:
                n_taken = f"{n_lines} line{'s' if n_lines > 1 else ''}"
                self.reason = f"a quote opened in it is never closed: it takes in {n_taken} {TO_THE_END}"
                return None
            n_lines += 1
            at = 0
            self._keep(line)
            if n_bytes:
                self.reason = _too_long(f"it has {n_bytes:,} bytes on one line", self.limit)
                return None

    def _keep(self, line: bytes) -> None:
        self.size += len(line) + 1
        if self.size <= self.limit or not self.raw:
            self.raw.append(line)
        elif not self.reason:
            self.reason = _too_long("it has more bytes", self.limit)


# ---- lines -----------------------------------------------------------------------------------------------------------
def _lines(chunks: Iterable[bytes], limit: int) -> Iterator[Line]:
    r"""Yield (number from 1, bytes up to `\n`, 0); a line beyond the limit comes cut, with its true size for the 0.

    A `\r` before the `\n` is left in place, since inside quotes it is part of the cell.
    """
    number, rest, dropped = 1, b"", 0
    for chunk in _unmarked(chunks):
        pieces = chunk.split(b"\n")
        last = pieces.pop()
        if dropped and pieces:
            yield number, rest, len(rest) + dropped + len(pieces[0])
            number, rest, dropped = number + 1, b"", 0
            del pieces[0]
        elif pieces:
            pieces[0] = rest + pieces[0]
            rest = b""
        for piece in pieces:
            yield (number, piece, 0) if len(piece) <= limit else (number, piece[:limit], len(piece))
            number += 1
        if dropped:
            dropped += len(last)
        else:
            rest += last
            if len(rest) > limit:
                # The head of an endless line is kept to be shown; of the rest only the size.
                rest, dropped = rest[:limit], len(rest) - limit
    if rest:
        yield number, rest, len(rest) + dropped if dropped else 0


def _unmarked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks without the byte order mark that some programs put in front."""
    head = b""
    source = iter(chunks)
    for chunk in source:
        head += chunk
        if len(head) >= len(BYTE_ORDER_MARK):
            break
    if head.startswith(UTF_16_MARKS):
        raise BadSource("The file is UTF-16; save it as UTF-8.")
    yield head.removeprefix(BYTE_ORDER_MARK)
    yield from source


def _shown(line: bytes) -> str:
    """Return the text of a record that was refused, such that any database can keep it and any page show it."""
    text = line[: 4 * KEPT_TEXT].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return _cut(text, len(line))


def _cut(text: str, size: int = 0) -> str:
    if len(text) <= KEPT_TEXT:
        return text
    return f"{text[:KEPT_TEXT]}… ({max(size, len(text)):,} in all)"


def _too_long(what: str, limit: int) -> str:
    return f"{what}; at most {limit:,} are allowed"


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"byte {error.start + 1} of it (0x{error.object[error.start]:02x}) is not UTF-8"
