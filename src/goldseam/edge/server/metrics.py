"""Metrics: what Prometheus may ask this process: calls by route, how long they took, how deep the writer's line is.

In: one observation a call. Out: the text that Prometheus reads. Never: a name, an id, a path that a client made up, or a query
of the database.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

import goldseam
from goldseam.edge.runner.world import World

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
UNKNOWN: Final = "none"
"""The route of a call that found none: whatever a client asks for, the number of series stays small."""


class Metrics:
    """The figures of one app."""

    def __init__(self, world: World) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "goldseam_http_requests_total",
            "Calls answered, by method, route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "goldseam_http_request_seconds",
            "Seconds from a call's arrival to the end of its reply, by route.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._fates = Counter(
            "goldseam_annotations_total",
            "Annotations received, by what became of them: saved, repeated, surplus, refused.",
            ["fate"],
            registry=self._registry,
        )
        self._leases = Counter("goldseam_leases_total", "Assignments leased.", registry=self._registry)
        waiting = Gauge("goldseam_store_waiting", "Acts that wait for the store's writer.", registry=self._registry)
        waiting.set_function(lambda: float(world.store.n_waiting))
        version = Gauge("goldseam_info", "Which version answers.", ["version"], registry=self._registry)
        version.labels(goldseam.__version__).set(1)

    def called(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call; `route` is the template that it matched, never the path."""
        self._calls.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def taken_in(self, fate: str) -> None:
        """Count an annotation."""
        self._fates.labels(fate).inc()

    def leased(self, n: int) -> None:
        """Count leases."""
        self._leases.inc(n)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._registry)
