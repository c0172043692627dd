"""A pack is a long lease and nothing else; corrections are rulings and nothing else."""

from __future__ import annotations

from pathlib import Path

from goldseam.edge.project import Project
from goldseam.edge.runner import adjudicate, corrections, packs, people
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.server.routes.annotate import leased
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Act, AnnotatorId
from tests.walk.small import member, opened, run, submission, truth_of, write_project


def permit_of(project: Project, who: AnnotatorId, name: str, act: Act) -> Permit:
    return people.permit(project.world, Principal(who, name), project.facts.id, act)


def test_a_pack_is_held_for_half_a_day_and_asked_again_is_the_same_pack(tmp_path: Path) -> None:
    write_project(tmp_path)
    with opened(tmp_path) as project:
        run(project)
        ada, ben = member(project, "ada"), member(project, "ben")
        mine = permit_of(project, ada, "ada", Act.ANNOTATE)
        first = packs.take(project.world, mine, 4, [])
        assert len(first.offers) == 4
        assert min(one.seconds for one in first.offers) >= packs.HELD.total_seconds()
        again = packs.take(project.world, mine, 4, [])  # the reply was lost
        assert {one.item.id for one in again.offers} == {one.item.id for one in first.offers}
        others = project.lease(20, ben).offers
        assert not {one.item.id for one in others} & {one.item.id for one in first.offers}
        usual = leased(project.facts.id, project.lease(20, ben), None).model_dump()
        assert set(leased(project.facts.id, again, None).model_dump()) == set(usual)
        sent = [submission(project, one, Choice(LabelName(truth_of(one.item.content)))) for one in again.offers]
        assert [one.status for one in project.submit(sent, ada)] == ["saved"] * 4
        assert [one.status for one in project.submit(sent, ada)] == ["repeated"] * 4


def test_corrections_hold_what_was_ruled_otherwise_and_nothing_that_votes_settled(tmp_path: Path) -> None:
    write_project(tmp_path)
    with opened(tmp_path) as project:
        run(project)
        ada = member(project, "ada")
        mine = permit_of(project, ada, "ada", Act.ANNOTATE)
        offers = project.lease(20, ada).offers
        project.submit([submission(project, one, Choice(LabelName("neg"))) for one in offers], ada)
        run(project)
        assert corrections.own(project.world, mine).found == ()
        boss = permit_of(project, project.me, "me", Act.ADJUDICATE)
        ruled, same = offers[0].item.id, offers[1].item.id
        for item, label in ((ruled, "pos"), (same, "neg")):
            adjudicate.rule(
                project.world, boss, project.new_id(), item, "mood", Choice(LabelName(label)), "It is praise."
            )
        (found,) = corrections.own(project.world, mine).found
        assert (found.item.id, found.answer, found.ruled.answer) == (
            ruled,
            Choice(LabelName("neg")),
            Choice(LabelName("pos")),
        )
        assert found.ruled.reason == "It is praise."
        elsewhere = permit_of(project, member(project, "eve"), "eve", Act.ANNOTATE)
        assert corrections.own(project.world, elsewhere).found == ()
