"""Figures: what Prometheus may ask about the worker: jobs done and failed, for how long the oldest has been due.

In: one observation a job or a look at the store. Out: the text that Prometheus reads. Never: a name of a person or project, or a
query made because somebody asked.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS: Final = (0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0)


class Figures:
    """The figures of one worker."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._done = Counter("goldseam_jobs_done_total", "Jobs done, by kind.", ["kind"], registry=self.registry)
        self._failed = Counter("goldseam_jobs_failed_total", "Jobs failed, by kind.", ["kind"], registry=self.registry)
        self._seconds = Histogram(
            "goldseam_job_seconds", "Seconds a job took, by kind.", ["kind"], buckets=SECONDS, registry=self.registry
        )
        self._oldest = Gauge(
            "goldseam_jobs_oldest_due_seconds",
            "For how long the job that is due for longest waits.",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "goldseam_deliveries_waiting", "Deliveries to webhooks that wait; at most 1000.", registry=self.registry
        )
        self._arrived = Counter(
            "goldseam_deliveries_total", "Deliveries to webhooks that arrived.", registry=self.registry
        )

    def went(self, kind: str, seconds: float, error: str) -> None:
        """Count a job."""
        (self._failed if error else self._done).labels(kind).inc()
        self._seconds.labels(kind).observe(seconds)

    def arrived(self, n: int) -> None:
        """Count deliveries."""
        self._arrived.inc(n)

    def looked(self, oldest_seconds: float, n_deliveries: int) -> None:
        """Note what waits."""
        self._oldest.set(oldest_seconds)
        self._waiting.set(n_deliveries)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self.registry)
