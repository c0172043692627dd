"""Release: published once, whole, under the gate; an interrupted one is completed to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldseam.edge.project import Project
from goldseam.edge.runner import release
from goldseam.formats.parquet import read_table
from goldseam.release import manifest
from goldseam.vocab.errors import BadValue, GateClosed, NotFound, NotReady, StoreFailed
from tests.walk import small


@pytest.fixture
def published(tmp_path: Path):
    small.write_project(tmp_path, n_items=12)
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.run(project)
        yield project


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_release_holds_exactly_its_files_and_nothing_else_lies_about(published: Project) -> None:
    folder = published.release_folder(1)

    assert set(files_of(folder)) == {manifest.MANIFEST, *manifest.LISTED, *manifest.EVIDENCE}
    assert [path.name for path in published.home.releases.iterdir()] == [folder.name]


def test_a_release_whose_proof_was_not_written_is_completed_with_the_same_bytes(published: Project) -> None:
    folder = published.release_folder(1)
    before = files_of(folder)
    for name in manifest.EVIDENCE:
        (folder / name).unlink()
    assert release.unfinished(published.world, published.facts) is not None

    published.publish()

    after = files_of(folder)
    listed = {manifest.MANIFEST, *manifest.LISTED}
    assert {name: after[name] for name in listed} == {name: before[name] for name in listed}
    assert len(published.releases()) == 1
    assert published.verify() == ()


def test_a_release_needs_a_measure_of_the_labels_as_they_are(published: Project) -> None:
    small.answer_all(published, [None])  # round 2 is answered and not settled
    with pytest.raises(NotReady, match="goldseam run"):
        published.publish()
    (item,) = published.item_ids([0])
    published.rule(item, "pos")
    with pytest.raises(NotReady, match="goldseam run"):
        published.publish()


def test_a_closed_gate_says_why(tmp_path: Path) -> None:
    small.write_project(tmp_path, route={"redundancy": 2}, n_items=6, audit={"draws": 20, "escalated": "leave_out"})
    with small.opened(tmp_path) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.answer_all(project, [small.member(project, "contrary")], accuracy=0.0)
        small.run(project)

        with pytest.raises(GateClosed) as refused:
            project.publish()

        assert "Alpha" in str(refused.value.fields["reasons"])
        assert not project.home.releases.exists()


def test_projects_whose_names_look_alike_on_disk_do_not_overwrite_each_other(tmp_path: Path) -> None:
    plain = small.write_project(tmp_path, n_items=6, name="a b", rounds=1)
    with small.opened(tmp_path) as project:
        small.round_trip(project)
        first = files_of(project.release_folder(1))
    small.write_settings(tmp_path, plain | {"name": "a-b"})
    (tmp_path / ".goldseam" / "project").unlink()  # as two folders would that share a database and their releases
    with small.opened(tmp_path) as project:
        small.round_trip(project)

        assert files_of(tmp_path / "releases" / "a-b-0001") == first
        assert project.release_folder(1).name != "a-b-0001"
        assert project.verify() == ()


@pytest.mark.parametrize("name", ["../../etc", "…", ".hidden", "a/b\\c", "名前", "CON", "-rf"])
def test_any_name_gives_a_folder_inside_the_releases(tmp_path: Path, name: str) -> None:
    small.write_project(tmp_path, n_items=4, name=name, rounds=1)
    with small.opened(tmp_path) as project:
        small.round_trip(project)

        assert project.release_folder(1).parent == project.home.releases
        assert project.release_folder(1).is_dir()


def test_every_form_of_an_export_has_the_same_rows(published: Project, tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        assert published.export(tmp_path / name) == (1, 6)
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    table = read_table((tmp_path / "a.parquet").read_bytes())

    assert [json.loads(line)["item"] for line in lines] == list(table["item"])
    assert {json.loads(line)["label"] for line in lines} == set(small.LABELS)


def test_an_export_that_cannot_be_written_or_named_is_refused(published: Project, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"csv, jsonl, parquet"):
        published.export(tmp_path / "a.xlsx")
    with pytest.raises(StoreFailed):
        published.export(tmp_path / "no such folder" / "a.csv")
    with pytest.raises(NotFound, match="no release 7"):
        published.export(tmp_path / "a.csv", 7)


def test_an_export_of_a_release_that_was_moved_away_says_so(published: Project, tmp_path: Path) -> None:
    published.release_folder(1).rename(tmp_path / "elsewhere")

    with pytest.raises(NotFound, match=r"labels\.parquet"):
        published.export(tmp_path / "a.csv")


def test_a_folder_that_is_no_release_cannot_be_verified_or_compared(published: Project, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        release.verify_folder(tmp_path / "nothing", None)
    with pytest.raises(NotFound):
        release.diff_folders(published.release_folder(1), tmp_path)
    assert release.verify_folder(tmp_path, published.key_line)
