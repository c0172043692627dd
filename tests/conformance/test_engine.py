"""What only one kind of database can show: a full disk, a killed process, files of other versions, plans of queries."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from goldseam.edge.store import Tx, leasing, open_store, projects
from goldseam.edge.store import tables as t
from goldseam.testing.store_suite.world import ANN, world
from goldseam.vocab.errors import BadSetting, StoreFailed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_what_was_written_outlives_the_store(path: Path) -> None:
    with open_store(_url(path)) as store:
        store.write(lambda tx: projects.remember(tx, "color", "red"))
    with open_store(_url(path)) as store:
        assert store.read(lambda tx: projects.recall(tx, "color")) == "red"
    assert not path.with_name("store.db-wal").exists()


def test_a_full_disk_fails_whoever_it_hits_and_nobody_else(path: Path) -> None:
    # SQLite gives the same error at its own page limit as for a disk without room.
    with open_store(_url(path)) as store:
        pages = store.write(lambda tx: tx.run(text("PRAGMA page_count")).scalar_one())
        store.write(lambda tx: tx.run(text(f"PRAGMA max_page_count={pages + 30}")))
        start = threading.Barrier(8)

        def act(number: int) -> bool:
            if number < 8:
                start.wait(10)
            size = 200_000 if number % 4 == 3 else 10
            try:
                store.write(lambda tx: tx.run(insert(t.meta).values(key=str(number), value="x" * size)))
            except StoreFailed as error:
                assert "full" in error.message
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            answered = {str(number): kept for number, kept in enumerate(pool.map(act, range(48)))}
        found = store.read(lambda tx: set(tx.run(select(t.meta.c.key)).scalars()))
        assert found == {key for key, kept in answered.items() if kept}
        assert all(not answered[str(number)] for number in range(3, 48, 4))
        assert any(answered.values())
        store.write(lambda tx: tx.run(text("PRAGMA max_page_count=1000000")))
        assert act(99)


@pytest.mark.slow
def test_a_killed_process_loses_nothing_that_was_acknowledged(path: Path) -> None:
    program = f"""
import sys, threading
from sqlalchemy import insert
from goldseam.edge.store import open_store, tables as t
store = open_store({_url(path)!r})
def work(thread):
    for number in range(100000):
        key = f"{{thread}}-{{number}}"
        store.write(lambda tx: tx.run(insert(t.meta).values(key=key, value="")))
        sys.stdout.write(key + "\\n"); sys.stdout.flush()
for thread in range(8):
    threading.Thread(target=work, args=(thread,)).start()
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait(10)
    with open_store(_url(path)) as store:
        found = store.read(lambda tx: set(tx.run(select(t.meta.c.key)).scalars()))
    assert set(acknowledged) <= found
    assert len(found) - len(acknowledged) <= 8 * 2


def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    open_store(_url(path)).close()
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreFailed, match=r"9999.*newer version"):
        open_store(_url(path))


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE items (price REAL)")
    with pytest.raises(StoreFailed, match="did not make"):
        open_store(_url(path))
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("a text, long enough to be taken for a header " * 40)
    with pytest.raises(StoreFailed, match="not a database"):
        open_store(_url(path))


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("sqlite:////nowhere/at/all.db", StoreFailed, "unable to open"),
        ("mysql://host/name", BadSetting, "mysql"),
        ("no url", BadSetting, "sqlite:///"),
        ("postgresql://me:secret@127.0.0.1:1/x", StoreFailed, "127.0.0.1"),
    ],
)
def test_a_wrong_url_says_what_would_be_right(url: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


@pytest.mark.postgres
def test_a_newer_version_is_refused_on_postgresql(postgres) -> None:
    url = postgres.fresh()
    with open_store(url) as store:
        store.write(lambda tx: tx.run(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreFailed, match="newer version"):
        open_store(url)


@pytest.mark.postgres
def test_two_processes_that_start_together_make_the_tables_once(postgres) -> None:
    url = postgres.empty()
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url), range(4)))
    for store in stores:
        store.close()


@pytest.mark.postgres
def test_history_is_not_truncated_on_postgresql(postgres) -> None:
    with open_store(postgres.fresh()) as store, pytest.raises(StoreFailed, match="append-only"):
        store.write(lambda tx: tx.run(text("TRUNCATE annotations CASCADE")))


def test_the_writer_waits_for_the_disk(path: Path) -> None:
    def pragma(name: str):
        return lambda tx: tx.run(text(f"PRAGMA {name}")).scalar_one()

    with open_store(_url(path)) as store:
        asked = {name: store.write(pragma(name)) for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert store.read(pragma("query_only")) == 1


def test_the_queue_is_read_by_its_index(path: Path) -> None:
    """A partial index serves only a query that names its condition: losing it would cost a scan, and no other test."""

    def plan(tx: Tx, statement: str) -> str:
        marks = dict.fromkeys(("project", "annotator", "cls", "limit", "after", "now", "id", "position"), 1)
        used = {name: value for name, value in marks.items() if f":{name}" in statement}
        return " | ".join(row[3] for row in tx.run(text(f"EXPLAIN QUERY PLAN {statement}"), used))

    from goldseam.edge.store import assignments, ending

    with open_store(_url(path)) as store:
        for statement, index in (
            (leasing._WINDOW, "ix_queue_open (project=? AND cls=? AND ord>?)"),
            (leasing._NEXT_WINDOW, "ix_queue_open (project=? AND cls=? AND ord>?)"),
            (ending._OVERDUE, "ix_assignments_expiry (expires_at<?)"),
            (assignments._HELD, "ix_assignments_held (project=? AND annotator=?)"),
        ):
            found = store.read(lambda tx, statement=statement: plan(tx, statement.text))
            assert index in found, found
            assert "SCAN" not in found, found
            assert "TEMP B-TREE" not in found or statement is assignments._HELD, found


def test_alembic_is_imported_only_when_there_is_something_to_do(path: Path) -> None:
    program = (
        "import sys; from goldseam.edge.store import open_store; "
        f"open_store({_url(path)!r}).close(); print('alembic' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


def test_a_reader_is_not_disturbed_by_the_writer(path: Path) -> None:
    with world(_url(path), n_items=1, wanted=1) as w:
        reading, written = threading.Event(), threading.Event()

        def read(tx: Tx) -> tuple[object, object]:
            before = tx.run(select(t.queue.c.live)).scalar_one()
            reading.set()
            written.wait(10)
            return before, tx.run(select(t.queue.c.live)).scalar_one()

        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(w.read, read)
            reading.wait(10)
            w.lease(ANN)
            written.set()
            assert slow.result(10) == (0, 0)
        assert w.read(lambda tx: tx.run(select(t.queue.c.live)).scalar_one()) == 1
