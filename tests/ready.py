"""What thousands of tests begin with, made cheaply: the tables of an empty database, and the hash of a password.

In: nothing. Out: tables that are the migrations' own, and hashes that argon2id made. Never: a step from an older version,
which Alembic does itself; a process started by a test, which works as it does for everybody.

Alembic takes a fifth of a second to make the tables: the statements of the first time are repeated. Hashing a password is
meant to be slow, a tenth of a second: here it takes the least memory that argon2id knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nacl.pwhash
from sqlalchemy import Connection, event, inspect

from goldseam.edge import keys
from goldseam.edge.store.migrations import upgrade

COST = (keys.PASSES, keys.MEMORY_BYTES)
"""What hashing a password takes outside the tests."""
real = upgrade.to
"""The migrations themselves."""
READS = ("SELECT", "PRAGMA")
Statement = tuple[str, Any]


@contextmanager
def heard(connection: Connection, into: list[Statement]) -> Iterator[None]:
    """Write down every statement that changes something on this connection."""

    def hear(_: object, __: object, statement: str, parameters: object, ___: object, ____: bool) -> None:
        if not statement.lstrip().upper().startswith(READS):
            into.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", hear)


def remembering(to: Callable[[Connection, str], None]) -> Callable[[Connection, str], None]:
    """Return an upgrade that runs the real one on the first empty database of a kind, and repeats its statements on others."""
    known: dict[tuple[str, str], list[Statement]] = {}

    def upgraded(connection: Connection, revision: str) -> None:
        kind = (connection.dialect.name, revision)
        if inspect(connection).get_table_names():
            to(connection, revision)
        elif kind in known:
            cursor = connection.connection.cursor()
            for statement, parameters in known[kind]:
                cursor.execute(statement, parameters)
            cursor.close()
        else:
            statements: list[Statement] = []
            with heard(connection, statements):
                to(connection, revision)
            known[kind] = statements

    return upgraded


@contextmanager
def made() -> Iterator[None]:
    """Begin cheaply from now on."""
    upgrade.to = remembering(real)
    keys.PASSES, keys.MEMORY_BYTES = nacl.pwhash.argon2id.OPSLIMIT_MIN, nacl.pwhash.argon2id.MEMLIMIT_MIN
    try:
        yield
    finally:
        upgrade.to = real
        keys.PASSES, keys.MEMORY_BYTES = COST
