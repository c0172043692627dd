"""A test that failed leaves nothing behind: its second try, and the tests after it, find fixtures that were made anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

STORY = """
from pathlib import Path

import pytest

DIARY = Path(__file__).with_name("diary")


def note(words):
    with DIARY.open("a") as diary:
        print(words, file=diary)


def once(words):
    note(words)
    assert DIARY.read_text().splitlines().count(words) > 1, words


@pytest.fixture(scope="session")
def town():
    note("town")
    yield
    note("town is gone")


@pytest.fixture(scope="module")
def house(town):
    note("house")
    yield
    note("house is gone")


@pytest.fixture
def guest(house):
    yield
    once("guest leaves")


def test_a(house):
    once("a")


def test_b(house):
    note("b")


def test_c(guest):
    note("c")


def test_d(house):
    note("d")
"""
ANEW = ["house is gone", "town is gone", "town", "house"]
DIARY = [
    "town", "house", "a", *ANEW, "a", "b",  # a failed: its second try has a new house, which b shares with it
    "c", "guest leaves", *ANEW, "c", "guest leaves", "d",  # the same where only the end failed
    "house is gone", "town is gone",
]  # fmt: skip


CHAPTERS = """
from pathlib import Path

import pytest

DIARY = Path(__file__).with_name("diary")
pytestmark = pytest.mark.story("stage")


@pytest.fixture(scope="module", params=["here", "there"])
def stage(request):
    yield [request.param]


def tell(stage, word, *, but=0):
    stage.append(word)
    with DIARY.open("a") as diary:
        print(*stage, file=diary)
    assert DIARY.read_text().splitlines().count(" ".join(stage)) > but


def test_one(stage):
    tell(stage, "one")


def test_two(stage):
    tell(stage, "two")


def test_three(stage):
    tell(stage, "three", but=stage[0] == "there")


def test_four(stage):
    tell(stage, "four", but=9)


def test_five(stage):
    tell(stage, "five")
"""
THREE = ["one", "one two", "one two three"]
FOUR = [*THREE, "one two three four"]
FIVE = [*FOUR, "one two three four five"]
TOLD = [
    *FOUR, *FOUR, *FIVE,  # the fourth fails twice: all is told again for its second try, and for the fifth
    *THREE, *FOUR, *FOUR, *FIVE,  # the third fails once there
]  # fmt: skip


def test_in_a_story_what_came_before_is_told_again_and_reported_once(tmp_path: Path) -> None:
    said = ran(tmp_path, CHAPTERS)
    assert "2 failed, 8 passed, 3 rerun" in said
    places = ["here"] * 13 + ["there"] * 16
    expected = [f"{place} {words}" for place, words in zip(places, TOLD, strict=True)]
    assert (tmp_path / "diary").read_text(encoding="utf-8").splitlines() == expected


def test_after_a_failure_or_a_failed_teardown_everything_shared_is_made_anew(tmp_path: Path) -> None:
    assert "5 passed, 2 rerun" in ran(tmp_path, STORY)  # c passed twice: what failed was its end
    assert (tmp_path / "diary").read_text(encoding="utf-8").splitlines() == DIARY


def ran(folder: Path, tests: str) -> str:
    """Run tests as the suite does, and return the last line."""
    (folder / "test_story.py").write_text(tests, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = story\n", encoding="utf-8")
    plugins = ["-p", "no:cacheprovider", "-p", "pytest_rerunfailures", "-p", "tests.fresh"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "--reruns", "1", "test_story.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1] + done.stderr
