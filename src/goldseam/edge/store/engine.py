"""The store's door: opens SQLite or PostgreSQL, brings its tables up to date, and runs functions in transactions.

In: a URL, functions that take a `Tx`. Out: what they return, once it is durable. Never: a query of its own about a
project.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Protocol, Self, TypeVar, cast

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from goldseam.edge.store import migrations
from goldseam.edge.store.postgresql import Postgres
from goldseam.edge.store.refusals import refusal, unopened
from goldseam.edge.store.tx import STAMP, Dialect, Tx
from goldseam.edge.store.writer import Writer
from goldseam.vocab.errors import BadSetting, StampMoved, StoreFailed

T = TypeVar("T")
BUSY_SECONDS = 30
READERS = 16


class _Driver(Protocol):
    """How one kind of database runs a function."""

    def read(self, fn: Callable[[Tx], T]) -> T: ...

    def write(self, fn: Callable[[Tx], T]) -> T: ...

    def write_soon(self, fn: Callable[[Tx], T], briefly: Callable[[Tx], T | None] | None = None) -> Future[T]: ...

    def stamp(self) -> int: ...

    @property
    def n_waiting(self) -> int: ...

    def close(self) -> None: ...


class Store:
    """One database. `read` sees one consistent moment; `write` returns only after everything it wrote is durable.

    A function given to `write` may be run again (PostgreSQL asks for it after a deadlock) and shares its transaction
    with its neighbors on SQLite: it acts on the store only, never calls the store again, and raises to undo exactly
    what itself wrote.
    """

    def __init__(self, url: str, dialect: Dialect, driver: _Driver) -> None:
        self.url = url
        self.dialect = dialect
        self._driver = driver
        self._inside = threading.local()

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` on a consistent view; it cannot write.

        Raises
        ------
        StoreFailed
            If the database could not answer, or `fn` tried to write.
        """
        return self._driver.read(self._guarded(fn))

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a transaction and return its result after the commit; if it raises, nothing of it is kept.

        Raises
        ------
        StoreFailed
            If the database could not take it (a full disk, a lost connection); nothing was written.
        """
        return self._driver.write(self._guarded(fn))

    def write_soon(
        self, fn: Callable[[Tx], T], briefly: Callable[[Tx], T | None] | None = None, stamp: int | None = None
    ) -> Future[T]:
        """Like `write`, for a caller that has better things to do than to wait: an event loop.

        Parameters
        ----------
        briefly
            On PostgreSQL tried first, without a transaction around it: each of its statements is one by itself, so it
            reads, and then writes by single statements (`Tx.commit_by`). It returns None, with nothing written, where `fn`
            has to do it; so does an error of the database. Its one write says by itself that `stamp` still holds.
        stamp
            The access stamp that the caller's rights were read under: `fn` is not run under another one.

        Raises
        ------
        StampMoved
            By the future: if the access stamp is not `stamp` any more; nothing was done.
        """
        guarded = self._guarded(fn if stamp is None else _under(stamp, fn))
        return self._driver.write_soon(guarded, None if briefly is None else self._guarded(briefly))

    @property
    def where(self) -> str:
        """The database as it may be shown: its URL without the password."""
        return make_url(self.url).render_as_string(hide_password=True)

    @property
    def n_waiting(self) -> int:
        """How many writes wait for their turn in this process."""
        return self._driver.n_waiting

    @property
    def stamps_at_once(self) -> bool:
        """Whether `stamp` answers without waiting for anything: then it may be called from an event loop."""
        return self.dialect == "sqlite"

    def stamp(self) -> int:
        """Return the access stamp: as long as it stays the same, nobody's rights and no project's rules changed."""
        return self._driver.stamp()

    def _guarded(self, fn: Callable[[Tx], T]) -> Callable[[Tx], T]:
        """Return `fn` so that a call of the store from within raises, where it would otherwise wait for itself."""
        if getattr(self._inside, "now", False):
            raise RuntimeError("A function given to the store may not call the store again.")

        def guarded(tx: Tx) -> T:
            self._inside.now = True
            try:
                return fn(tx)
            finally:
                self._inside.now = False

        return guarded

    def close(self) -> None:
        """Finish what waits, then close every connection."""
        self._driver.close()

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()


def _under(stamp: int, fn: Callable[[Tx], T]) -> Callable[[Tx], T]:
    """Return `fn` so that it is run under this access stamp alone."""

    def run(tx: Tx) -> T:
        if tx.quick(STAMP, {})[0][0] != stamp:
            raise StampMoved("Rights or rules have just changed: send this again.")
        return fn(tx)

    return run


def open_store(url: str) -> Store:
    """Open the database at `url` and bring its tables up to date.

    `sqlite:///path/to/file`, `sqlite://` (in memory) or `postgresql://name@host/database`.

    Raises
    ------
    BadSetting
        If the URL names another kind of database.
    MissingExtra
        If PostgreSQL's driver is not installed.
    StoreFailed
        If it cannot be opened, or was written by a newer Goldseam.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadSetting(
            "The setting GOLDSEAM_DATABASE_URL is no database's URL: one is written like sqlite:///goldseam.db or "
            "postgresql://host/name."
        ) from None
    kind = parsed.get_backend_name()
    try:
        if kind == "sqlite":
            return Store(url, "sqlite", _Sqlite(parsed))
        if kind in {"postgresql", "postgres"}:
            return Store(url, "postgresql", Postgres(parsed.set(drivername="postgresql+psycopg")))
    except DBAPIError as error:
        where = parsed.render_as_string(hide_password=True)
        raise unopened(error, where) from error
    raise BadSetting(f"Goldseam keeps its data in sqlite or postgresql; GOLDSEAM_DATABASE_URL names {kind!r}.")


# --- SQLite ---


class _Sqlite:
    """A file (or memory), one writer thread, and readers with connections of their own."""

    def __init__(self, url: URL) -> None:
        self._in_memory = url.database in {None, "", ":memory:"}
        engine = _sqlite_engine(url, writes=True)
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if not self._in_memory:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            if migrations.stored(connection) != migrations.HEAD:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                migrations.bring_up(connection)
                connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._writer = Writer(connection)
        self._readers = None if self._in_memory else _sqlite_engine(url, writes=False)
        self._stamping = threading.Lock()
        self._stamps = None if self._readers is None else self._readers.raw_connection()

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` on a snapshot; a database in memory has one connection only, which the writer owns."""
        if self._readers is None:
            return self._writer.read(fn)
        try:
            with self._readers.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                try:
                    return fn(Tx(connection, "sqlite"))
                finally:
                    connection.exec_driver_sql("ROLLBACK")
        except DBAPIError as error:
            raise refusal(error) from error

    @property
    def n_waiting(self) -> int:
        """The writer's line."""
        return self._writer.n_waiting

    def stamp(self) -> int:
        """Read the access stamp on a connection kept for it: every call of the server asks for it."""
        if self._stamps is None:
            return self._writer.read(lambda tx: int(tx.quick(STAMP, {})[0][0]))
        driver = cast("sqlite3.Connection | None", self._stamps.driver_connection)
        if driver is None:
            raise StoreFailed("The store is closed.")
        try:
            with self._stamping:
                return int(driver.execute(STAMP.text).fetchone()[0])
        except sqlite3.Error as error:
            raise StoreFailed(f"The database could not be read: {error}.") from error

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in the writer's next transaction."""
        return self._writer.write(fn)

    def write_soon(self, fn: Callable[[Tx], T], _briefly: Callable[[Tx], T | None] | None = None) -> Future[T]:
        """Queue `fn` for the writer's next transaction, which many share: there is nothing to make brief."""
        return self._writer.write_soon(fn)

    def close(self) -> None:
        """Close readers first: the last connection, which folds the log into the file, is then the writer's."""
        if self._stamps is not None:
            self._stamps.close()
        if self._readers is not None:
            self._readers.dispose()
        self._writer.close()


def _sqlite_engine(url: URL, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512},
        hide_parameters=True,
        poolclass=NullPool if writes else QueuePool,
        **({} if writes else {"pool_size": READERS, "max_overflow": READERS * 4}),
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in _pragmas(writes=writes):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _pragmas(*, writes: bool) -> Iterator[str]:
    yield "foreign_keys=ON"
    yield "trusted_schema=OFF"
    yield "temp_store=MEMORY"
    if writes:
        yield "synchronous=FULL"
        yield "cache_size=-65536"
        # REPLACE would otherwise delete rows without firing the triggers that refuse it.
        yield "recursive_triggers=ON"
    else:
        yield "query_only=ON"
        # Only the writer folds the log into the file: SQLite before 3.51.3 has a bug when two connections do at once.
        yield "wal_autocheckpoint=0"
