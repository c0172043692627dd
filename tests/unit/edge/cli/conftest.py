"""Projects that the tests of commands begin with: one that is new, and one that has gone through its rounds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.walk import small


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a project of six texts that nobody has run."""
    small.write_project(tmp_path, n_items=6, sample={"strategy": "random", "batch": 6})
    return tmp_path


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished project, which nobody changes."""
    folder = tmp_path_factory.mktemp("finished")
    small.write_project(folder, n_items=6, sample={"strategy": "random", "batch": 6})
    with small.opened(folder) as project:
        small.round_trip(project)
    return folder


@pytest.fixture
def finished(finished_once: Path, tmp_path: Path) -> Path:
    """A folder with a finished project of one's own."""
    shutil.copytree(finished_once, tmp_path, dirs_exist_ok=True)
    return tmp_path
