"""Where a label comes from, and what a changed project file would do: on a small project of real steps."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldseam
from goldseam.vocab.errors import BadProjectFile, Breaking, NotFound
from goldseam.vocab.people import Role

FILE = """\
name: mood
schema: {questions: [{name: mood, labels: [bad, good]}]}
guideline: {text: "Old rule."}
sources: [{path: rows.csv}]
source: {text: text, key: number}
sample: {batch: 6}
route: {redundancy: 1}
annotate: {gold_rate: 0.0}
prelabel: {min_labels: 4}
budget: {answers: 9}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(f"{n},row {n} is {'good' if n % 2 else 'bad'}\n" for n in range(20))
    (tmp_path / "rows.csv").write_text("number,text\n" + rows)
    (tmp_path / "goldseam.yaml").write_text(FILE)
    return tmp_path


def answer_all(project: goldseam.Project) -> None:
    while offers := project.lease(3).offers:
        for offer in offers:
            project.answer(offer, "good" if int(offer.item.origin.key) % 2 else "bad", seconds=2.0)


def test_a_label_is_traced_from_its_raw_line_to_the_model_that_learned_from_it(folder):
    with goldseam.open(folder) as project:
        list(project.run())
        answer_all(project)
        list(project.run())
        item = project.labels()["item"][0]
        project.seal()
        found = project.trace(item)
        origin = found["item"]["origin"]
        assert origin["source"] == "rows.csv"
        assert origin["line"] == int(origin["key"]) + 2
        assert found["draw"]["round"] == 1
        (given,) = found["annotations"]
        assert given["answer"]["label"] == ("good" if int(origin["key"]) % 2 else "bad")
        assert isinstance(given["entry"], int)
        assert found["settlements"][-1]["state"] == "settled"
        assert [release["number"] for release in found["releases"]] == [1]
        assert [model["release"] for model in found["models"]] == [1]
        assert not found["is_gold"]
        with pytest.raises(NotFound):
            project.trace("0" * 32)


def test_the_budget_bounds_what_is_asked_over_all_rounds(folder):
    with goldseam.open(folder) as project:
        for _ in range(4):
            list(project.run())
            answer_all(project)
        assert project.status()["counts"]["annotations"] == 9
        assert "budget is spent" in project.plan().finished


def test_a_plan_shows_the_guidelines_changed_lines_and_applying_makes_a_new_version(folder):
    with goldseam.open(folder) as project:
        (folder / "goldseam.yaml").write_text(
            FILE.replace("Old rule.", "New rule.").replace("[bad, good]", "[bad, good, odd]")
        )
        changes = project.plan_changes()
        assert changes.guideline == ("- Old rule.", "+ New rule.")
        assert [change.text for change in changes.schema] == ["label 'odd' is added"]
        assert "0 worked examples" in changes.advice[0]
        facts, _ = project.apply()
        assert (facts.schema_version, facts.guideline_version) == (2, 2)
        assert project.plan_changes().nothing


def test_a_label_that_was_answered_is_not_taken_away(folder):
    with goldseam.open(folder) as project:
        list(project.run())
        answer_all(project)
        (folder / "goldseam.yaml").write_text(FILE.replace("[bad, good]", "[bad, fine]"))
        with pytest.raises(Breaking) as refused:
            project.apply()
        assert "label 'good' is removed, but" in refused.value.fields["reasons"][0]
        assert project.facts.schema_version == 1


def test_another_name_in_the_file_does_not_quietly_make_a_second_project(folder):
    with goldseam.open(folder) as project:
        list(project.run())
    (folder / "goldseam.yaml").write_text(FILE.replace("name: mood\n", "name: moods\n"))
    with pytest.raises(BadProjectFile, match="holds the project 'mood'"):
        goldseam.open(folder)


def test_a_source_that_was_read_and_is_gone_holds_nothing_up(folder):
    with goldseam.open(folder) as project:
        list(project.run())
        (folder / "rows.csv").unlink()
        answer_all(project)
        list(project.run())
        assert [release["number"] for release in project.releases()] == [1]


def test_what_is_given_back_is_open_to_others_at_once(folder):
    with goldseam.open(folder) as project:
        list(project.run())
        ann = project.add_person("ann", Role.ANNOTATOR, password="a long password")[0].id
        assert len(project.lease(6).offers) == 6
        assert project.lease(1, ann).offers == ()
        assert project.give_back() == 6
        assert len(project.lease(6, ann).offers) == 6
