"""What a database's own error is told as."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, text

from goldseam.edge.store import tables as t
from goldseam.edge.store.engine import open_store
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import StoreFailed


def test_a_full_disk_is_told_as_such_although_undoing_a_part_fails_too(tmp_path: Path) -> None:
    def write(tx: Tx) -> None:
        with tx.connection.begin_nested():
            tx.run(insert(t.meta).values(key="big", value="x" * 4_000_000))

    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        pages = store.write(lambda tx: tx.run(text("PRAGMA page_count")).scalar_one())
        store.write(lambda tx: tx.run(text(f"PRAGMA max_page_count={pages + 5}")).scalar_one())
        with pytest.raises(StoreFailed, match="full"):
            store.write(write)
        store.write(lambda tx: tx.run(text(f"PRAGMA max_page_count={pages + 5000}")).scalar_one())
        store.write(write)
