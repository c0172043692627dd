"""Upgrade: runs Alembic on an open connection, without a file of settings.

In: a connection inside a transaction. Out: the tables at the revision asked for. Never: a commit.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def to(connection: Connection, revision: str) -> None:
    """Bring the tables to this revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
