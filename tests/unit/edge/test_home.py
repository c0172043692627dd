"""Home: a project is found from anywhere inside it, its secrets are its owner's, and one process acts at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from goldseam.edge.home import DATABASE_SETTING, PROJECT_FILE, Home, find_home
from goldseam.vocab.errors import BadSetting


def test_a_project_is_found_from_its_folder_its_file_and_anywhere_below(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    for start in (tmp_path, tmp_path / PROJECT_FILE, below):
        assert find_home(start) == Home(tmp_path.resolve())


def test_the_nearest_project_is_the_one_that_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / PROJECT_FILE).touch()
    (inner / PROJECT_FILE).touch()

    assert find_home(inner).root == inner


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"no goldseam\.yaml.*goldseam init"):
        find_home(tmp_path)


def test_a_folder_named_like_the_project_file_is_no_project(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).mkdir()

    with pytest.raises(BadSetting):
        find_home(tmp_path)


def test_what_goldseam_keeps_is_its_owners_alone_and_stays_out_of_git(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    home.make()

    assert stat.S_IMODE(home.hidden.stat().st_mode) == 0o700
    assert (home.hidden / ".gitignore").read_text() == "*\n"


def test_a_place_that_cannot_be_written_is_the_operators_to_put_right(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    with pytest.raises(BadSetting, match="Cannot write"):
        Home(in_the_way).make()


def test_the_database_is_a_file_in_the_home_unless_the_setting_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    assert Home(tmp_path).database_url == f"sqlite:///{tmp_path}/.goldseam/goldseam.db"

    monkeypatch.setenv(DATABASE_SETTING, "postgresql://ann@host/labels")
    assert Home(tmp_path).database_url == "postgresql://ann@host/labels"


def _note_turns(root: Path, name: str) -> None:
    for _ in range(20):
        with Home(root).alone(), (root / "turns").open("a") as file:
            file.write(f"{name} in\n")
            file.flush()
            time.sleep(0.001)
            file.write(f"{name} out\n")


def test_two_processes_take_turns(tmp_path: Path) -> None:
    Home(tmp_path).make()
    both = [multiprocessing.Process(target=_note_turns, args=(tmp_path, name)) for name in "ab"]
    for each in both:
        each.start()
    for each in both:
        each.join()

    lines = (tmp_path / "turns").read_text().splitlines()
    assert len(lines) == 80
    assert all(after == before.replace("in", "out") for before, after in zip(lines[::2], lines[1::2], strict=True))


def _hold(root: Path) -> None:
    with Home(root).alone():
        (root / "held").touch()
        time.sleep(60)


def test_a_process_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    holder = multiprocessing.Process(target=_hold, args=(tmp_path,))
    holder.start()
    while not (tmp_path / "held").exists():
        time.sleep(0.005)
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join()

    with home.alone():
        pass
