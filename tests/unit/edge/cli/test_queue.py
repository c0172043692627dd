"""Skills, segments and the queue from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam
from tests.walk import small

SEGMENTS = [{"name": "front", "where": {"shelf": "s0"}, "skills": ["medical"]}, {"name": "rest"}]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project whose items wait for answers, and one more person."""
    small.write_project(tmp_path, n_items=6, segments=SEGMENTS)
    rows = [[f"k{n}", small.text_of(n), f"s{n % 2}"] for n in range(6)]
    small.write_rows(tmp_path / "items.csv", ["key", "text", "shelf"], rows)
    goldseam(tmp_path, "run")
    with small.opened(tmp_path) as project:
        project.add_person("ada", small.Role.ANNOTATOR, password="correct horse battery")
    return tmp_path


def test_skills_are_granted_listed_and_revoked(home: Path) -> None:
    assert goldseam(home, "skills", "grant", "ada", "medical", "--level", "2").code == 0
    (row,) = goldseam(home, "skills", "list", "--json").json
    assert (row["name"], row["skill"], row["level"], row["how"]) == ("ada", "medical", 2, "by hand")
    assert "medical no more" in goldseam(home, "skills", "revoke", "ada", "medical").out
    assert goldseam(home, "skills", "list", "--json").json == []
    assert "small letters" in goldseam(home, "skills", "grant", "ada", "Medical").err


def test_plan_says_how_many_items_are_in_each_segment(home: Path) -> None:
    assert goldseam(home, "plan", "--json").json["segments"] == {"front": 3, "rest": 3, "": 0}
    assert "front: 3 items" in goldseam(home, "plan").out


def test_items_are_given_put_ahead_and_asked_about_again(home: Path) -> None:
    given = goldseam(home, "queue", "assign", "ada", "--where", "shelf=s0|s1", "--days", "2", "--json").json
    assert (given["n_items"], given["refused"]) == (3, {"lacks_skill": 3})
    (row,) = goldseam(home, "queue", "list", "--json").json
    assert (row["people"], row["items"], row["waiting"], row["batch"]) == ("ada", 3, 3, given["batch"])
    assert "has ended" in goldseam(home, "queue", "release", given["batch"]).out
    assert goldseam(home, "queue", "ahead", "5", "--where", "shelf=s1", "--json").json["n_items"] == 3
    assert "3 items asked about again" in goldseam(home, "queue", "again", "audit", "--where", "shelf=s0").out
    with small.opened(home) as project:
        (item,) = project.item_ids([1])
    assert goldseam(home, "queue", "assign", "ada", "--item", item, "--json").json["n_items"] == 1


def test_a_choice_that_is_not_written_right_is_one_sentence(home: Path) -> None:
    for words in (["--where", "shelf"], ["--where", "shelf=a..b"], [], ["--where", "a=b", "--item", "0" * 32]):
        said = goldseam(home, "queue", "ahead", "5", *words)
        assert said.code == 2
        assert said.err.startswith("✗ ")
    assert "Did you mean 'audit'" in goldseam(home, "queue", "again", "audits", "--where", "shelf=s0").err
