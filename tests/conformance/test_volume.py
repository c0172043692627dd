"""What is done for projects of a million items gives the same as one by one: intake in long transactions, columns of a release."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from sqlalchemy import text

from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import Project
from goldseam.edge.runner import intake, keeping
from goldseam.edge.runner.keeping import Keeping
from goldseam.edge.store import Store, items, open_store, projects, released
from goldseam.edge.store.adding import adding
from goldseam.edge.store.tx import Tx
from goldseam.formats import pieces
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import StoreFailed
from tests.walk import small

N_ITEMS = 400


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project whose source comes in about twenty pieces, with an item that stands in it twice, far apart."""
    url = request.getfixturevalue("postgres").fresh() if request.param == "postgresql" else ""
    monkeypatch.setenv(DATABASE_SETTING, url)
    monkeypatch.setattr(pieces, "PIECE", 800)
    monkeypatch.setattr(intake, "CHUNK", 800)
    small.write_project(tmp_path, n_items=2)
    rows = [(f"k{n}", small.text_of(n), f"shop {n % 3}", "x" if n % 100 else "y") for n in range(N_ITEMS)]
    small.write_rows(
        tmp_path / "items.csv", ["key", "text", "site", "most"], [*rows, ("again", rows[3][1], "shop 0", "x")]
    )
    with small.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many pieces each transaction of the intake took."""
    found: list[int] = []
    write, one = Store.write, Keeping._keep_one

    def counted(store: Store, fn: Any) -> Any:
        found.append(0)
        return write(store, fn)

    def noted(*asked: Any) -> Any:
        found[-1] += 1
        return one(*asked)

    monkeypatch.setattr(Store, "write", counted)
    monkeypatch.setattr(Keeping, "_keep_one", noted)
    yield found


def n_items(project: Project) -> int:
    name = project.facts.id
    return len(project.world.store.read(lambda tx: items.page(tx, name, limit=10_000)))


def test_pieces_share_a_transaction_and_on_sqlite_only_while_nobody_waits(
    project: Project, writes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "n_waiting", property(lambda _: len(writes) % 2))
    project.take_in()
    taken = [n for n in writes if n]
    dialect = project.world.store.dialect
    assert max(taken) == keeping.TOGETHER[dialect]
    assert min(taken[:-1]) == (1 if dialect == "sqlite" else keeping.TOGETHER[dialect])
    assert sum(taken) > 15
    assert n_items(project) == N_ITEMS


def test_an_intake_that_breaks_off_keeps_whole_transactions_and_goes_on_after_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, done = Keeping._keep_one, [0]

    def breaks(*asked: Any) -> Any:
        done[0] += 1
        if done[0] == keeping.TOGETHER[project.world.store.dialect] + 3:
            raise StoreFailed("a test pulls the plug")
        return one(*asked)

    monkeypatch.setattr(Keeping, "_keep_one", breaks)
    with pytest.raises(StoreFailed, match="plug"):
        project.take_in()
    before = n_items(project)
    assert 0 < before < N_ITEMS
    done[0] = 1_000
    (taken,) = project.take_in()
    assert (taken.intake.accepted, taken.intake.duplicate, taken.intake.refused) == (N_ITEMS, 1, 0)
    assert n_items(project) == N_ITEMS
    assert project.verify() == ()


@pytest.mark.postgres
@pytest.mark.parametrize("project", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_among_several_pieces_loses_and_doubles_nothing(
    project: Project, writes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, done = Keeping._keep_one, [0]

    def loses(*asked: Any) -> Any:
        done[0] += 1
        if done[0] == keeping.TOGETHER["postgresql"] + 3:
            with psycopg.connect(project.world.store.url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        return one(*asked)

    monkeypatch.setattr(Keeping, "_keep_one", loses)
    (taken,) = project.take_in()
    assert [n for n in writes if n][:3] == [keeping.TOGETHER["postgresql"], 3, 1], "what was undone was read again"
    assert (taken.intake.accepted, taken.intake.duplicate, taken.intake.refused) == (N_ITEMS, 1, 0)
    assert n_items(project) == N_ITEMS
    assert project.verify() == ()


@pytest.mark.postgres
@pytest.mark.parametrize("project", ["postgresql"], indirect=True)
def test_nobody_else_waits_until_an_intake_is_through(project: Project) -> None:
    small.run(project)
    world, name = project.world, project.facts.id
    ann = small.member(project, "ann")

    def answer() -> str:
        world.store.write(lambda tx: projects.locked(tx, name))  # as a flag and a release ask for
        (offer,) = project.lease(1, ann).offers
        (outcome,) = project.submit([small.submission(project, offer, Choice(small.LABELS[0]))], ann)
        return outcome.status

    def answered_meanwhile(tx: Tx) -> str:
        with adding(tx, name):
            return another_thread.submit(answer).result(60)

    with ThreadPoolExecutor(1) as another_thread:
        assert world.store.write(answered_meanwhile) == "saved"


def test_what_the_entry_says_of_all_ids_is_what_the_rows_say(project: Project) -> None:
    said, name = [], project.facts.id
    for extra in (0, 1):  # the first intake saw every item; the second reads them back
        if extra:
            small.write_rows(project.world.home.root / "items.csv", ["key", "text"], [("new", "Nobody wrote this.")])
        project.take_in()
        entry, found = project.world.store.read(
            lambda tx: (
                tx.run(text("SELECT body FROM entries WHERE kind = 'source.taken_in' ORDER BY seq DESC"))
                .scalars()
                .first(),
                items.all_ids_digest(tx, name),
            )
        )
        body = json.loads(entry)["body"]
        said.append((body["n_items"], body["items_sha256"]))
        assert said[-1] == found
    assert [n for n, _ in said] == [N_ITEMS, N_ITEMS + 1]


def test_a_few_records_for_a_project_that_has_many_are_looked_up_by_themselves(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.take_in()
    monkeypatch.setattr(items, "id_prefixes", lambda *_: pytest.fail("every id of the project was read"))
    root = project.world.home.root
    small.write_rows(
        root / "items.csv", ["key", "text", "site", "most"],
        [("k3", small.text_of(3), "shop 0", "x"), ("new", "Nobody wrote this before.", "shop 1", "x")],
    )  # fmt: skip
    (taken,) = project.take_in()
    assert (taken.intake.accepted, taken.intake.duplicate) == (1, 1)
    assert project.verify() == ()


@pytest.mark.parametrize("few", [False, True], ids=["all", "some"])
def test_items_of_a_release_are_the_items(project: Project, monkeypatch: pytest.MonkeyPatch, few: bool) -> None:
    monkeypatch.setattr(released, "WINDOW", 64)
    project.take_in()
    chosen = np.array([0, 3, 70, 71, 130, 399], np.int64) if few else np.arange(N_ITEMS)
    name = project.facts.id
    found = project.world.store.read(lambda tx: released.items(tx, name, chosen))
    wanted = project.world.store.read(lambda tx: [items.at(tx, name, place) for place in chosen.tolist()])
    assert list(found.ids) == [item.id for item in wanted]
    assert list(found.content) == [item.content for item in wanted]
    assert list(found.key) == [item.origin.key for item in wanted]
    assert list(found.line) == [item.origin.line for item in wanted]
    assert list(found.source) == ["items.csv"] * len(wanted)
    assert list(found.modality) == ["text"] * len(wanted)
    assert [re.findall(r'"site":"([^"]*)"', text) for text in found.metadata] == [
        [item.metadata["site"]] for item in wanted
    ]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("user", "name", "hint"),
    [("nobody_such", "postgres", "createuser"), ("postgres", "no_such", "createdb"), ("postgres", "", "running there")],
)
def test_a_database_that_cannot_be_opened_says_what_would_help(
    request: pytest.FixtureRequest, user: str, name: str, hint: str
) -> None:
    server = request.getfixturevalue("postgres")
    port = server.port if name else 1
    with pytest.raises(StoreFailed, match="cannot be opened") as caught:
        open_store(f"postgresql://{user}:secret@127.0.0.1:{port}/{name or 'any'}")
    assert hint in caught.value.message
    assert "secret" not in caught.value.message
    assert "Nothing of this was written" not in caught.value.message
