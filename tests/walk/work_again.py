"""A worker as a process of its own, whose clock runs ahead by as long as it is told: what others held has then run out.

In: a project's folder, minutes, a pace. Out: a line once it is at work. Never: an end by itself.
"""

from __future__ import annotations

import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

from goldseam.edge.clock import SystemClock
from goldseam.edge.home import Home
from goldseam.edge.project import Project
from goldseam.edge.worker.worker import Worker


class Ahead(SystemClock):
    """The machine's clock, some minutes ahead."""

    def __init__(self, minutes: float) -> None:
        self._by = timedelta(minutes=minutes)

    def now(self) -> datetime:
        return super().now() + self._by


def main() -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Project(Home(Path(sys.argv[1])), Ahead(float(sys.argv[2]))) as project:
        worker = Worker(project, pace=float(sys.argv[3]))
        worker.start()
        print("at work", flush=True)
        ended.wait()
        worker.stop()


if __name__ == "__main__":
    main()
