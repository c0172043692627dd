"""Tables: columns of a release as CSV or JSON Lines.

In: columns of equal length. Out: bytes. Never: a cell that a spreadsheet would run as a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = Sequence[Any] | NDArray[Any]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet read a text as a formula when it stands first."""


def to_csv(columns: Mapping[str, Column]) -> bytes:
    """Return the columns as CSV (RFC 4180, UTF-8, one header line).

    A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that starts with
    apostrophes before such a sign, so that `plain_cell` gives every text back.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows(zip(*([_cell(value) for value in _values(column)] for column in columns.values()), strict=True))
    return buffer.getvalue().encode()


def to_jsonl(columns: Mapping[str, Column]) -> bytes:
    """Return the columns as JSON Lines, one object a row; absent values are null."""
    names = list(columns)
    rows = zip(*(_values(column) for column in columns.values()), strict=True)
    lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet runs it."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def plain_cell(text: str) -> str:
    """Return the text that `safe_cell` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def _cell(value: object) -> object:
    if value is None:
        return ""
    return safe_cell(value) if isinstance(value, str) else value


def _values(column: Column) -> Sequence[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column
