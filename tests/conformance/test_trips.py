"""What the busiest acts cost, counted in statements; and what happens when a connection to PostgreSQL is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine

from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import annotate, people
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.people import Permit
from goldseam.edge.store import Store, Tx, open_store, projects
from goldseam.edge.store import tables as t
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, StoreFailed
from goldseam.vocab.people import Act
from goldseam.vocab.schema import GuidelineVersion, QuestionName, SchemaVersion
from tests.walk import small

MOST = {"sqlite": (5, 6), "postgresql": (3, 2)}
"""Statements of a lease and of an answer where no further policy is set; beginning and commit are not counted."""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that any store runs, by the driver or by SQLAlchemy."""
    found: list[str] = []
    bare = Tx._bare

    def listened(tx: Tx, statement: str, values: object) -> object:
        found.append(statement)
        return bare(tx, statement, values)  # type: ignore[arg-type]  # plain values do where the hint is narrower

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    monkeypatch.setattr(Tx, "_bare", listened)
    event.listen(Engine, "before_cursor_execute", listen)
    yield found
    event.remove(Engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_lease_and_an_answer_take_few_statements(
    dialect: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    said: list[str],
) -> None:
    monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh() if dialect == "postgresql" else "")
    small.write_project(tmp_path, n_items=6)
    with small.opened(tmp_path) as project:
        small.run(project)
        world = project.world
        (token,) = project.add_recorded(["a"], frozenset({Act.VIEW, Act.ANNOTATE})).values()
        permit = people.permit(world, people.by_token(world, token), project.facts.id, Act.ANNOTATE)
        most_of_lease, most_of_answer = MOST[dialect]
        for _ in range(3):
            said.clear()
            (offer,) = annotate.lease(world, permit, 1).offers
            assert len(acts(said)) <= most_of_lease, "\n".join(said)
            sent = answer(people.fresh_id(world), offer)
            said.clear()
            assert submit(world, permit, sent) == "saved"
            assert len(acts(said)) <= most_of_answer, "\n".join(said)
            assert submit(world, permit, sent) == "repeated"


def test_an_answer_that_is_refused_leaves_nothing_of_it_and_takes_no_other_with_it(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=6)
    with small.opened(tmp_path) as project:
        small.run(project)
        world = project.world
        (token,) = project.add_recorded(["a"], frozenset({Act.VIEW, Act.ANNOTATE})).values()
        permit = people.permit(world, people.by_token(world, token), project.facts.id, Act.ANNOTATE)
        one, two = annotate.lease(world, permit, 2).offers
        bad, good = answer("no uuid", one), answer(people.fresh_id(world), two)
        refused, saved = annotate.submit(world, permit, [bad, good])
        assert (refused.status, saved.status) == ("refused", "saved")
        assert isinstance(refused.error, BadValue)
        assert submit(world, permit, answer(people.fresh_id(world), one)) == "saved"
        assert project.votes().n_votes == 2
        assert project.verify() == ()


def acts(said: list[str]) -> list[str]:
    """Leave out what begins and ends transactions, and the savepoint by which SQLite's acts share one."""
    ends = ("BEGIN", "COMMIT", "SAVEPOINT act", "RELEASE act")
    return [each for each in said if not each.startswith(ends)]


def answer(name: str, offer: annotate.Offer) -> Submission:
    answers = {QuestionName("mood"): Choice(LabelName("pos"))}
    return Submission(AnnotationId(name), offer.id, offer.token, answers, 1.0, SchemaVersion(1), GuidelineVersion(1))


def submit(world, permit: Permit, sent: Submission) -> str:
    (outcome,) = annotate.submit(world, permit, [sent])
    return outcome.status


def test_an_attempt_that_fails_is_undone_alone(store_url: str) -> None:
    with open_store(store_url) as store:

        def write(tx: Tx) -> None:
            projects.remember(tx, "before", "kept")
            with pytest.raises(KeyError), tx.attempt():
                projects.remember(tx, "within", "lost")
                raise KeyError
            with tx.attempt():
                projects.remember(tx, "after", "kept")

        store.write(write)
        assert store.read(lambda tx: set(tx.run(select(t.meta.c.key)).scalars())) >= {"before", "after"}
        assert store.read(lambda tx: projects.recall(tx, "within")) is None


def test_an_error_of_the_database_is_the_same_by_either_way(store_url: str) -> None:
    again = text("INSERT INTO meta (key, value) VALUES (:key, '')")
    with open_store(store_url) as store:
        store.write(lambda tx: tx.quick_count(again, {"key": "one"}))
        said = []
        for run in (lambda tx: tx.quick_count(again, {"key": "one"}), lambda tx: tx.run(again, {"key": "one"})):
            with pytest.raises(Exception, match="contradicts") as caught:
                store.write(run)
            said.append((type(caught.value), str(caught.value)))
        assert said[0] == said[1]


@pytest.fixture
def on_postgresql(request: pytest.FixtureRequest) -> Iterator[tuple[Store, psycopg.Connection]]:
    """A store, and a connection of somebody else who can cut off all of the store's."""
    url = request.getfixturevalue("postgres").fresh()
    with open_store(url) as store, psycopg.connect(url, autocommit=True) as other:
        yield store, other


CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.postgres
def test_connections_lost_between_acts_are_noticed_by_nobody(on_postgresql: tuple[Store, psycopg.Connection]) -> None:
    store, other = on_postgresql
    for nth in range(3):
        waiting = [store.write_soon(lambda tx, key=f"{nth}.{n}": projects.remember(tx, key, "kept")) for n in range(20)]
        assert [each.result(20) for each in waiting] == [None] * 20
        before = store.stamp()
        assert other.execute(CUT).fetchall()
        assert store.stamp() == before
        other.execute(CUT)
        assert store.read(lambda tx, key=f"{nth}.0": projects.recall(tx, key)) == "kept"
        other.execute(CUT)


@pytest.mark.postgres
def test_an_act_whose_connection_is_lost_is_run_again_unless_it_may_have_been_committed(
    on_postgresql: tuple[Store, psycopg.Connection],
) -> None:
    store, other = on_postgresql
    runs: list[str] = []

    def cut_before_its_last_statement(tx: Tx) -> None:
        runs.append("early")
        projects.remember(tx, "early", f"run {len(runs)}")
        if len(runs) == 1:
            other.execute(CUT)
        projects.remember(tx, "end", "kept")

    store.write(cut_before_its_last_statement)
    assert runs == ["early", "early"]
    assert store.read(lambda tx: projects.recall(tx, "early")) == "run 2"

    def cut_before_the_commit(tx: Tx) -> None:
        runs.append("late")
        projects.remember(tx, "late", "kept")
        other.execute(CUT)

    with pytest.raises(StoreFailed, match="not known: send it again"):
        store.write(cut_before_the_commit)
    assert runs.count("late") == 1
    assert store.read(lambda tx: projects.recall(tx, "late")) is None
