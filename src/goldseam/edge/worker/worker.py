"""The worker: seals the log, ends leases, delivers to webhooks, does jobs at their times; as many as one likes beside each other.

In: an open project, a reach. Out: work done, figures, a file that says it lives. Never: a job done by two at once, work lost
because a worker was killed, an end in the middle of a step.

What may be done by several at a time (sealing, ending leases, deliveries row by row) each worker does all the time. A job is
taken in the table of jobs first and held while it is done; of a worker that was killed, another takes it up a minute later.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from goldseam.edge.project import Project
from goldseam.edge.reach import Reach, from_setting
from goldseam.edge.runner import annotate, deliveries, log
from goldseam.edge.runner import jobs as runner
from goldseam.edge.worker.figures import Figures
from goldseam.edge.worker.jobs import KINDS, Job, wanted
from goldseam.edge.worker.loops import Loop
from goldseam.edge.worker.times import next_time
from goldseam.vocab.errors import GoldseamError

LOG = logging.getLogger("goldseam.worker")

SEAL_SECONDS: Final = 1.0
DELIVER_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 5.0
"""How often a job's row is looked at, and the file that says the worker lives is written."""
SENDERS: Final = 8
"""So many receivers are served at once: a slow one holds up nobody but itself."""


class Worker:
    """Does a project's work in the background until it is stopped."""

    def __init__(
        self, project: Project, *, reach: Reach | None = None, health: Path | None = None, pace: float = 1.0
    ) -> None:
        self._project = project
        self._world = project.world
        self._reach = reach or from_setting()
        self._health = health
        self._pace = pace
        self._who = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._ended = threading.Event()
        self._loops: list[Loop] = []
        self._jobs: dict[str, Job] = {}
        self._settings = 0
        self._busy: dict[str, Future[int]] = {}
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="goldseam-sender")
        self.figures = Figures()

    # --- life ---

    def start(self) -> None:
        """Begin, in threads of its own."""
        self.plan()
        every: list[tuple[str, float, Callable[[], bool]]] = [
            ("sealer", SEAL_SECONDS, self._seal),
            ("leases", LEASE_SECONDS, self._expire),
            ("webhooks", DELIVER_SECONDS, self._deliver),
            ("looks", LOOK_SECONDS, self._look),
            *((kind, LOOK_SECONDS, partial(self._turn, kind)) for kind in KINDS),
        ]
        self._loops = [Loop(name, seconds * self._pace, do, self._ended) for name, seconds, do in every]
        for loop in self._loops:
            loop.start()

    @property
    def is_alive(self) -> bool:
        """Whether all of it still runs."""
        return bool(self._loops) and all(loop.is_alive for loop in self._loops)

    def stop(self, seconds: float = 10.0) -> None:
        """End after the steps that are under way, and seal what they did; what takes longer than this is left to others."""
        self._ended.set()
        until = time.monotonic() + seconds
        late = [loop.name for loop in self._loops if not loop.join(max(0.0, until - time.monotonic()))]
        self._senders.shutdown(wait=not late, cancel_futures=True)
        if late:
            LOG.warning("still at work at the end: %s; another worker takes it up", ", ".join(late))
        log.seal(self._world)

    def once(self) -> dict[str, str]:
        """Do everything that is due now, one after another; return what came of each, failures beginning with `failed`."""
        self.plan()
        said = {"leases": f"{annotate.expire(self._world):,} ended"}
        for kind, job in self._jobs.items():
            if (came := self._try(job)) is not None:
                said[kind] = came
        log.seal(self._world)
        while deliveries.gather(self._world):
            pass
        self._send_all()
        said["webhooks"] = f"{sum(one.result() for one in list(self._busy.values())):,} arrived"
        self._look()
        return said

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return self.figures.text()

    # --- what is done all the time ---

    def plan(self) -> None:
        """Write the jobs that the project wants into their table."""
        facts = self._project.facts
        jobs = {job.kind: job for job in wanted(facts.settings)}
        now = self._world.clock.now()
        times = {self._name(job): (job.times, next_time(job.times, now)) for job in jobs.values()}
        runner.plan(self._world, f"/{facts.id}", times)
        self._jobs, self._settings = jobs, facts.settings_version

    def _name(self, job: Job) -> str:
        return f"{job.kind}/{self._project.facts.id}"

    def _seal(self) -> bool:
        log.seal(self._world)
        return False

    def _expire(self) -> bool:
        return annotate.expire(self._world) > 0

    def _deliver(self) -> bool:
        more = deliveries.gather(self._world) > 0
        self._send_all()
        return more

    def _send_all(self) -> None:
        """Begin to send what is due, to every receiver that is not being served already."""
        self._busy = {hook: one for hook, one in self._busy.items() if not one.done()}
        for hook in deliveries.due(self._world):
            if hook.id not in self._busy:
                self._busy[hook.id] = self._senders.submit(self._send, hook.id)

    def _send(self, webhook: str) -> int:
        try:
            n = deliveries.deliver(self._world, self._reach, webhook, lambda: not self._ended.is_set())
        except Exception:
            LOG.exception("delivering to webhook %s failed and is tried again", webhook)
            return 0
        self.figures.arrived(n)
        return n

    def _look(self) -> bool:
        if self._project.facts.settings_version != self._settings:
            self.plan()
        self.figures.looked(*runner.waiting(self._world))
        if self._health is not None:
            self._health.write_text(self._world.clock.now().isoformat() + "\n", encoding="utf-8")
        return False

    # --- jobs ---

    def _turn(self, kind: str) -> bool:
        job = self._jobs.get(kind)
        if job is not None:
            self._try(job)
        return False

    def _try(self, job: Job) -> str | None:
        """Do a job if it is due and nobody is at it; return what came of it, None if it was not done."""
        name = self._name(job)
        if not runner.is_due(self._world, name) or not runner.take(self._world, name, self._who):
            return None
        began, clock, outcome, error = self._world.clock.now(), time.monotonic(), "", ""
        with self._holding(name) as goes_on:
            try:
                outcome = job.do(self._project, goes_on)
            except GoldseamError as failure:
                error = failure.message
                LOG.warning("%s failed: %s", job.kind, error)
            except Exception as failure:
                error = f"Unexpected: {type(failure).__name__}; the log says more."
                LOG.exception("%s failed", job.kind)
            cut_short = self._ended.is_set() and not error
        seconds = time.monotonic() - clock
        now = self._world.clock.now()
        due = now if cut_short and job.kind == "round" else next_time(job.times, now)
        if not runner.finish(
            self._world, name, self._who, due, began=began, seconds=seconds, outcome=outcome, error=error
        ):
            LOG.warning("%s was taken up by another worker meanwhile", job.kind)
        self.figures.went(job.kind, seconds, error)
        return f"failed: {error}" if error else outcome

    @contextmanager
    def _holding(self, name: str) -> Iterator[Callable[[], bool]]:
        """Hold a job for as long as the block runs."""
        done, lost = threading.Event(), threading.Event()

        def hold() -> None:
            while not done.wait(runner.HELD.total_seconds() / 4):
                try:
                    if not runner.hold(self._world, name, self._who):
                        lost.set()
                        return
                except GoldseamError:
                    LOG.exception("could not hold the job %s; trying again", name)

        thread = threading.Thread(target=hold, name="goldseam-holding", daemon=True)
        thread.start()
        try:
            yield lambda: not (self._ended.is_set() or lost.is_set())
        finally:
            done.set()
            thread.join()
