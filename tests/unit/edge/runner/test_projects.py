"""Projects: what may be applied to a project that has labels already, and what is refused because it would orphan them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goldseam.vocab.errors import BadProjectFile, Breaking, NotReady
from tests.walk import small


def with_labels(plain: dict[str, object], *labels: str) -> dict[str, object]:
    """Return the settings with other labels."""
    return plain | {"schema": {"questions": [{"name": "mood", "labels": list(labels)}]}}


def test_a_label_that_nobody_used_may_go(tmp_path: Path) -> None:
    plain = with_labels(small.write_project(tmp_path), "neg", "pos", "mixed")
    small.write_settings(tmp_path, plain)
    with small.opened(tmp_path) as project:
        small.write_settings(tmp_path, with_labels(plain, "neg", "pos"))

        facts, _ = project.apply()

        assert facts.schema.main.label_names == ("neg", "pos")
        assert facts.labels == ("neg", "pos", "mixed")  # codes stay for ever


@pytest.mark.parametrize("by", ["answer", "gold", "ruling"])
def test_a_label_that_is_in_use_stays(tmp_path: Path, by: str) -> None:
    plain = with_labels(small.write_project(tmp_path, gold=["gold.csv"]), "neg", "pos", "mixed")
    small.write_settings(tmp_path, plain)
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [["k0", "mixed" if by == "gold" else "pos"]])
    with small.opened(tmp_path) as project:
        small.run(project)
        if by == "answer":
            project.answer(project.lease(1).offers[0], "mixed")
        elif by == "ruling":
            project.rule(project.item_ids([2])[0], "mixed")
        small.write_settings(tmp_path, with_labels(plain, "neg", "pos"))

        with pytest.raises(Breaking) as refused:
            project.apply()

        (reason,) = refused.value.fields["reasons"]  # type: ignore[misc]  # plain values
        assert "'mixed'" in reason
        assert project.facts.schema_version == 1


def test_an_undone_answer_holds_no_label(tmp_path: Path) -> None:
    plain = with_labels(small.write_project(tmp_path), "neg", "pos", "mixed")
    small.write_settings(tmp_path, plain)
    with small.opened(tmp_path) as project:
        small.run(project)
        given = project.answer(project.lease(1).offers[0], "mixed")
        project.withdraw(given.id)
        small.write_settings(tmp_path, with_labels(plain, "neg", "pos"))

        assert project.apply()[0].schema_version == 2


def test_a_project_of_texts_does_not_become_one_of_images(tmp_path: Path) -> None:
    plain: dict[str, Any] = small.write_project(tmp_path)
    with small.opened(tmp_path) as project:
        small.write_settings(tmp_path, plain | {"source": {"kind": "image"}, "sources": []})

        with pytest.raises(Breaking, match="stays one"):
            project.apply()


@pytest.mark.parametrize("kind", ["text", "rating", "choices", "span", "box"])
def test_the_question_that_the_loop_follows_may_be_of_any_kind(tmp_path: Path, kind: str) -> None:
    labels = ["a", "b"] if kind in {"choices", "span", "box"} else []
    question = {"name": "why", "kind": kind, **({"labels": labels} if labels else {})}
    small.write_project(tmp_path, schema={"questions": [question]})

    with small.opened(tmp_path) as project:
        assert project.facts.schema.main.kind == kind


@pytest.mark.parametrize("asked", [{"sample": {"strategy": "margin"}}, {"qualification": {"files": ["test.csv"]}}])
def test_what_needs_labels_is_refused_where_the_first_question_has_none(tmp_path: Path, asked: dict[str, Any]) -> None:
    small.write_project(tmp_path, schema={"questions": [{"name": "stars", "kind": "rating"}]}, **asked)

    with pytest.raises(BadProjectFile, match=r"line \d+: .* needs labels"):
        small.opened(tmp_path)


def test_other_kinds_of_questions_follow_it(tmp_path: Path) -> None:
    questions = [{"name": "mood", "labels": ["a", "b"]}, {"name": "why", "kind": "text"}]
    small.write_project(tmp_path, schema={"questions": questions})
    with small.opened(tmp_path) as project:
        assert project.facts.question == "mood"


def test_a_project_that_was_never_applied_says_what_comes_first(tmp_path: Path) -> None:
    from goldseam.edge.home import Home
    from goldseam.edge.project import Project

    small.write_project(tmp_path)
    with Project(Home(tmp_path)) as project, pytest.raises(NotReady, match="goldseam apply"):
        assert project.facts


def test_versions_come_back_when_an_old_file_does(tmp_path: Path) -> None:
    plain = small.write_project(tmp_path)
    with small.opened(tmp_path) as project:
        for text in ("one", "two", "one"):
            small.write_settings(tmp_path, plain | {"guideline": {"text": text}})
            facts, _ = project.apply()

        assert facts.guideline.text == "one"
        assert project.verify() == ()
