"""Lists, counts and exports of a project: every condition against a plain filter in Python, on both databases and over HTTP."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from goldseam.edge.client import Client
from goldseam.edge.project import Project
from goldseam.edge.runner import answers, browse
from goldseam.edge.runner.browse import Line
from goldseam.edge.store import browse as rows
from goldseam.source.find import ItemState, Order, wanted
from goldseam.vocab.errors import BadValue, NotAllowed
from goldseam.vocab.people import AnnotatorId, Role
from tests.postgres import Server, postgres
from tests.walk import small, story

__all__ = ["postgres"]
N = 30


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, AnnotatorId, AnnotatorId]]:
    """A project with items that nobody drew, open ones, settled ones, and ones that wait for a ruling."""
    folder = tmp_path_factory.mktemp("browse")
    small.write_rows(
        folder / "items.csv",
        ["key", "text", "site"],
        [[f"k{n}", f"{small.text_of(n)} Ünïcode 東京都 {n}", f"s{n % 3}"] for n in range(N)],
    )
    small.write_settings(
        folder,
        {
            "name": "moods",
            "schema": {"questions": [{"name": "mood", "labels": list(small.LABELS)}]},
            "sources": [{"path": "items.csv"}],
            "source": {"text": "text", "key": "key"},
            "sample": {"strategy": "random", "batch": 12},
            "route": {"redundancy": 2},
            "annotate": {"gold_rate": 0.0},
            "prelabel": {"min_labels": 4},
        },
    )
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patched:
            if request.param == "postgresql":
                server: Server = request.getfixturevalue("postgres")
                patched.setenv("GOLDSEAM_DATABASE_URL", server.fresh())
            made = stack.enter_context(small.opened(folder))
        one, other = small.member(made, "one"), small.member(made, "other")
        small.run(made)
        small.answer_all(made, [one])
        small.answer_all(made, [other], accuracy=0.5, seed=3)
        small.run(made)
        yield made, one, other


def listed(made: Project, *where: str, search: str = "", order: Order = Order.POSITION, limit: int = 4) -> list[Line]:
    """All lines, a few at a time."""
    asked, after, found = wanted(where, search), None, []
    while True:
        page = browse.page(made.world, made.facts, asked, order, after, limit)
        found += page.lines
        assert len(page.lines) <= limit
        after = page.more
        if after is None:
            return found


@pytest.mark.slow
def test_every_condition_lists_just_the_items_of_which_it_holds(
    project: tuple[Project, AnnotatorId, AnnotatorId],
) -> None:
    made, one, _ = project
    everything = listed(made)
    assert [line.position for line in everything] == list(range(N))
    assert {line.state for line in everything} >= {ItemState.POOL, ItemState.SETTLED, ItemState.ESCALATED}
    answered = {line.position for line in listed(made, f"annotator={one}")}
    holds: dict[tuple[str, ...], Callable[[Line], bool]] = {
        ("label=pos",): lambda line: line.label == "pos",
        ("label=neg", "state=settled"): lambda line: line.label == "neg" and line.state is ItemState.SETTLED,
        ("label=pos", "state=escalated"): lambda line: line.label == "pos" and line.state is ItemState.ESCALATED,
        ("confidence=..0.6",): lambda line: line.confidence is not None and line.confidence <= 0.6,
        ("confidence=0.7..", "meta.site=s1"): lambda line: (
            (line.confidence or 0) >= 0.7 and line.item.metadata["site"] == "s1"
        ),
        ("meta.site=s2",): lambda line: line.item.metadata["site"] == "s2",
        ("meta.site=no-such",): lambda _: False,
        (f"annotator={one}", "label=pos"): lambda line: line.position in answered and line.label == "pos",
        **{(f"state={state}",): lambda line, state=state: line.state is state for state in list(ItemState)[:5]},
    }
    for where, hold in holds.items():
        expected = [line.position for line in everything if hold(line)]
        assert [line.position for line in listed(made, *where)] == expected, where
        assert browse.count(made.world, made.facts, wanted(where)) == (len(expected), True), where


def test_by_confidence_the_list_holds_what_is_settled_or_escalated_in_order_both_ways(
    project: tuple[Project, AnnotatorId, AnnotatorId],
) -> None:
    made = project[0]
    known = [line for line in listed(made) if line.confidence is not None]
    up = sorted((line.confidence, line.position) for line in known)
    assert [(line.confidence, line.position) for line in listed(made, order=Order.LEAST)] == up
    assert [(line.confidence, line.position) for line in listed(made, order=Order.MOST)] == up[::-1]


def test_words_are_found_once_indexed_and_alike_in_both_databases(
    project: tuple[Project, AnnotatorId, AnnotatorId],
) -> None:
    made = project[0]
    assert browse.index(made.world, made.facts) == N
    texts = {line.position: line.item.content for line in listed(made)}

    def found(search: str, *where: str) -> list[int]:
        return [line.position for line in listed(made, *where, search=search)]

    assert found("film") == [at for at, text in texts.items() if "film" in text]
    assert found('"lovely film"') == [at for at, text in texts.items() if "lovely film" in text]
    assert found('"film lovely"') == []
    assert found("LOVE*") == [at for at, text in texts.items() if "love" in text]
    assert found("unicode") == found("東京") == list(range(N)) == found("京都")
    assert found("film", "meta.site=s1") == [at for at, text in texts.items() if "film" in text and at % 3 == 1]
    assert found("nothing-like-this") == []
    for hostile in ('a" OR "b', "film) OR (x", "' | 'film", "film NOT awful", "-film", "words:film"):
        found(hostile)  # words, whatever they would mean to the database


def test_a_page_looks_at_no_more_rows_than_its_budget_and_says_where_to_go_on(
    project: tuple[Project, AnnotatorId, AnnotatorId],
) -> None:
    made = project[0]
    facts = made.facts
    ask = rows.Ask(facts.id, facts.question, wanted(["meta.site=s2"]))
    first = made.world.store.read(lambda tx: rows.find(tx, ask, None, 5, budget=6))
    assert first.positions.tolist() == [2, 5]
    assert first.more is not None
    after = first.more
    second = made.world.store.read(lambda tx: rows.find(tx, ask, after, 5, budget=6))
    assert second.positions.tolist() == [8, 11]
    assert made.world.store.read(lambda tx: rows.count(tx, ask, budget=6)) == (2, False)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("salt=a", "not sought by 'salt'"), ("lable=pos", "Did you mean 'label'"), ("label", "written like label=pos"),
        ("state=ready", "no state 'ready'"), ("confidence=x", "0.2..0.6"), ("confidence=2..", "between 0 and 1"),
        ("label=happy", "no label 'happy'"),
    ],
)  # fmt: skip
def test_a_condition_on_anything_else_is_refused(
    project: tuple[Project, AnnotatorId, AnnotatorId], where: str, message: str
) -> None:
    with pytest.raises(BadValue, match=message):
        listed(project[0], where)


@pytest.mark.parametrize("cursor", ["", "x", "1e9", "5:1", "-7", "1; DROP TABLE items", "nan:1"])
def test_a_cursor_that_is_none_is_refused(project: tuple[Project, AnnotatorId, AnnotatorId], cursor: str) -> None:
    made = project[0]
    with pytest.raises(BadValue, match="no cursor"):
        browse.page(made.world, made.facts, wanted([]), Order.POSITION, cursor, 5)


def test_every_answer_that_stands_is_exported_once_in_every_form(
    project: tuple[Project, AnnotatorId, AnnotatorId], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, one, other = project
    monkeypatch.setattr(answers, "PAGE", 5)
    whole = {form: b"".join(answers.pieces(made.world, made.facts, form)) for form in answers.FORMS}
    objects = json.loads(whole["json"])
    assert [json.loads(line) for line in whole["jsonl"].splitlines()] == objects
    read = list(csv.DictReader(io.StringIO(whole["csv"].decode())))
    assert [row["annotation"] for row in read] == [row["annotation"] for row in objects]
    assert [json.loads(row["answer"]) for row in read] == [row["answer"] for row in objects]
    assert len(objects) == 24 == len({row["annotation"] for row in objects})
    assert {row["annotator"] for row in objects} == {one, other}
    assert {row["key"] for row in objects} <= {f"k{n}" for n in range(N)}
    assert not {"salt", "body_hash", "token"} & set(objects[0])
    assert answers.write(made.world, made.facts, tmp_path / "a.json", "json") == 24
    assert (tmp_path / "a.json").read_bytes() == whole["json"]


def test_an_empty_project_exports_an_empty_list(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=2)
    with small.opened(tmp_path) as made:
        assert json.loads(b"".join(answers.pieces(made.world, made.facts, "json"))) == []


def test_over_http_lists_are_for_those_who_measure_and_go_page_by_page(tmp_path: Path) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=9)
        with story.serving(world) as url:
            clients = {role: Client(url, token=made.token(role), tries=1) for role in Role}
            auditor, name = clients[Role.AUDITOR], made.project.id
            assert [one["position"] for one in auditor.items(name, limit=4)] == list(range(9))
            assert auditor.count_items(name) == (9, True)
            assert auditor.count_items(name, ["label=pos"]) == (0, True)
            assert auditor.facets(name)["items"] in {9, None}
            assert list(auditor.annotations(name)) == []
            for role in (Role.ANNOTATOR, Role.REVIEWER, Role.SERVICE):
                for ask in (clients[role].item_page, clients[role].count_items, clients[role].facets):
                    with pytest.raises(NotAllowed):
                        ask(name)
                with pytest.raises(NotAllowed):
                    list(clients[role].annotations(name))
