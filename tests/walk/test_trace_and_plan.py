"""Where a label comes from, and what a changed project file would do: on a small project of real steps."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldseam
from goldseam.vocab.errors import Breaking, NotFound

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
