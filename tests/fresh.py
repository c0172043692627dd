"""After a failed test nothing that tests share is kept: the next try, and the next test, find a world made anew.

In: pytest's hooks, when a test is set up, called and torn down. Out: nothing.
Never: a second try in the house that the first one left half lived in; it would fail for what the first one did.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "setup":
        item.stash[FAILED] = False
    item.stash[FAILED] |= report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    shared = item.session._setupstate  # pytest has no public word for "up to here"
    try:
        shared.teardown_exact(None if item.stash[FAILED] else nextitem)
    except BaseException:
        shared.teardown_exact(None)
        raise
