"""Settings changed on the page: seen before they are made, kept in the project's file, and nothing on the machine within reach."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.home import find_home
from goldseam.edge.project import Project
from goldseam.edge.runner import changing, projects
from goldseam.edge.runner.people import Principal, permit
from goldseam.flow.settings import Settings, settings_from_plain
from goldseam.vocab.errors import BadPolicy, BadProjectFile, Conflict
from goldseam.vocab.people import Act

FILE = """name: mood  # never to be changed
schema:
  questions:
    - {name: mood, prompt: "Liked?", labels: [pos, neg]}
sample: {batch: 100}
route: {redundancy: 2}
budget: {money: 500, price_per_answer: 0.05}
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "goldseam.yaml").write_text(FILE, encoding="utf-8")
    with Project(find_home(tmp_path)) as opened:
        opened.apply()
        yield opened


def test_a_change_is_seen_with_what_it_costs_before_it_is_made(project: Project) -> None:
    may = project.permit(Act.GOVERN)
    seen = changing.seen(project.world, may)
    assert (seen.text, seen.in_file) == (FILE, True)
    assert {one.key: one.value for one in seen.settings}["route.redundancy"] == "2"
    wanted = FILE.replace("redundancy: 2", "redundancy: 3")
    planned = changing.plan(project.world, may, wanted)
    assert planned.changes.settings == ("route.redundancy: 2 -> 3",)
    assert [(one.answers, one.money) for one in (planned.before, planned.after)] == [(200, 10.0), (300, 15.0)]
    assert project.facts.settings.route.redundancy == 2, "a plan changes nothing"

    act = new_id()
    made = changing.apply(project.world, may, act, seen.read, wanted)
    assert made.settings.route.redundancy == 3
    assert project.home.project_file.read_text(encoding="utf-8") == wanted
    again = changing.apply(project.world, may, act, seen.read, wanted)
    assert again.settings_version == made.settings_version, "a repeat changes nothing"
    with pytest.raises(Conflict, match="meanwhile"):
        changing.apply(project.world, may, new_id(), seen.read, FILE)


@pytest.mark.parametrize(
    "more",
    [
        "sources: [{path: /etc/passwd, format: csv}]",
        "gold: [../../elsewhere.csv]",
        "qualification: {files: [/etc/shadow]}",
        "functions: {file: /tmp/anything.py}",
    ],
)
def test_what_lies_on_the_server_is_not_reached_from_the_page(project: Project, more: str) -> None:
    may = project.permit(Act.GOVERN)
    read = changing.seen(project.world, may).read
    with pytest.raises(BadPolicy, match="changed there alone"):
        changing.plan(project.world, may, f"{FILE}{more}\n")
    with pytest.raises(BadPolicy, match="changed there alone"):
        changing.apply(project.world, may, new_id(), read, f"{FILE}{more}\n")
    with pytest.raises(BadPolicy, match="name"):
        changing.plan(project.world, may, FILE.replace("name: mood  #", "name: other  #"))


def test_every_setting_that_names_something_outside_is_kept_from_the_page() -> None:
    names = set()
    for top, hint in typing.get_type_hints(Settings).items():
        below = [one.name for one in dataclasses.fields(hint)] if dataclasses.is_dataclass(hint) else []
        names |= {(top, one) for one in below if one in {"file", "files", "path", "paths", "url", "models", "command"}}
    assert names, "the walk through the settings found nothing"
    assert {path for path in names if not any(path[: len(one)] == one for one in changing.OUTSIDE)} == set()


def test_what_is_wrong_is_said_with_its_line_and_nothing_is_orphaned(project: Project) -> None:
    may = project.permit(Act.GOVERN)
    with pytest.raises(BadProjectFile, match=r"line 5: .*'batsh'"):
        changing.plan(project.world, may, FILE.replace("batch", "batsh"))
    planned = changing.plan(project.world, may, FILE.replace("[pos, neg]", "[pos]"))
    assert [one.kind.value for one in planned.changes.schema] == ["remove"]


def test_a_project_without_a_file_has_its_settings_written_out(project: Project) -> None:
    plain = {"name": "made here", "schema": {"questions": [{"name": "q", "labels": ["a", "b"]}]}}
    projects.apply(project.world, settings_from_plain(plain), project.me)
    made = projects.by_name(project.world, "made here")
    may = permit(project.world, Principal(project.me, "x"), made.id, Act.GOVERN)
    seen = changing.seen(project.world, may)
    assert not seen.in_file
    changed = changing.apply(project.world, may, new_id(), seen.read, seen.text + "sample: {batch: 7}\n")
    assert changed.settings.sample.batch == 7
    assert project.home.project_file.read_text(encoding="utf-8") == FILE, "the file of the other project stays"
