"""In which order the workers of one run take up the files: dear ones first, and those that drive a browser between the others.

In: the tests of a run on several workers, with their marks. Out: the same tests, each file in one piece and in its own order.
Never: a list of what each file took last time, which would be wrong by the next change; a test's marks say enough.

By itself xdist gives out the files with the most tests first: those with two or three tests, which drive a browser or kill
processes for half a minute, would come last, all at once, and while the last of them runs the other workers have nothing left.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import pytest

SECONDS = {"browser": 8.0, "slow": 3.0}
"""What a test with this mark takes, about; the first that it has counts."""
QUICK = 0.04
"""What a test without one takes."""
BEGINNING = 1.0
"""What the tests of a file have in common takes."""
BROWSERS_END = 0.85
"""By when the last file with a browser is taken up, as a share of all the work: what comes last is small."""


def seconds(marks: Iterable[str]) -> float:
    """Say what a test takes, about, from its marks."""
    known = set(marks)
    return next((spent for mark, spent in SECONDS.items() if mark in known), QUICK)


def in_turn(files: dict[str, list[tuple[str, ...]]]) -> list[str]:
    """Return the files, given with the marks of each of their tests, in the order in which they are best taken up."""
    places: dict[str, float] = {}
    for browser in (True, False):
        costs = {
            name: BEGINNING + sum(map(seconds, tests))
            for name, tests in files.items()
            if any("browser" in marks for marks in tests) is browser
        }
        whole, before = sum(costs.values()), 0.0
        for name in sorted(costs, key=lambda name: (-costs[name], name)):
            places[name] = before / whole * (BROWSERS_END if browser else 1.0)
            before += costs[name]
    return sorted(places, key=lambda name: (places[name], name))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return  # one process runs them as they stand in the folders
    of = {name: list(tests) for name, tests in groupby(items, lambda item: item.nodeid.split("::", 1)[0])}
    marks = {name: [tuple(mark.name for mark in test.iter_markers()) for test in tests] for name, tests in of.items()}
    items[:] = [test for name in in_turn(marks) for test in of[name]]
