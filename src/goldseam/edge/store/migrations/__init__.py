"""Migrations: the tables as each version of Goldseam has them (Alembic), and which of these a database is at.

In: a connection. Out: tables brought up to date. Never: a step back, or a guess about tables that are not ours.

Alembic is imported only when there is something to do: comparing two words tells, and start-up counts.
"""

from __future__ import annotations

import importlib

from sqlalchemy import Connection, inspect, text

from goldseam.vocab.errors import StoreFailed

HEAD = "0003"
"""The newest revision in `versions/`."""
VERSION_TABLE = "alembic_version"


def stored(connection: Connection) -> str | None:
    """Return the revision that the database is at; None for one without our tables."""
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def bring_up(connection: Connection) -> None:
    """Bring the tables to the newest revision, inside the transaction that is open.

    Raises
    ------
    StoreFailed
        If the database was written by a newer Goldseam, or holds tables of something else.
    """
    if connection.dialect.name == "postgresql":
        # Two processes that start together: the second waits here, and finds everything done.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('goldseam.migrations'))"))
    before = stored(connection)
    if before == HEAD:
        return
    if before is not None and before > HEAD:
        raise StoreFailed(
            f"The database is at revision {before} and this Goldseam knows {HEAD}: it was written by a newer version. "
            "Install that version, or a newer one."
        )
    if before is None and "items" in inspect(connection).get_table_names():
        raise StoreFailed("The database holds tables that Goldseam did not make; give it a database of its own.")
    importlib.import_module("goldseam.edge.store.migrations.upgrade").to(connection, HEAD)
