"""Bulk: many rows of one table in by the quickest way that each database has.

In: whole columns. Out: rows. Never: a row checked or changed on the way, or a value inside SQL text.

SQLite takes them one by one in one prepared statement; PostgreSQL by COPY, as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, cast

import numpy as np
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from goldseam.edge.store.tx import Tx, Values, insert_columns

SEPARATOR = "\0"
"""Stands between texts while they are escaped together: no text that a database can keep has one."""
AT_ONCE = 4_000
"""Rows that COPY is given at a time."""


def insert(tx: Tx, table: Table, columns: Mapping[str, Values | object]) -> None:
    """Insert whole columns of texts and whole numbers; a value that is not a column stands in every row."""
    if tx.dialect == "postgresql":
        _copy(tx, table, columns)
    else:
        insert_columns(tx, table, columns)


def _copy(tx: Tx, table: Table, columns: Mapping[str, Values | object]) -> None:
    sides = {name: values for name, values in columns.items() if isinstance(values, list | tuple | range | np.ndarray)}
    (n_rows,) = {len(side) for side in sides.values()}
    if n_rows == 0:
        return
    every = {name: _texts([value])[0] for name, value in columns.items() if name not in sides}
    names = ", ".join(f'"{table.c[name].name}"' for name in (*sides, *every))
    statement = f"COPY {table.name} ({names}) FROM STDIN"
    driver = cast("Any", tx.connection.connection.driver_connection)
    dbapi = tx.connection.dialect.loaded_dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            # The server works on some rows while the next are made.
            for start in range(0, n_rows, AT_ONCE):
                some = [_texts(side[start : start + AT_ONCE]) for side in sides.values()]
                same = [repeat(value) for value in every.values()]
                copy.write("\n".join([*map("\t".join, zip(*some, *same, strict=False)), ""]).encode())
    except dbapi.Error as error:
        raise DBAPIError.instance(statement, None, error, cast("Any", dbapi).Error, hide_parameters=True) from error


def _texts(values: Sequence[object] | np.ndarray[Any, Any]) -> list[str]:
    """Return values as COPY reads them; texts are escaped all at once."""
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    if not plain or not isinstance(plain[0], str):
        return list(map(str, plain))
    joined = SEPARATOR.join(cast("Sequence[str]", plain))
    if not ("\\" in joined or "\n" in joined or "\t" in joined or "\r" in joined):
        return list(cast("Sequence[str]", plain))
    escaped = joined.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return escaped.split(SEPARATOR)
