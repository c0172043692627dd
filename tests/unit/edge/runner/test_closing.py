"""A round that is closed early goes on with the answers there are; what nobody looked at is no disagreement."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from goldseam.edge.project import Project
from goldseam.edge.store.tx import Tx
from goldseam.flow.plan import Verb
from goldseam.vocab.answers import Choice, LabelName
from tests.walk import small


def answer(project: Project, n: int) -> list[str]:
    offers = project.lease(n).offers
    made = [small.submission(project, one, Choice(LabelName(small.truth_of(one.item.content)))) for one in offers]
    assert {one.status for one in project.submit(made)} == {"saved"}
    return [one.item.id for one in offers]


def test_what_nobody_looked_at_goes_back_to_the_pool_and_is_drawn_again(tmp_path: Path) -> None:
    small.write_project(tmp_path, 12, sample={"strategy": "random", "batch": 12})
    with small.opened(tmp_path) as project:
        small.run(project)
        answered = answer(project, 5)
        skipped = project.lease(1).offers[0]
        project.skip(skipped, "unsure")
        assert project.close_round() == 7
        assert (project.status()["counts"]["drawn"], project.status()["counts"]["pool"]) == (6, 6)
        small.run(project)
        assert small.waits_for(project) is Verb.RULE, "what somebody looked at and passed on needs a person"
        (doubtful,) = project.disagreements(10)
        assert doubtful["item"]["id"] == skipped.item.id
        project.rule(skipped.item.id, "pos")
        small.run(project)
        assert project.facts.round == 2
        assert set(project.labels()["item"]) == {*answered, skipped.item.id}
        small.answer_all(project, [None])
        small.run(project)
        assert len(set(project.labels()["item"])) == 12
        assert project.verify() == ()


def test_a_returned_item_that_is_moved_to_another_draw_is_named(tmp_path: Path) -> None:
    small.write_project(tmp_path, 12)
    with small.opened(tmp_path) as project:
        small.run(project)
        answer(project, 4)
        project.close_round()
        project.seal()
        assert project.verify() == ()

        def change(tx: Tx) -> None:
            tx.run(text("DROP TRIGGER returned_items_no_delete"))
            tx.run(text("DELETE FROM returned_items"))

        project.world.store.write(change)
        assert [one.file for one in project.verify()] == ["draws"]


def test_a_round_closed_before_anybody_came_draws_again(tmp_path: Path) -> None:
    small.write_project(tmp_path, 12)
    with small.opened(tmp_path) as project:
        small.run(project)
        assert project.close_round() == 6
        assert small.run(project) == [Verb.DRAW, Verb.ASSIGN]
        assert small.waits_for(project) is Verb.COLLECT
        assert project.facts.round == 1
