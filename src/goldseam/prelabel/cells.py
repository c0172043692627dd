"""Cells: what fields of items hold, read as numbers, dates or values; and the fields of a table.

In: cells, the content of a table. Out: numbers, texts, fields. Never: a guess about a cell that can be read in two ways.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Final

from goldseam.prelabel.contents import Cell, Fields

NOTHING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
NUMBER: Final = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?")
DAY_S: Final = 86_400
LONGEST: Final = 100
"""Characters of a value that count."""


def is_missing(cell: Cell) -> bool:
    """Return whether a cell says nothing: null, empty, or a usual word for it."""
    if isinstance(cell, float) and not math.isfinite(cell):
        return True
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in NOTHING)


def number_of(cell: Cell) -> float | None:
    """Return the number that a cell holds, as a number or as a text that is one.

    Examples
    --------
    >>> number_of("-1.5e3"), number_of("1,000"), number_of(True)
    (-1500.0, None, None)
    """
    if isinstance(cell, str):
        text = cell.strip()
        found = float(text) if NUMBER.fullmatch(text) else None
    else:
        found = None if cell is None or isinstance(cell, bool) else _finite(cell)
    return found if found is None or abs(found) < 1e30 else None


def _finite(cell: int | float) -> float | None:
    return None if abs(cell) >= 1e30 or not math.isfinite(cell) else float(cell)


def days_of(cell: Cell) -> float | None:
    """Return the days since 1970 of a cell that holds a date, or date and time, as ISO 8601 writes it.

    Examples
    --------
    >>> days_of("1970-01-02"), days_of("1970-01-02T12:00"), days_of("2 May")
    (1.0, 1.5, None)
    """
    if not isinstance(cell, str) or not DATE.fullmatch(cell.strip()):
        return None
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / DAY_S


def value_of(cell: Cell) -> str:
    """Return a cell as one of several values: a text without spaces around it."""
    text = cell.strip() if isinstance(cell, str) else json.dumps(cell)
    return text[:LONGEST].replace("\0", " ").rstrip()


def of_table(content: str) -> Fields:
    """Return the fields of a table that is an item.

    A table of one row has a field a column. One of two columns whose first holds different texts is read as keys with their
    values. Of any other each column gives the mean of its numbers, or the value that all rows share, and `rows` their number.

    Examples
    --------
    >>> of_table('{"columns":["color","price"],"rows":[["red",2.5]]}')
    {'color': 'red', 'price': 2.5}
    >>> of_table('{"columns":["key","value"],"rows":[["color","red"],["price",2.5]]}')
    {'color': 'red', 'price': 2.5}
    """
    table = json.loads(content)
    columns: list[str] = table["columns"]
    rows: list[list[Cell]] = table["rows"]
    if len(rows) == 1:
        return dict(zip(columns, rows[0], strict=True))
    names = [row[0] for row in rows]
    if len(columns) == 2 and all(isinstance(one, str) and one for one in names) and len(set(names)) == len(names):
        return {str(name): value for name, value in rows}
    found: dict[str, Cell] = {name: _together([row[at] for row in rows]) for at, name in enumerate(columns)}
    return found | {"rows": len(rows)}


def _together(cells: list[Cell]) -> Cell:
    said = [cell for cell in cells if not is_missing(cell)]
    numbers = [number for number in map(number_of, said) if number is not None]
    if said and len(numbers) == len(said):
        return sum(numbers) / len(numbers)
    values = {value_of(cell) for cell in said}
    return values.pop() if len(values) == 1 else None
