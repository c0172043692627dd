"""A new version of the guideline made on the page: in the store, in the ledger, and in the project's file, all or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.client import new_id
from goldseam.edge.home import find_home
from goldseam.edge.project import Project
from goldseam.edge.runner import guidelines, log
from goldseam.edge.store import log as log_rows
from goldseam.flow.settings import settings_to_plain
from goldseam.formats import yaml, yaml_edit
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadSchema, BadValue, Conflict, NotFound
from goldseam.vocab.people import Act
from goldseam.vocab.schema import Guideline, WorkedExample

FILE = """# What we are at.
name: mood        # never to be changed
schema:
  questions:
    - {name: mood, prompt: "Liked?", labels: [pos, neg]}
guideline:
  text: |
    # Rules

    - Irony counts.

# The rest.
route: {redundancy: 2}
"""


WORDS = st.text(st.sampled_from("ab :#-'\"\n|é🙂"), max_size=12).map(lambda text: text.strip("\n"))
VALUES = st.recursive(
    WORDS | st.integers(-9, 99) | st.booleans() | st.none(),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("xyz"), below, max_size=2),
    max_leaves=5,
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "goldseam.yaml").write_text(FILE, encoding="utf-8")
    with Project(find_home(tmp_path)) as opened:
        opened.apply()
        yield opened


def publish(project: Project, text: str, *examples: WorkedExample, based_on: int = 1, act: str = "") -> int:
    rules = Guideline(text=text, worked_examples=examples)
    return guidelines.publish(project.world, project.permit(Act.MANAGE), act or new_id(), based_on, rules)


def kinds(project: Project) -> list[str]:
    project.seal()
    name = project.facts.id
    found = project.world.store.read(lambda tx: log_rows.entries(tx, name))
    return [json.loads(row.body)["kind"] for row in found]


def test_the_next_version_stands_in_the_store_the_ledger_and_the_file(project: Project) -> None:
    act, example = new_id(), WorkedExample("So good.", LabelName("neg"), "It mocks.")
    applied = kinds(project).count("project.applied")
    assert publish(project, "# Rules\n\n- Irony is neg.\n", example, act=act) == 2
    assert publish(project, "# Rules\n\n- Irony is neg.\n", example, act=act) == 2, "a repeat answers like the first"
    assert kinds(project).count("project.applied") == applied + 1
    assert project.plan_changes().nothing, "the file says the same"
    text = project.home.project_file.read_text(encoding="utf-8")
    assert "name: mood        # never to be changed" in text
    assert "# The rest.\nroute: {redundancy: 2}\n" in text
    assert "    - Irony is neg.\n" in text
    listed = guidelines.listing(project.world, project.permit(Act.VIEW), before=None, limit=5)
    assert [one.number for one in listed] == [2, 1]
    old = guidelines.version(project.world, project.permit(Act.VIEW), 1)
    assert old.guideline.text.endswith("- Irony counts.\n")


def test_rules_written_on_top_of_others_than_those_in_force_are_refused(project: Project) -> None:
    publish(project, "one")
    with pytest.raises(Conflict, match="Version 2"):
        publish(project, "two")
    with pytest.raises(BadValue, match="already"):
        publish(project, "one", based_on=2)
    with pytest.raises(NotFound):
        guidelines.version(project.world, project.permit(Act.VIEW), 3)
    assert project.facts.guideline.text == "one"


def test_a_worked_example_with_a_label_that_is_not_there_makes_no_version(project: Project) -> None:
    before = log.extent(project.world, project.facts.id)
    with pytest.raises(BadSchema, match="'meh'"):
        publish(project, "one", WorkedExample("So so.", LabelName("meh")))
    assert log.extent(project.world, project.facts.id) == before
    assert project.home.project_file.read_text(encoding="utf-8") == FILE


def test_rules_in_the_file_that_were_not_applied_are_not_written_over(project: Project) -> None:
    path = project.home.project_file
    path.write_text(FILE.replace("Irony counts", "Sarcasm counts"), encoding="utf-8")
    with pytest.raises(Conflict, match="not applied yet"):
        publish(project, "one")
    path.write_text(FILE.replace("redundancy: 2", "redundancy: 3"), encoding="utf-8")
    publish(project, "one")
    facts, changes = project.facts, project.plan_changes()
    assert (facts.guideline.text, facts.settings.route.redundancy) == ("one", 2)
    assert changes.settings == ("route.redundancy: 2 -> 3",), "what else the file asks for still waits to be applied"
    assert replace(project.settings, route=facts.settings.route) == facts.settings


def test_a_project_file_in_json_stays_json(project: Project) -> None:
    path = project.home.project_file
    path.write_text(json.dumps(settings_to_plain(project.settings, "left_out")), encoding="utf-8")
    publish(project, "one")
    assert json.loads(path.read_text(encoding="utf-8"))["guideline"] == {"text": "one"}
    assert project.plan_changes().nothing


@given(st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1), st.sampled_from("abcd"), VALUES)
def test_one_key_of_a_written_file_is_replaced_and_everything_reads_back(
    plain: dict[str, object], key: str, value: object
) -> None:
    text = f"# A comment.\n{yaml_edit.written(plain)}# The end.\n"
    made = yaml_edit.with_key(text, key, value)
    assert yaml.plain(yaml.load(made)) == {**plain, key: value}
    assert made.startswith("# A comment.\n")
    assert "# The end.\n" in made
