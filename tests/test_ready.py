"""What tests begin with is what everybody begins with: the same tables, and passwords that are as hard to guess where it matters."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from goldseam.edge import keys
from goldseam.edge.store import open_store
from goldseam.edge.store.migrations import upgrade
from tests import ready


def tables(path: Path) -> list[list[tuple[object, ...]]]:
    """Make a database, and return what is in it before anybody wrote."""
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        names = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in names if not name.startswith("search_")]  # full-text tables read their neighbors
        return [list(connection.execute(f"SELECT * FROM {name}")) for name in ["sqlite_master", *kept]]


def test_repeated_statements_make_what_the_migrations_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrades: list[str] = []
    real = ready.real

    def counted(*args: object) -> None:
        upgrades.append("run")
        real(*args)  # type: ignore[arg-type]  # plain values do where the hint is narrower

    monkeypatch.setattr(upgrade, "to", ready.remembering(counted))
    first, second = tables(tmp_path / "first.db"), tables(tmp_path / "second.db")

    assert upgrades == ["run"]
    assert first == second
    assert len(first[0]) > 100


def test_outside_the_tests_a_password_takes_64_mib_and_two_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    passes, memory = ready.COST
    monkeypatch.setattr(keys, "PASSES", passes)
    monkeypatch.setattr(keys, "MEMORY_BYTES", memory)

    hashed = keys.hash_password("correct horse")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert keys.password_matches(hashed, "correct horse")
