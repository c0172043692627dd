"""The store's conformance suite: what any database under `goldseam.edge.store` must do, as functions of a URL.

In: the URL of an empty database. Out: nothing, or an `AssertionError` that says what does not hold. Never: a
framework; any test runner can call these.

Examples
--------
With pytest, for a database of your own::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_database_conforms(check, my_empty_database_url):
        check(my_empty_database_url)
"""

from __future__ import annotations

from collections.abc import Callable

from goldseam.testing.store_suite import concurrency, engine, log, queue, records, votes

Check = Callable[[str], None]

CHECKS: tuple[Check, ...] = (
    *engine.CHECKS,
    *records.CHECKS,
    *votes.CHECKS,
    *queue.CHECKS,
    *log.CHECKS,
    *concurrency.CHECKS,
)
"""Every check; each wants a database of its own."""
