"""Tx: one open transaction, and what whole columns need to go in and out of it.

In: a connection, columns of values. Out: rows written in one statement, arrays read without a record per row.
Never: a commit (the store's), or a value inside SQL text.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any, Literal, TypeGuard, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sqlalchemy import Column, ColumnElement, Connection, CursorResult, Row, Table, bindparam, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Dialect as SqlDialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable, TextClause
from sqlalchemy.sql.selectable import Select

Dialect = Literal["sqlite", "postgresql"]
Positions = NDArray[np.int64]
"""Places of items in their project's intake."""
Values = Sequence[Any] | NDArray[Any]

FETCH = 20_000
TOGETHER = 50
"""Rows of one statement on SQLite, as columns are inserted: what a row costs beside its values is paid once for so many."""
POSTGRESQL: SqlDialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # the library has no hints there
PSYCOPG: SqlDialect = psycopg.dialect()  # type: ignore[no-untyped-call]  # as above
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
STAMP = text("SELECT value FROM stamps WHERE name = 'access'")


@dataclass(frozen=True, slots=True)
class Tx:
    """One open transaction of one store; every function of this folder takes it first.

    `committing` is set once what was written may be durable: from then on, a lost connection says nothing about it.
    """

    connection: Connection
    dialect: Dialect
    committing: threading.Event | None = None

    def run(self, statement: Executable, values: Mapping[str, object] | None = None) -> CursorResult[Any]:
        """Run one statement."""
        return self.connection.execute(statement, values)

    def first(self, statement: Executable, values: Mapping[str, object] | None = None) -> Row[Any] | None:
        """Run one query and return its first row, if it has one."""
        return self.connection.execute(statement, values).first()

    def quick(self, statement: TextClause, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Run one statement by the driver itself and return its rows as they are: for what every lease and answer does.

        The statement is one of a module's own, not one that was made for this call.
        """
        rows: list[tuple[Any, ...]] = self._bare(_written(statement, self.dialect), values).fetchall()
        return rows

    def quick_count(self, statement: TextClause, values: Mapping[str, object]) -> int:
        """Run one statement without rows like `quick`, and return how many rows it changed."""
        return int(self._bare(_written(statement, self.dialect), values).rowcount)

    def commit_by(self, statement: TextClause, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Run one statement that is a transaction by itself (`Store.write_soon`, `briefly`): it is durable when this returns."""
        if self.committing is not None:
            self.committing.set()
        return self.quick(statement, values)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written within, and nothing else, if it raises; an error of the database undoes everything."""
        self.bare("SAVEPOINT attempt")
        try:
            yield
        except DBAPIError:
            raise
        except BaseException:
            self.bare("ROLLBACK TO SAVEPOINT attempt")
            self.bare("RELEASE SAVEPOINT attempt")
            raise
        self.bare("RELEASE SAVEPOINT attempt")

    def bare(self, statement: str) -> None:
        """Run one statement that has neither values nor rows: a savepoint, a beginning, an end."""
        self._bare(statement, None)

    def _bare(self, statement: str, values: Mapping[str, object] | None) -> Any:  # noqa: ANN401 - a driver's cursor
        driver: Any = self.connection.connection.driver_connection
        try:
            if values is None:
                return driver.execute(statement)
            if self.dialect == "sqlite":
                return driver.execute(statement, values)
            return driver.execute(statement, values, prepare=True)
        except Exception as error:
            raise _in_their_words(self.connection, statement, error) from error


@cache
def _written(statement: TextClause, dialect: Dialect) -> str:
    """Return a statement as its driver takes it: SQLite knows `:name` by itself."""
    return statement.text if dialect == "sqlite" else str(statement.compile(dialect=PSYCOPG))


def _in_their_words(connection: Connection, statement: str, error: Exception) -> BaseException:
    """Return a driver's error as SQLAlchemy would have raised it; a connection that is lost is given up."""
    dialect = connection.dialect
    base: type[Exception] = dialect.loaded_dbapi.Error
    if not isinstance(error, base):
        return error
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]  # any driver's
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        statement, None, error, base, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
    )


def micros(at: datetime) -> int:
    """Return a time as whole microseconds since 1970 in UTC, exactly."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """Return the time that `micros` made a number of."""
    return EPOCH + at * MICROSECOND


def maybe_moment(at: int | None) -> datetime | None:
    """Return the time, if there is one."""
    return None if at is None else moment(at)


def new_id(now: datetime) -> str:
    """Return a fresh UUIDv7: ids made later sort later, and nobody can guess the next."""
    milliseconds = micros(now) // 1000
    random = secrets.randbits(74)
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def token_hash(token: str) -> str:
    """Return what is stored of a secret token: a dump of the database then holds none that works."""
    return hashlib.sha256(token.encode()).hexdigest()


def within(tx: Tx, column: ColumnElement[Any], values: Values) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `values`; any number of values travels as one parameter."""
    packed = pack(tx, values)
    if tx.dialect == "sqlite":
        table = func.json_each(packed).table_valued("value")
        return column.in_(select(table.c.value))
    return column == func.any(bindparam(None, packed, type_=postgresql.ARRAY(column.type), unique=True))


def pack(tx: Tx, values: Values) -> object:
    """Return values as one parameter: an array for PostgreSQL, a JSON text for SQLite's `json_each`."""
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return json.dumps(plain) if tx.dialect == "sqlite" else plain


def arrays(tx: Tx, statement: Select[Any], *dtypes: DTypeLike) -> tuple[NDArray[Any], ...]:
    """Return the columns of a query as arrays, without a record per row; `object` columns keep what the driver gave."""
    parts: list[list[NDArray[Any]]] = [[] for _ in dtypes]
    for rows in chunks(tx, statement):
        for part, values, dtype in zip(parts, zip(*rows, strict=True), dtypes, strict=True):
            part.append(np.fromiter(values, dtype, len(rows)))
    return tuple(
        np.concatenate(part) if part else np.empty(0, dtype) for part, dtype in zip(parts, dtypes, strict=True)
    )


def chunks(tx: Tx, statement: Select[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Return a query's rows, thousands at a time."""
    if tx.dialect == "postgresql":
        # A cursor on the server: the driver would otherwise hold the whole result.
        yield from tx.connection.execute(statement, execution_options={"yield_per": FETCH}).partitions()
        return
    result = tx.connection.execute(statement)
    cursor = result.cursor
    while cursor is not None and (rows := cursor.fetchmany(FETCH)):
        yield cast("list[tuple[Any, ...]]", rows)
    result.close()


def insert_columns(tx: Tx, table: Table, columns: Mapping[str, Values | object], *, then: str = "") -> None:
    """Insert whole columns; a value that is not a column stands in every row.

    Parameters
    ----------
    columns
        By column name: arrays or lists of one length, or one value for all rows.
    then
        What to do about a row that exists, as SQL: `"ON CONFLICT ... DO ..."`, without any value in it.
    """
    lengths = {len(values) for values in columns.values() if _is_column(values)}
    if len(lengths) != 1:
        raise ValueError(f"Columns of one length are needed; got lengths {sorted(lengths)}.")
    (n_rows,) = lengths
    if n_rows == 0:
        return
    if tx.dialect == "sqlite":
        _insert_each(tx, table, columns, then)
    else:
        _insert_unnested(tx, table, columns, then)


def _is_column(values: object) -> TypeGuard[Values]:
    return isinstance(values, list | tuple | np.ndarray)


def _plain(values: Values) -> Sequence[Any]:
    return cast("list[Any]", values.tolist()) if isinstance(values, np.ndarray) else values


def _insert_each(tx: Tx, table: Table, columns: Mapping[str, Any], then: str) -> None:
    sides = {name: _plain(values) for name, values in columns.items() if _is_column(values)}
    same = {name: value for name, value in columns.items() if name not in sides}
    flat = list(chain.from_iterable(zip(*sides.values(), strict=True)))
    start = 0
    for together in (TOGETHER, 1):
        size = together * len(sides)
        end = len(flat) - (len(flat) - start) % size
        if start < end:
            rows = [(*same.values(), *flat[at : at + size]) for at in range(start, end, size)]
            tx.connection.exec_driver_sql(_insert_of(table, (*same, *sides), len(same), together, then), rows)
        start = end


def _insert_of(table: Table, names: Sequence[str], n_same: int, n_rows: int, then: str) -> str:
    """Return the statement that inserts so many rows; the first columns are the same in all and bound once."""
    n_sides = len(names) - n_same
    same = [f"?{number + 1}" for number in range(n_same)]
    marks = (
        ", ".join([*same, *(f"?{n_same + row * n_sides + side + 1}" for side in range(n_sides))])
        for row in range(n_rows)
    )
    values = ", ".join(f"({each})" for each in marks)
    return f"INSERT INTO {table.name} ({', '.join(_quoted(table.c[name]) for name in names)}) VALUES {values} {then}"


def _insert_unnested(tx: Tx, table: Table, columns: Mapping[str, Any], then: str) -> None:
    names = ", ".join(_quoted(table.c[name]) for name in columns)
    lists = {name: _plain(values) for name, values in columns.items() if _is_column(values)}
    unnested = ", ".join(f"CAST(:{name} AS {_sql_type(table.c[name])}[])" for name in lists)
    chosen = ", ".join(
        f"u.{_quoted(table.c[name])}" if name in lists else f"CAST(:{name} AS {_sql_type(table.c[name])})"
        for name in columns
    )
    aliases = ", ".join(_quoted(table.c[name]) for name in lists)
    source = f"SELECT {chosen} FROM unnest({unnested}) AS u({aliases})"
    statement: TextClause = text(f"INSERT INTO {table.name} ({names}) {source} {then}")
    tx.connection.execute(statement, {name: lists.get(name, value) for name, value in columns.items()})


def _quoted(column: Column[Any]) -> str:
    return f'"{column.name}"'


def _sql_type(column: Column[Any]) -> str:
    return column.type.compile(dialect=POSTGRESQL)
