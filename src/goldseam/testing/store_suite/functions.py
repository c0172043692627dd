"""Checks of what labeling functions said: stretches come back as one table, a version at a time, and sets stay as they were.

In: a URL. Out: nothing. Never: a function applied.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sqlalchemy.exc import DBAPIError

from goldseam.edge.store import functions
from goldseam.edge.store.functions import SetRow
from goldseam.edge.store.functions_tables import function_sets
from goldseam.testing.store_suite.world import world
from goldseam.vocab.errors import StoreFailed
from goldseam.vocab.items import ProjectId


def what_functions_said_comes_back_in_place(url: str) -> None:
    """Check: stretches of several versions make one table, a stretch that grew is replaced, and others can be forgotten."""
    with world(url, n_items=5, wanted=0) as w:
        first = np.array([[0, -1], [2, 1], [-1, -1]], np.int16)
        second = np.array([[1], [0]], np.int16)
        w.write(lambda tx: functions.save_votes(tx, w.project, 0, ["a", "b"], first, [{"KeyError": 1}, {}]))
        w.write(lambda tx: functions.save_votes(tx, w.project, 3, ["a"], second[:1], [{"KeyError": 4}]))
        w.write(lambda tx: functions.save_votes(tx, w.project, 3, ["a"], second, [{"KeyError": 2}]))
        found = w.read(lambda tx: functions.said(tx, w.project, ["b", "a"], 5))
        assert found.codes.tolist() == [[-1, 0], [1, 2], [-1, -1], [-1, 1], [-1, 0]]
        assert [dict(one) for one in found.faults] == [{}, {"KeyError": 3}]
        assert w.read(lambda tx: functions.done(tx, w.project, ["a", "b"])) == {("a", 0): 3, ("b", 0): 3, ("a", 3): 2}
        w.write(lambda tx: functions.forget_others(tx, w.project, ["b"]))
        assert w.read(lambda tx: functions.done(tx, w.project, ["a", "b"])) == {("b", 0): 3}


def a_set_of_functions_is_never_changed(url: str) -> None:
    """Check: the newest set is known, each is found by its id in its own project alone, and the database refuses a change."""
    with world(url, n_items=1, wanted=0) as w:
        sets = [SetRow(name, 1, "{}", "ann", w.clock.now()) for name in ("s1", "s2")]
        for made in sets:
            w.write(lambda tx, made=made: functions.save_set(tx, w.project, made))  # type: ignore[misc]  # a default binds the row of this turn
        assert w.read(lambda tx: functions.newest_set(tx, w.project)) == sets[1]
        assert w.read(lambda tx: functions.find_set(tx, w.project, "s1")) == sets[0]
        assert w.read(lambda tx: functions.find_set(tx, ProjectId("another"), "s1")) is None
        try:
            w.write(lambda tx: tx.run(function_sets.update().values(body="no")))
        except (DBAPIError, StoreFailed):
            return
        raise AssertionError("a set of functions could be changed")


CHECKS: tuple[Callable[[str], None], ...] = (
    what_functions_said_comes_back_in_place,
    a_set_of_functions_is_never_changed,
)
"""Every check of this module."""
