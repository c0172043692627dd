"""Columns: a CSV, JSON Lines or Parquet file as whole columns of text, quick enough for millions of rows.

In: the bytes of a file. Out: `TextTable`: columns by name, the line of each row, the rows that could not be read; or
columns as a CSV. Never: a row that is left out without being counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from arro3.core import Array, DataType, Field, Schema, Table
from arro3.io import read_csv, write_csv
from numpy.typing import NDArray

from goldseam.formats.parquet import read_table
from goldseam.formats.tables import plain_cell, safe_cell
from goldseam.formats.text import Raw, Unreadable, csv_records, jsonl_records
from goldseam.vocab.errors import BadSource

KEPT_UNREADABLE = 100
"""How many unreadable rows are kept to be shown; the others are counted."""

CHUNK = 1 << 20
DIGITS = 6
"""Digits after the point of a number that is written to a CSV."""

Cells = list[str | None]
_TEXT = {str, type(None)}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as columns of text.

    `lines` has the line on which each row starts, for Parquet its number, from 1. `unreadable` holds the first of
    `n_unreadable` rows; `hint` says which other delimiter would split the header, or nothing.
    """

    names: tuple[str, ...]
    lines: Sequence[int]
    n_unreadable: int
    unreadable: tuple[Unreadable, ...]
    hint: str
    columns: Mapping[str, Any]

    @property
    def n_rows(self) -> int:
        """How many rows could be read."""
        return len(self.lines)

    def cells(self, name: str) -> Cells:
        """Return a column: texts without spaces around them, None where a cell is empty."""
        listed = _texts(self.columns[name])
        changed = {cell: tidy for cell in set(listed) if (tidy := _tidy(cell)) != cell}
        return [changed.get(cell, cell) for cell in listed] if changed else listed

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as numbers.

        Raises
        ------
        BadSource
            If a cell is empty or no finite number; the message names its line.
        """
        values = self.columns[name]
        if hasattr(values, "to_numpy") and not values.null_count:
            values = values.to_numpy()
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
            values = np.array([_number(cell) for cell in self.cells(name)], dtype=np.float64)
        numbers = np.asarray(values, dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            cell = self.cells(name)[bad[0]]
            what = "is empty or NaN" if cell is None else f"is {cell!r}, no number"
            raise BadSource(f"line {self.lines[bad[0]]}: the cell in the column {name!r} {what}.")
        return numbers


def csv_table(data: bytes, *, delimiter: str = ",", is_text: Callable[[str], bool] | None = None) -> TextTable:
    """Return a CSV file as columns; those that `is_text` is false of are read as numbers, if they are such.

    It is read by Arrow's reader, in a fraction of the time; a file that this refuses or might read otherwise, and one
    with cells over several lines, is read by `csv_records`.

    Raises
    ------
    BadSource
        If there is no header, it names a column twice, or it is not UTF-8.
    """
    records = csv_records(_chunks(data), delimiter=delimiter)
    names, hint = records.header, records.hint()
    quick = by_arrow(data, {name: is_text is None or is_text(name) for name in names}, delimiter)
    if quick is not None:
        columns = {name: quick.column(at) for at, name in enumerate(names)}
        return TextTable(names, range(2, 2 + quick.num_rows), 0, (), hint, columns)
    lines, bad, n_bad = [], [], 0
    cells: dict[str, list[object]] = {name: [] for name in names}
    added = [(name, column.append) for name, column in cells.items()]
    for row in records:
        if isinstance(row, Raw):
            lines.append(row.line)
            for name, add in added:
                add(row.fields[name])
        else:
            n_bad += 1
            if n_bad <= KEPT_UNREADABLE:
                bad.append(row)
    return TextTable(names, lines, n_bad, tuple(bad), hint, cells)


def jsonl_table(data: bytes) -> TextTable:
    """Return a JSON Lines file as columns, one for every key; a list or an object in it is its JSON text.

    Raises
    ------
    BadSource
        If there is not a single record.
    """
    rows, bad, n_bad = [], [], 0
    for row in jsonl_records(_chunks(data)):
        if isinstance(row, Raw):
            rows.append(row)
        else:
            n_bad += 1
            if n_bad <= KEPT_UNREADABLE:
                bad.append(row)
    names = tuple(dict.fromkeys(name for row in rows for name in row.fields))
    columns = {name: [row.fields.get(name) for row in rows] for name in names}
    return TextTable(names, [row.line for row in rows], n_bad, tuple(bad), "", columns)


def parquet_table(data: bytes) -> TextTable:
    """Return a Parquet file as columns.

    Raises
    ------
    BadValue
        If the bytes are not a Parquet file.
    """
    found = read_table(data)
    n_rows = len(next(iter(found.values()), ()))
    return TextTable(tuple(found), range(1, 1 + n_rows), 0, (), "", found)


def to_csv_quickly(columns: Mapping[str, Sequence[str] | NDArray[Any]], *, delimiter: str = ",") -> bytes:
    """Return columns (texts, or arrays of numbers, equally long) as `tables.to_csv` does, for millions of rows.

    Numbers have at most six digits after the point.
    """
    made = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            rounded = column.round(DIGITS) if column.dtype.kind == "f" else column
            made[safe_cell(name)] = Array.from_numpy(np.ascontiguousarray(rounded))
        else:
            changed = {cell: safe for cell in set(column) if (safe := safe_cell(cell)) != cell}
            texts = [changed.get(cell, cell) for cell in column] if changed else list(column)
            made[safe_cell(name)] = Array(texts, DataType.utf8())
    buffer = BytesIO()
    write_csv(Table.from_pydict(made), buffer, delimiter=delimiter)
    return buffer.getvalue()


def by_arrow(data: bytes, is_text: Mapping[str, bool], delimiter: str, n_rows: int | None = None) -> Table | None:
    """Read the columns by Arrow's reader; None where it refuses, or finds another number of rows than there should be.

    Without `n_rows` there should be one row a line.
    """
    if b"\0" in data or data.count(b"\r") != data.count(b"\r\n") or not _quoted_by_the_rules(data, delimiter):
        return None
    kinds = {True: DataType.utf8(), False: DataType.float64()}
    schema = Schema([Field(name, kinds[text], nullable=True) for name, text in is_text.items()])
    try:
        table = read_csv(BytesIO(data), schema, has_header=True, delimiter=delimiter).read_all()
    except Exception:
        return None  # whatever it was, the strict reader says it better
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library stops, in its own language; no Exception
            raise
        return None
    if n_rows is None:
        n_rows = data.count(b"\n") + (not data.endswith(b"\n")) - 1
    return table if table.num_rows == n_rows else None


def _quoted_by_the_rules(data: bytes, delimiter: str) -> bool:
    """Say whether quotes stand only around whole cells, or doubled inside of them."""
    bytes_of = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(bytes_of == ord('"'))
    if len(quotes) % 2:
        return False
    outside = np.zeros(256, dtype=np.bool_)
    outside[[ord(delimiter), ord("\n"), ord("\r"), ord('"')]] = True  # a doubled quote closes and opens at once
    opening, closing = quotes[::2], quotes[1::2]
    before, after = opening[opening > 0] - 1, closing[closing < len(data) - 1] + 1
    return bool(outside[bytes_of[before]].all() and outside[bytes_of[after]].all())


def _tidy(cell: str | None) -> str | None:
    return (plain_cell(cell.strip()) or None) if cell else None


def _texts(column: Any) -> Cells:  # noqa: ANN401 - an Arrow column, an array or a list
    listed = column.to_pylist() if hasattr(column, "to_pylist") else column
    if isinstance(listed, np.ndarray):
        listed = list(map(str, listed.tolist())) if listed.dtype.kind in "iu" else listed.tolist()
    return listed if set(map(type, listed)) <= _TEXT else [_text(value) for value in listed]


def _number(cell: str | None) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        return float("nan")


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value != value:  # noqa: PLR0124 - NaN stands for an absent value
            return None
        case float() if value.is_integer():
            return str(int(value))
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        case _:
            return str(value)


def _chunks(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    return (bytes(view[start : start + CHUNK]) for start in range(0, len(data), CHUNK))
