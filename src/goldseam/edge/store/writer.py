"""The writer: one thread that gives SQLite all its writes, as many in one commit as are waiting.

In: functions of a `Tx`. Out: their results, after the commit that made them durable. Never: two transactions at a
time, or an answer before the commit.

Each function runs in its own savepoint, so one that raises is undone alone. Waiting for the disk once per group makes
`synchronous=FULL` nearly as fast as not waiting at all.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from goldseam.edge.store.refusals import refusal
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import StoreFailed

T = TypeVar("T")
GROUP = 64
"""At most so many functions share a commit: enough to hide the disk's wait, few enough to answer soon."""


@dataclass(slots=True)
class _Act:
    fn: Callable[[Tx], Any]
    only_reads: bool
    future: Future[Any] = field(default_factory=Future)
    result: object = None
    error: BaseException | None = None

    def answer(self) -> None:
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns the only connection that writes; the connection is in the driver's autocommit mode and BEGIN is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tx = Tx(connection, "sqlite")
        self._waiting: SimpleQueue[_Act | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="goldseam-writer", daemon=True)
        self._thread.start()

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` with others in one transaction and return its result after the commit."""
        return cast("T", self._run(_Act(fn, only_reads=False)))

    def write_soon(self, fn: Callable[[Tx], T]) -> Future[T]:
        """Queue `fn` for the next transaction; the future is answered after the commit."""
        return cast("Future[T]", self._queue(_Act(fn, only_reads=False)))

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run `fn` between writes; whatever it writes is refused."""
        return cast("T", self._run(_Act(fn, only_reads=True)))

    def _run(self, act: _Act) -> object:
        return self._queue(act).result()

    def _queue(self, act: _Act) -> Future[Any]:
        with self._closing:
            if self._closed:
                raise StoreFailed("The store is closed.")
            self._waiting.put(act)
        return act.future

    @property
    def n_waiting(self) -> int:
        """How many acts wait."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Run all that waits, then close the connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, is_last = self._gather(first)
            try:
                self._commit(group)
            except (
                BaseException
            ) as error:  # the thread must outlive anything, or every later caller would wait for ever
                for act in group:
                    act.error = act.error or StoreFailed(f"The database's writer failed: {error!r}.")
            for act in group:
                act.answer()
            if is_last:
                return

    def _gather(self, first: _Act) -> tuple[list[_Act], bool]:
        group = [first]
        while len(group) < GROUP:
            try:
                act = self._waiting.get_nowait()
            except Empty:
                break
            if act is None:
                return group, True
            group.append(act)
        return group, False

    def _commit(self, group: list[_Act]) -> None:
        """Run the group in one transaction; every act holds its result or its error afterwards."""
        done: list[_Act] = []
        try:
            self._sql("BEGIN IMMEDIATE")
            for act in group:
                done.append(act)
                self._attempt(act)
            self._sql("COMMIT")
        except DBAPIError as error:
            self._give_up(done or group, error)
            rest = group[len(done) :] if done else []
            if rest:
                self._commit(rest)

    def _attempt(self, act: _Act) -> None:
        """Run one act in its savepoint; raises only if the whole transaction is lost."""
        self._sql("SAVEPOINT act")
        try:
            if act.only_reads:
                self._sql("PRAGMA query_only=ON")
            act.result = act.fn(self._tx)
        except BaseException as error:
            act.error = refusal(error) if isinstance(error, DBAPIError) else error
            if isinstance(error, DBAPIError) and not self._in_transaction():
                raise
            self._sql("ROLLBACK TO act")
        finally:
            if act.only_reads:
                self._sql("PRAGMA query_only=OFF")
        self._sql("RELEASE act")

    def _give_up(self, lost: list[_Act], error: DBAPIError) -> None:
        """Undo everything: SQLite undoes a whole transaction when the disk is full or fails."""
        if self._in_transaction():
            self._sql("ROLLBACK")
        for act in lost:
            if act.error is None or isinstance(act.error, StoreFailed):
                act.error = refusal(error)

    def _in_transaction(self) -> bool:
        driver = cast("sqlite3.Connection", self._connection.connection.driver_connection)
        return driver.in_transaction

    def _sql(self, statement: str) -> None:
        self._tx.bare(statement)
