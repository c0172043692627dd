"""Checks of the store's door: what a commit means, what a failure leaves behind, what can never be changed.

In: a URL. Out: nothing. Never: a look at one database's own ways.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Delete, Table, Update, delete, func, insert, select, update

from goldseam.edge.store import Tx, gold, log, open_store, projects, releases, settlements, tables
from goldseam.edge.store.declare import METADATA
from goldseam.edge.store.search_tables import WORDS
from goldseam.testing.clock import START
from goldseam.testing.store_suite.world import ANN, BOB, QUESTION, World, at, world
from goldseam.vocab.errors import GoldseamError, StoreFailed
from goldseam.vocab.items import Modality


def what_was_written_is_there(url: str) -> None:
    """Check: a write is seen by the next read."""
    with open_store(url) as store:
        store.write(lambda tx: projects.remember(tx, "color", "red"))
        assert store.read(lambda tx: projects.recall(tx, "color")) == "red"


def a_function_that_raises_leaves_nothing(url: str) -> None:
    """Check: everything that a failing function wrote is undone, and its own error reaches the caller."""

    def fail(tx: Tx) -> None:
        projects.remember(tx, "color", "red")
        raise KeyError("mine")

    with open_store(url) as store:
        try:
            store.write(fail)
        except KeyError as error:
            assert error.args == ("mine",)
        else:
            raise AssertionError("the error was swallowed")
        assert store.read(lambda tx: projects.recall(tx, "color")) is None


def a_failing_function_does_not_hurt_its_neighbors(url: str) -> None:
    """Check: of many functions that may share a commit, those that fail are undone alone."""
    start = threading.Barrier(16)

    def act(number: int) -> int:
        def write(tx: Tx) -> int:
            projects.remember(tx, f"key-{number}", "kept")
            if number % 3 == 0:
                raise KeyError(number)
            if number % 3 == 1:
                # A constraint of the database itself is broken here.
                tx.run(insert(tables.meta).values(key=f"key-{number}", value="again"))
            return number

        start.wait()
        return store.write(write)

    with open_store(url) as store, ThreadPoolExecutor(16) as pool:
        acts = [pool.submit(act, number) for number in range(64)]
        failed = {number for number, each in enumerate(acts) if each.exception() is not None}
        found = store.read(lambda tx: set(tx.run(select(tables.meta.c.key)).scalars()))
    assert failed == {number for number in range(64) if number % 3 != 2}
    assert found == {f"key-{number}" for number in range(64) if number % 3 == 2}


def a_read_cannot_write(url: str) -> None:
    """Check: what a reading function writes is refused."""
    with open_store(url) as store:
        _refused(lambda: store.read(lambda tx: projects.remember(tx, "color", "red")))
        assert store.read(lambda tx: projects.recall(tx, "color")) is None
        store.write(lambda tx: projects.remember(tx, "color", "blue"))


def the_store_is_not_called_from_within(url: str) -> None:
    """Check: a function that calls the store again would wait for itself, so it gets an error instead."""
    with open_store(url) as store:
        try:
            store.write(lambda _: store.read(lambda tx: projects.recall(tx, "color")))
        except RuntimeError as error:
            assert "again" in str(error)
        else:
            raise AssertionError("the store was called from within")
        store.write(lambda tx: projects.remember(tx, "color", "red"))


def closing_finishes_what_waits(url: str) -> None:
    """Check: writes that were accepted before the store was closed are answered; later ones are refused."""
    store = open_store(url)
    going, may_go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        going.set()
        may_go_on.wait(10)
        projects.remember(tx, "color", "red")

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(store.write, slow)
        going.wait(10)
        closing = pool.submit(store.close) if store.dialect == "sqlite" else None
        may_go_on.set()
        assert writing.exception(10) is None
        if closing is not None:
            closing.result(10)
    store.close()
    if store.dialect == "sqlite":
        _refused(lambda: store.write(lambda tx: projects.remember(tx, "color", "blue")))


def the_migration_makes_the_tables(url: str) -> None:
    """Check: the tables of the newest revision are the tables of the code."""
    with open_store(url) as store:
        found = store.read(lambda tx: compare_metadata(_compared(tx), METADATA))
    assert found == [], found


def _compared(tx: Tx) -> MigrationContext:
    """Return the tables as they are, without the index of words: each database has it in a form of its own."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name is None or not name.startswith(WORDS)

    return MigrationContext.configure(tx.connection, opts={"include_name": is_ours})


def what_is_append_only_is_never_changed(url: str) -> None:
    """Check: the database itself refuses to change or remove rows that are history."""
    with world(url) as w:
        _fill(w)
        for name in tables.APPEND_ONLY:
            table = METADATA.tables[name]
            assert _n_rows(w, table) > 0, f"the check lacks a row in {name}"
            column = next(c for c in table.c if not c.primary_key and c.name != "position")
            _change_refused(w, update(table).values({column.name: column}))
            _change_refused(w, delete(table))
        _change_refused(w, update(tables.entries).values(position=tables.entries.c.position + 100))


def _n_rows(w: World, table: Table) -> int:
    return w.read(lambda tx: int(tx.run(select(func.count()).select_from(table)).scalar_one()))


def _change_refused(w: World, change: Update | Delete) -> None:
    _refused(lambda: w.write(lambda tx: tx.run(change)), "append-only")


def _fill(w: World) -> None:
    """Write a row into every table that is append-only."""
    now = w.clock.now()
    (first, second) = w.lease(ANN, 2)
    w.answer(ANN, first)
    w.answer(ANN, second)

    def fill(tx: Tx) -> None:
        for what in projects.Versioned:
            projects.add_version(tx, w.project, what, "{}", "hash", now)
        gold.save(tx, w.project, QUESTION, at(0), at(1), ["{}"], "expert", BOB, now)
        ruling = settlements.Ruling(0, QUESTION, 1, "clear", BOB)
        settlements.rule(tx, w.project, "ruling", ruling, 1, 1, now)
        releases.save(tx, w.project, releases.ReleaseRow(1, "hash", "0001", 5, now, BOB, "{}"))
        tx.run(insert(tables.withdrawals).values(annotation=first.token, id="w", project=w.project, at=0))
        log.seal(tx, w.project, lambda size, root: f"{size} {root.hex()}", now)

    w.write(fill)


def _refused(act: Callable[[], object], says: str = "") -> None:
    try:
        act()
    except StoreFailed as error:
        assert says in error.message, error.message
    except GoldseamError as error:
        raise AssertionError(f"refused as {type(error).__name__}: {error}") from error
    else:
        raise AssertionError("it was not refused")


def two_projects_of_one_name_are_refused(url: str) -> None:
    """Check: a name is one project's."""
    with open_store(url) as store, ThreadPoolExecutor(8) as pool:
        acts = [pool.submit(store.write, lambda tx: projects.create(tx, "one", Modality.TEXT, START)) for _ in range(8)]
        outcomes = [each.exception() for each in acts]
        assert sum(outcome is None for outcome in outcomes) == 1
        assert {type(outcome).__name__ for outcome in outcomes} == {"NoneType", "Conflict"}
        assert store.read(projects.count) == 1


CHECKS = (
    what_was_written_is_there,
    a_function_that_raises_leaves_nothing,
    a_failing_function_does_not_hurt_its_neighbors,
    a_read_cannot_write,
    the_store_is_not_called_from_within,
    closing_finishes_what_waits,
    the_migration_makes_the_tables,
    what_is_append_only_is_never_changed,
    two_projects_of_one_name_are_refused,
)
