"""Project: the loop from Python: what its docstring and README promise, on a small real project."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldseam
from goldseam.edge.project import Project, open_project, plain_diff
from goldseam.flow.plan import Verb
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadAnswer, BadProjectFile, BadSetting, LeaseLost, NotFound, NotReady
from goldseam.vocab.people import Act, Role
from tests.walk import small


@pytest.fixture
def project(tmp_path: Path):
    small.write_project(tmp_path, n_items=8, sample={"strategy": "random", "batch": 8})
    with small.opened(tmp_path) as made:
        yield made


def test_goldseam_open_applies_a_new_file_and_runs_until_a_person_is_needed(tmp_path: Path) -> None:
    small.write_project(tmp_path)
    with goldseam.open(tmp_path) as project:
        done = [each.step.verb for each in project.run()]

        assert done == [Verb.TAKE_IN, Verb.DRAW, Verb.ASSIGN]
        assert small.waits_for(project) is Verb.COLLECT


def test_opening_an_applied_project_applies_nothing_on_its_own(tmp_path: Path) -> None:
    plain = small.write_project(tmp_path)
    with small.opened(tmp_path):
        pass
    small.write_settings(tmp_path, plain | {"guideline": {"text": "Be fair."}})
    with small.opened(tmp_path) as project:
        assert project.facts.guideline_version == 1
        assert not project.plan_changes().nothing

        facts, changes = project.apply()

        assert (facts.guideline_version, bool(changes.guideline)) == (2, True)
        assert project.plan_changes().nothing


def test_a_folder_without_a_project_and_a_broken_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        open_project(tmp_path)
    (tmp_path / "goldseam.yaml").write_text("name: [")
    with pytest.raises(BadProjectFile, match=r"[Ll]ine 1"):
        open_project(tmp_path)


def test_whoever_made_the_project_owns_it_and_stays_the_same_person(tmp_path: Path) -> None:
    small.write_project(tmp_path)
    with small.opened(tmp_path) as project:
        first = project.me
        assert [role for _, role in project.people()] == [Role.OWNER]
    with small.opened(tmp_path) as project:
        assert project.me == first
        assert project.permit(Act.MANAGE).annotator == first


def test_a_lost_note_of_who_one_is_finds_the_same_account_again(tmp_path: Path) -> None:
    small.write_project(tmp_path)
    with small.opened(tmp_path) as project:
        first = project.me
    (tmp_path / ".goldseam" / "me").unlink()
    with small.opened(tmp_path) as project:
        assert project.me == first


def test_an_answer_by_name_is_a_vote_and_its_item_is_not_offered_again(project: Project) -> None:
    small.run(project)
    offer = project.lease(1).offers[0]

    outcome = project.answer(offer, "pos", seconds=2.5)

    assert outcome.status == "saved"
    votes = project.votes()
    assert (votes.n_items, [votes.labels[code] for code in votes.label]) == (1, ["pos"])
    assert offer.item.id not in {each.item.id for each in project.lease(20).offers}


def test_a_label_that_is_not_there_is_refused_with_the_nearest_and_the_lease_stays(project: Project) -> None:
    small.run(project)
    offer = project.lease(1).offers[0]

    with pytest.raises(BadAnswer, match="Did you mean 'pos'"):
        project.answer(offer, "poss")

    assert project.answer(offer, Choice(LabelName("pos"))).status == "saved"


def test_an_undone_answer_is_no_vote_and_its_item_comes_back(project: Project) -> None:
    small.run(project)
    offer = project.lease(1).offers[0]
    given = project.answer(offer, "neg")

    again = project.withdraw(given.id)

    assert again.item.id == offer.item.id
    assert project.votes().n_items == 0
    with pytest.raises(LeaseLost):
        project.answer(offer, "neg")  # the old token is void
    assert project.answer(again, "pos").status == "saved"


def test_a_skipped_item_does_not_come_back_to_who_skipped_it(project: Project) -> None:
    small.run(project)
    offer = project.lease(1).offers[0]
    project.skip(offer, "too long")

    seen = {each.item.id for each in project.lease(20).offers}

    assert len(seen) == 7
    assert offer.item.id not in seen


def test_closing_a_round_wants_no_more_answers(project: Project) -> None:
    small.run(project)
    small.answer_all(project, [None][:0])
    project.answer(project.lease(1).offers[0], "pos")

    assert project.close_round() == 7
    assert project.lease(5).offers == ()
    assert project.close_round() == 0


def test_a_finished_loop_has_labels_a_release_a_diff_and_an_export(project: Project, tmp_path: Path) -> None:
    small.run(project)
    small.answer_all(project, [None])
    small.run(project)

    assert project.plan().finished
    labels = project.labels()
    assert len(labels["item"]) == 8
    assert not any(labels["escalated"])
    (release,) = project.releases()
    assert release["n_items"] == 8
    assert project.export(tmp_path / "out.csv") == (1, 8)
    assert (tmp_path / "out.csv").read_text().count("\n") == 9
    assert plain_diff(project.diff(1, 1))["unchanged"] == 8
    assert project.verify() == ()
    report = project.quality()
    assert report is not None
    assert report[1].passes


def test_what_is_not_there_is_said_so(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no release yet"):
        project.export(tmp_path / "out.csv")
    with pytest.raises(NotFound):
        project.diff(1, 2)
    with pytest.raises(NotReady, match="goldseam run"):
        project.publish()
    with pytest.raises(NotFound):
        project.make_token("nobody", "laptop")
    assert project.quality() is None
    assert project.disagreements() == []


def test_people_come_with_a_password_shown_once_and_can_be_given_other_roles(project: Project) -> None:
    ada, password = project.add_person("Ada", Role.ANNOTATOR)
    again, none = project.add_person("ada", Role.REVIEWER)

    assert password
    assert (again.id, none) == (ada.id, None)
    assert {a.id: role for a, role in project.people()}[ada.id] is Role.REVIEWER
    assert project.new_password("ada") != password
    project.grant("ada", "none")
    assert ada.id not in {a.id for a, _ in project.people()}


def test_refused_records_can_be_looked_at(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=3)
    with (tmp_path / "items.csv").open("ab") as file:
        file.write(b"k9,bad \xff byte\n")
    with small.opened(tmp_path) as project:
        small.run(project)

        (bad,) = project.quarantine()

        assert (bad["source"], bad["line"]) == ("items.csv", 5)
        assert "UTF-8" in str(bad["reason"])


def test_a_row_that_is_not_sealed_yet_cannot_hide_from_verify(project: Project) -> None:
    small.run(project)

    assert project.verify() == ()  # sealed on the way
    count = "select count(*) from entries where position is null"
    assert project.world.store.read(lambda tx: tx.connection.exec_driver_sql(count).scalar()) == 0
