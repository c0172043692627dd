"""What every test shares: where real data lies, and how hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import ready
from tests.fresh import (  # noqa: F401 (pytest finds them here)
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_runtest_teardown,
)
from tests.order import pytest_collection_modifyitems  # noqa: F401 (likewise)

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data (`crowd/`, `text/` ...): from GOLDSEAM_DATA, or beside the repository; else the test is skipped."""
    named = os.environ.get("GOLDSEAM_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "crowd").is_dir():
        pytest.skip(
            f"real data is not here: {folder} has no folder 'crowd'; set GOLDSEAM_DATA to the folder that has it"
        )
    return folder


@pytest.fixture(scope="session", autouse=True)
def begun_cheaply() -> Iterator[None]:
    """Empty databases and passwords without the work that no test but their own looks at."""
    with ready.made():
        yield
