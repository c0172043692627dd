"""PostgreSQL: many writers at once, each function in a transaction of its own, run again where that is safe.

In: a URL, functions of a `Tx`. Out: what they return, once it is durable. Never: an act that was committed run again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from queue import LifoQueue
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool

from goldseam.edge.store import migrations
from goldseam.edge.store.refusals import may_go_well_again, refusal
from goldseam.edge.store.tx import STAMP, Tx
from goldseam.vocab.errors import GoldseamError, MissingExtra

T = TypeVar("T")
ATTEMPTS: Final = 5
CONNECTIONS: Final = 20
OVERFLOW: Final = 28
THREADS: Final = 16
KEPT: Final = THREADS
"""Connections that are kept outside of transactions: for the access stamp, and for leases and answers."""
OPTIONS: Final = (
    "-c synchronous_commit=on -c jit=off -c statement_timeout=600s -c idle_in_transaction_session_timeout=600s"
)


class Postgres:
    """A server; every function has a transaction of its own.

    Nobody asks a connection whether it still lives before it is used: that would cost each act a trip. One that was lost (the
    server was started again) is found out by the act, which is then run again if nothing of it can have been committed.
    """

    def __init__(self, url: URL) -> None:
        options = f"{url.query.get('options', '')} {OPTIONS}".strip()
        try:
            self._engine = create_engine(
                url.update_query_dict({"options": options}),
                isolation_level="READ COMMITTED",
                hide_parameters=True,
                pool_size=CONNECTIONS,
                max_overflow=OVERFLOW,
                pool_use_lifo=True,  # the connection used last has its statements planned
            )
        except ModuleNotFoundError:
            raise MissingExtra("PostgreSQL needs its driver: pip install 'goldseam[postgres]'.") from None
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._under_way: set[Future[Any]] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="goldseam-store")
        self._renewing = threading.Lock()
        self._quick = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._kept: LifoQueue[Connection | None] = LifoQueue()
        for _ in range(KEPT):
            self._kept.put(None)
        try:
            with self._engine.begin() as connection:
                if migrations.stored(connection) != migrations.HEAD:
                    migrations.bring_up(connection)
        except BaseException:
            self._engine.dispose()
            raise

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` on a snapshot."""

        def look() -> T:
            with self._snapshots.begin() as connection:
                return fn(Tx(connection, "postgresql"))

        with _in_our_words():
            return self._whatever_is_lost(look)

    @property
    def n_waiting(self) -> int:
        """Writes given to the pool and not yet answered."""
        return len(self._under_way)

    def stamp(self) -> int:
        """Read the access stamp, in one trip."""
        with _in_our_words():
            return self._whatever_is_lost(lambda: self._alone(_stamp))

    def _alone(self, fn: Callable[[Tx], T], committing: threading.Event | None = None) -> T:
        """Run `fn` on a kept connection without a transaction: each of its statements is one."""
        connection = self._kept.get()
        try:
            connection = self._quick.connect() if connection is None else connection
            return fn(Tx(connection, "postgresql", committing))
        except BaseException as error:
            if connection is not None and not isinstance(error, GoldseamError):
                connection.close()
                connection = None
            raise
        finally:
            self._kept.put(connection)

    def _whatever_is_lost(self, look: Callable[[], T]) -> T:
        """Look again, on a new connection, if one was lost: what only looks may be done twice."""
        pool = self._engine.pool
        try:
            return look()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        self._renew(pool)
        return look()

    def _renew(self, lost: Pool) -> None:
        """Give up every connection that was made with one that was lost."""
        with self._renewing:
            if self._engine.pool is lost:
                self._engine.dispose()

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` in a transaction, again if the database asks for it, or if the connection was lost before the commit."""
        with _in_our_words():
            for attempt in range(ATTEMPTS):
                pool, committing = self._engine.pool, threading.Event()
                try:
                    return self._once(fn, committing)
                except DBAPIError as error:
                    is_lost = error.connection_invalidated
                    again = not committing.is_set() if is_lost else may_go_well_again(error)
                    if not again or attempt == ATTEMPTS - 1:
                        raise
                    if is_lost:
                        self._renew(pool)
        raise AssertionError("the last attempt returns or raises")

    def write_soon(self, fn: Callable[[Tx], T], briefly: Callable[[Tx], T | None] | None = None) -> Future[T]:
        """Run `fn` in a thread of the pool, if it could not be done `briefly`."""
        act = partial(self.write, fn) if briefly is None else partial(self._soon, fn, briefly)
        future: Future[T] = self._pool.submit(act)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def _soon(self, fn: Callable[[Tx], T], briefly: Callable[[Tx], T | None]) -> T:
        pool, committing = self._engine.pool, threading.Event()
        try:
            done = self._alone(briefly, committing)
        except DBAPIError as error:
            if error.connection_invalidated:
                if committing.is_set():
                    raise refusal(error) from error
                self._renew(pool)
            done = None  # a statement that failed wrote nothing
        return self.write(fn) if done is None else done

    def _once(self, fn: Callable[[Tx], T], committing: threading.Event) -> T:
        with self._engine.begin() as connection:
            result = fn(Tx(connection, "postgresql"))
            committing.set()
            return result

    def close(self) -> None:
        """Finish what waits, then close every connection."""
        self._pool.shutdown()
        for _ in range(KEPT):
            connection = self._kept.get()
            if connection is not None:
                with suppress(DBAPIError):
                    connection.close()
            self._kept.put(None)
        self._engine.dispose()


def _stamp(tx: Tx) -> int:
    return int(tx.quick(STAMP, {})[0][0])


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise refusal(error) from error
