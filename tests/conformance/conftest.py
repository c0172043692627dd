"""The databases that the suite runs on: SQLite in memory, SQLite in a file, PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite-memory", "sqlite-file", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    match request.param:
        case "sqlite-memory":
            return "sqlite://"
        case "sqlite-file":
            return f"sqlite:///{tmp_path / 'store.db'}"
        case _:
            return request.getfixturevalue("postgres").fresh()
