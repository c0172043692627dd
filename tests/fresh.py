"""After a failed test nothing that tests share is kept: the next try, and the next test, find a world made anew.

In: pytest's hooks, when a test is set up, called and torn down. Out: nothing.
Never: a second try in the house that the first one left half lived in; it would fail for what the first one did.

Where the tests of a file tell one story, each going on where the one before it ended, its file says so with the mark `story`,
which names the fixture that they share: in a world made anew what came before is told again first, and not reported again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from _pytest.runner import runtestprotocol

FAILED = pytest.StashKey[bool]()
TOLD = pytest.StashKey[set[str]]()
"""The tests that were called since the world was made."""
RETELLING = pytest.StashKey[bool]()


def told(item: pytest.Item) -> set[str]:
    return item.session.stash.setdefault(TOLD, set())


def before(item: pytest.Item) -> Iterator[pytest.Item]:
    """Give the earlier tests of a story, those of the same database where it is told on several."""
    named = item.get_closest_marker("story")
    if named is None:
        return
    for other in item.session.items:
        if other is item:
            return
        if other.path == item.path and all(_value(other, name) == _value(item, name) for name in named.args):
            yield other


def _value(item: pytest.Item, name: str) -> object:
    spec = getattr(item, "callspec", None)
    return spec.params.get(name) if spec else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    stash = item.session.stash
    if stash.get(RETELLING, False):
        return
    stash[RETELLING] = True
    try:
        for earlier in before(item):
            if earlier.nodeid not in told(item):
                runtestprotocol(earlier, log=False, nextitem=item)
    finally:
        stash[RETELLING] = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "setup":
        item.stash[FAILED] = False
        told(item).add(item.nodeid)
    item.stash[FAILED] |= report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    shared = item.session._setupstate  # pytest has no public word for "up to here"
    anew = item.stash[FAILED] and not item.session.stash.get(RETELLING, False)
    try:
        shared.teardown_exact(None if anew else nextitem)
    except BaseException:
        anew = True
        shared.teardown_exact(None)
        raise
    finally:
        if anew:
            told(item).clear()
