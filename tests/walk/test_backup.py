"""A backup is everything, put back on either database; what was altered, or is not ours, is not put back."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from goldseam.edge.home import DATABASE_SETTING, Home
from goldseam.edge.runner import backup
from goldseam.edge.store.declare import METADATA
from goldseam.edge.store.engine import open_store
from goldseam.vocab.errors import BadSource, Conflict, Tampered
from tests.postgres import postgres
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

__all__ = ["postgres"]

PAIRS = [
    ("sqlite", "sqlite"),
    pytest.param(("sqlite", "postgresql"), marks=pytest.mark.postgres),
    pytest.param(("postgresql", "sqlite"), marks=pytest.mark.postgres),
]

Use = Callable[[str], None]


@pytest.fixture
def use(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Choose the database that the next opening of a new folder uses."""

    def choose(kind: str) -> None:
        monkeypatch.delenv(DATABASE_SETTING, raising=False)
        if kind == "postgresql":
            monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())

    return choose


def made(folder: Path) -> Path:
    """A project after one round with a release and a model, and its backup."""
    small.write_project(folder, n_items=12)
    with small.opened(folder) as project:
        small.round_trip(project)
        project.seal()
        project.back_up(folder.parent / "kept.zip")
    return folder.parent / "kept.zip"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project on SQLite, `old`, and its backup: made once, and copied by each test."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DATABASE_SETTING, raising=False)
        made(folder / "old")
    return folder


@pytest.fixture
def kept(first: Path, tmp_path: Path) -> Path:
    """The backup of a project that lies beside it."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return tmp_path / "kept.zip"


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database that this folder uses now."""
    with open_store(Home(folder).database_url) as store:
        return store.read(
            lambda tx: {
                table.name: [
                    tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                    for row in tx.run(table.select().order_by(*table.primary_key.columns))
                ]
                for table in METADATA.sorted_tables
                if table.name != "stamps"
            }
        )


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join)
def test_a_project_goes_on_where_it_was_on_either_database(pair: tuple[str, str], tmp_path: Path, use: Use) -> None:
    use(pair[0])
    kept = made(tmp_path / "old")
    before = rows(tmp_path / "old")
    use(pair[1])

    backup.restore(kept, Home(tmp_path / "new"))

    assert rows(tmp_path / "new") == before
    assert before["annotations"]
    with small.opened(tmp_path / "new") as project:
        assert project.verify() == ()
        assert project.releases()
        small.write_rows(
            tmp_path / "new" / "items.csv", [], [[f"more{n}", small.text_of(n + 90)] for n in range(6)], "a"
        )
        small.round_trip(project)
        assert project.facts.n_items == 18
        assert project.verify() == ()


def test_files_come_back_byte_for_byte_and_the_key_for_its_owner_alone(tmp_path: Path, kept: Path) -> None:
    backup.restore(kept, Home(tmp_path / "new"))

    def files(folder: Path) -> dict[str, bytes]:
        found = (path for path in folder.rglob("*") if path.is_file() and path.name not in backup.NOT_KEPT)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    assert files(tmp_path / "new") == files(tmp_path / "old")
    key = next((tmp_path / "new" / ".goldseam" / "keys").iterdir())
    assert key.stat().st_mode & 0o077 == 0
    assert kept.stat().st_mode & 0o077 == 0


def test_a_backup_taken_while_answers_come_in_is_of_one_moment(tmp_path: Path) -> None:
    small.write_project(tmp_path / "busy", n_items=60, sample={"strategy": "random", "batch": 60})
    with small.opened(tmp_path / "busy") as project:
        small.run(project)
        started = threading.Event()

        def answer() -> None:
            while offers := project.lease(1).offers:
                project.submit(
                    [small.submission(project, offer, small.Choice(small.LabelName("neg"))) for offer in offers]
                )
                started.set()

        person = threading.Thread(target=answer)
        person.start()
        started.wait(10)
        project.back_up(tmp_path / "kept.zip")
        person.join()

    backup.restore(tmp_path / "kept.zip", Home(tmp_path / "new"))

    found = rows(tmp_path / "new")
    n_done = sum(row[list(METADATA.tables["queue"].columns.keys()).index("done")] for row in found["queue"])
    assert len(found["annotations"]) == n_done
    with small.opened(tmp_path / "new") as project:
        assert project.verify() == ()


def test_nothing_is_put_over_something(tmp_path: Path, kept: Path) -> None:
    with pytest.raises(Conflict, match="already"):
        backup.restore(kept, Home(tmp_path / "old"))
    with small.opened(tmp_path / "old") as project, pytest.raises(Conflict, match="another file"):
        project.back_up(kept)


@pytest.mark.postgres
def test_a_database_that_holds_something_is_left_alone(tmp_path: Path, kept: Path, use: Use) -> None:
    use("postgresql")
    backup.restore(kept, Home(tmp_path / "first"))
    before = rows(tmp_path / "first")

    with pytest.raises(Conflict, match="empty one"):
        backup.restore(kept, Home(tmp_path / "second"))

    assert rows(tmp_path / "first") == before


def altered(kept: Path, name: str, change: Callable[[bytes], bytes], renamed: str | None = None) -> Path:
    """A copy of a backup in which one entry holds something else, or has another name in it."""
    target = kept.with_name("altered.zip")
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            new.writestr(renamed if renamed and each == name else each, change(data) if each == name else data)
    return target


@pytest.mark.parametrize("name", ["tables/annotations.jsonl", "files/goldseam.yaml"])
def test_an_altered_backup_is_refused_and_leaves_nothing(tmp_path: Path, kept: Path, name: str) -> None:
    bad = altered(kept, name, lambda data: data.replace(b"mood", b"wood"))

    with pytest.raises(Tampered, match="not what was backed up"):
        backup.restore(bad, Home(tmp_path / "new"))

    assert not (tmp_path / "new").exists() or not any((tmp_path / "new").iterdir())
    backup.restore(kept, Home(tmp_path / "new"))


@pytest.mark.parametrize("path", ["../outside", "/tmp/outside", "a/../../outside", "..\\outside"])
def test_a_file_that_would_lie_outside_is_refused(tmp_path: Path, kept: Path, path: str) -> None:
    def name_it(data: bytes) -> bytes:
        manifest = json.loads(data)
        manifest["files"][0]["path"] = path
        return json.dumps(manifest).encode()

    bad = altered(kept, backup.MANIFEST, name_it)

    with pytest.raises(BadSource, match="outside"):
        backup.restore(bad, Home(tmp_path / "new"))

    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_version_and_a_file_that_is_none_are_refused(tmp_path: Path, kept: Path) -> None:
    newer = altered(kept, backup.MANIFEST, lambda data: data.replace(b'"revision": "0', b'"revision": "9'))
    with pytest.raises(BadSource, match="newer"):
        backup.restore(newer, Home(tmp_path / "new"))

    broken = tmp_path / "broken.zip"
    broken.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    with pytest.raises(BadSource, match="cannot be read"):
        backup.restore(broken, Home(tmp_path / "new"))


def test_the_commands_say_what_they_did(tmp_path: Path, kept: Path) -> None:
    kept.unlink()

    said = goldseam(tmp_path / "old", "db", "backup", "../again.zip", "--json").json
    assert said["rows"] > 0
    back = goldseam(tmp_path, "db", "restore", "again.zip", "--into", "new", "--json").json
    assert back["rows"] == said["rows"]
    assert goldseam(tmp_path / "new", "verify").code == 0
    assert goldseam(tmp_path / "new", "db", "upgrade", "--json").json["database"] == "sqlite"
    assert goldseam(tmp_path, "db", "restore", "again.zip", "--into", "new").code != 0
