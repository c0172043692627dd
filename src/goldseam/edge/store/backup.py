"""Backup: every row of every table as plain values, out of one database and into another, of either kind.

In: a transaction. Out: chunks of rows; rows put back in the order that references ask for. Never: a file, or a row changed on
the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Table, func, select, text

from goldseam.edge.store.declare import METADATA
from goldseam.edge.store.tx import Tx, chunks, insert_columns

MADE_ANEW = frozenset({"stamps", "search_reaches"})
"""Tables that the migration fills and triggers keep: a copy of them would mean nothing elsewhere."""


def tables() -> tuple[str, ...]:
    """Return the names of the tables to keep; one that refers to another comes after it."""
    return tuple(table.name for table in _tables())


def _tables() -> tuple[Table, ...]:
    return tuple(table for table in METADATA.sorted_tables if table.name not in MADE_ANEW)


def columns(table: str) -> dict[str, bool]:
    """Return the names of a table's columns, and whether each holds bytes."""
    return {column.name: isinstance(column.type, LargeBinary) for column in METADATA.tables[table].columns}


def n_rows(tx: Tx, table: str) -> int:
    """Return how many rows a table has."""
    return int(tx.run(select(func.count()).select_from(METADATA.tables[table])).scalar_one())


def rows(tx: Tx, table: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield a table's rows, thousands at a time, in the order of its primary key."""
    found = METADATA.tables[table]
    yield from chunks(tx, select(found).order_by(*found.primary_key.columns))


def is_empty(tx: Tx) -> bool:
    """Return whether the database holds nothing yet."""
    return not any(tx.first(select(table).limit(1)) for table in _tables())


def put_back(tx: Tx, table: str, names: Sequence[str], many: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `names`."""
    if many:
        whole = {name: list(column) for name, column in zip(names, zip(*many, strict=True), strict=True)}
        insert_columns(tx, METADATA.tables[table], whole)


def count_on(tx: Tx) -> None:
    """Let columns that count by themselves go on after the rows that were put back; SQLite does so by itself."""
    if tx.dialect != "postgresql":
        return
    for table in _tables():
        column = table.autoincrement_column
        if column is not None:
            newest = f"(SELECT coalesce(max({column.name}), 0) FROM {table.name})"
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            tx.run(text(f"SELECT setval({sequence}, greatest({newest}, 1), {newest} > 0)"))
