"""Pieces: a CSV file as a stream of columns, thousands of rows at a time; what is not plain goes through the strict reader.

In: chunks of bytes, cut anywhere. Out: `Piece` (columns of cells), or records of `formats.text` where a piece is not plain.
Never: the whole file in memory, or a row that the strict reader would read otherwise.

A piece ends where a record ends. One that Arrow's reader refuses, or might read otherwise, is read strictly, and if a quote
is still open at its end, so is the rest of the file: a piece is then no unit any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.formats.columns import by_arrow
from goldseam.formats.text import BYTE_ORDER_MARK, MAX_CELL, Raw, Unreadable, csv_records, is_unclosed

PIECE = 4 << 20
"""Bytes of a piece: about a hundred thousand short rows; fewer a transaction, and each dirties every page of an index by hash."""
STRICT_ROWS = 5_000
"""Rows given at a time where the rest of a file is read strictly."""
NEWLINE, QUOTE = ord("\n"), ord('"')

Rows = list[Raw | Unreadable]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows as columns: `lines` has the line on which each starts, `starts` its first byte in `data`."""

    lines: Sequence[int]
    starts: NDArray[np.int64]
    data: bytes
    columns: Mapping[str, Any]

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.lines)

    def cells(self, name: str) -> list[str]:
        """Return a column; an empty cell is an empty text."""
        column = self.columns[name]
        listed: list[str] = column.to_pylist()
        return [cell or "" for cell in listed] if column.null_count else listed

    def raw(self, rows: Iterable[int]) -> Iterator[Raw]:
        """Yield some rows as records."""
        cells: dict[str, list[str]] = {}
        for row in rows:
            cells = cells or {name: self.cells(name) for name in self.columns}
            fields = {name: column[row] for name, column in cells.items()}
            end = self.starts[row + 1] if row + 1 < self.n_rows else len(self.data)
            text = self.data[self.starts[row] : end].removesuffix(b"\n").removesuffix(b"\r").decode()
            yield Raw(self.lines[row], fields, text)


def csv_pieces(chunks: Iterable[bytes], *, delimiter: str = ",") -> CsvPieces:
    """Return the pieces of a CSV file whose first line names the columns; `.header` has the names.

    Raises
    ------
    BadSource
        If there is no header, it names a column twice, or it is not UTF-8.
    """
    return CsvPieces(chunks, delimiter)


class CsvPieces:
    """The pieces of one CSV file; made by `csv_pieces`."""

    def __init__(self, chunks: Iterable[bytes], delimiter: str) -> None:
        self._chunks = iter(chunks)
        self._delimiter = delimiter
        head = self._gather(b"")
        first, newline, self._rest = head.removeprefix(BYTE_ORDER_MARK).partition(b"\n")
        self._head = first.removesuffix(b"\r") + b"\n"
        self._is_plain = bool(newline) and len(self._head) > 1 and b'"' not in first and b"\r" not in self._head
        if self._is_plain:
            self._strict = csv_records([self._head], delimiter=delimiter)
        else:
            self._strict = csv_records(chain([head], self._chunks), delimiter=delimiter)
        self.header = self._strict.header

    def hint(self) -> str:
        """Return which delimiter would split the header, as a sentence; empty if none would do better."""
        return self._strict.hint()

    def __iter__(self) -> Iterator[Piece | Rows]:
        if not self._is_plain:
            yield from _by_thousands(self._strict)
            return
        line, rest = 2, self._rest
        while data := self._gather(rest):
            ends = _record_ends(data)
            # At the end of the file the last line may have no end.
            cut = len(data) if len(data) < PIECE else int(ends[-1]) + 1 if len(ends) else 0
            found: Piece | Rows | None = self._quick(data[:cut], line, ends)
            if found is None:
                found, cut = self._strictly(data[:cut], line)
            if not cut:
                yield from _by_thousands(self._after(chain([data], self._chunks), line))
                return
            yield found
            line += data.count(b"\n", 0, cut)
            rest = data[cut:]

    def _gather(self, begun: bytes) -> bytes:
        """Return a piece's worth of bytes, or what is left of the file."""
        parts, size = [begun], len(begun)
        while size < PIECE and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            size += len(chunk)
        return b"".join(parts)

    def _quick(self, data: bytes, line: int, ends: NDArray[np.int64]) -> Piece | None:
        starts = np.concatenate(([0], ends + 1))
        starts = starts[starts < len(data)]
        if not data or np.diff(starts, append=len(data)).max() > MAX_CELL:
            return None
        table = by_arrow(self._head + data, dict.fromkeys(self.header, True), self._delimiter, len(starts))
        if table is None:
            return None
        lines: Sequence[int] = range(line, line + len(starts))
        if data.count(b"\n") > len(starts):
            newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
            lines = (line + np.searchsorted(newlines, starts)).tolist()
        columns = {name: table.column(at) for at, name in enumerate(self.header)}
        return Piece(lines, starts, data, columns)

    def _strictly(self, data: bytes, line: int) -> tuple[Rows, int]:
        """Return the piece's records, and the bytes that they take: the last may go on in the next piece."""
        rows = list(self._after([data], line))
        last = rows[-1] if rows else None
        if not (isinstance(last, Unreadable) and is_unclosed(last)):
            return rows, len(data)
        newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
        n_before = last.line - line
        return rows[:-1], int(newlines[n_before - 1]) + 1 if n_before else 0

    def _after(self, chunks: Iterable[bytes], line: int) -> Iterator[Raw | Unreadable]:
        """Read strictly what stands from a line on."""
        records = csv_records(chain([self._head], chunks), delimiter=self._delimiter)
        return (replace(row, line=row.line + line - 2) for row in records)


def _record_ends(data: bytes) -> NDArray[np.int64]:
    """Return where records end, if quotes stand where the rules have them: line ends outside of quotes."""
    bytes_of = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(bytes_of == NEWLINE)
    if b'"' not in data:
        return newlines
    n_quotes = np.searchsorted(np.flatnonzero(bytes_of == QUOTE), newlines)
    outside: NDArray[np.int64] = newlines[n_quotes % 2 == 0]
    return outside


def _by_thousands(rows: Iterator[Raw | Unreadable]) -> Iterator[Rows]:
    while some := list(islice(rows, STRICT_ROWS)):
        yield some
