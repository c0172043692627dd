"""The processes that are killed: servers, a worker, PostgreSQL; each comes back, as it would on a machine that is looked after.

In: the words of a command; a PostgreSQL server. Out: `Kept` and `Database`, which can be killed. Never: a process left behind.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Kept:
    """A command of Goldseam, kept running; `pid` is the process that is there now."""

    def __init__(self, words: list[str], environment: Mapping[str, str], said: Path) -> None:
        self._said = said.open("ab")
        self.pid = 0
        self.n_gave_up = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.faults.keeper", *words],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True,
        )  # fmt: skip
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            what, pid, *code = line.split()
            if what == "began":
                self.pid = int(pid)
            else:
                self.pid = 0
                self.n_gave_up += code != [str(-signal.SIGKILL)]

    def kill(self) -> bool:
        """Kill the process that is there now; False if there is none."""
        return _kill(self.pid)

    def let_write(self, n_bytes: int | None) -> None:
        """Let its process write into no file beyond so many bytes, as if the disk were full; None: as far as it likes."""
        limit_files(self.pid, n_bytes)

    def close(self) -> None:
        """End it, without order."""
        self._process.communicate()  # it reads until this end is closed
        self._reading.join(PATIENCE)
        self._said.close()


class Database:
    """A PostgreSQL server whose processes are killed all at once, as by a power cut, or one of them, as by a lack of memory."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def kill(self) -> bool:
        """Kill all of its processes, and start it again."""
        pids = self._server.processes()
        for pid in pids:
            _kill(pid)
        self._start()
        return bool(pids)

    def kill_one(self, chance: random.Random) -> bool:
        """Kill one process of it; PostgreSQL then ends all connections and recovers by itself."""
        _, *others = self._server.processes() or [0]
        return bool(others) and _kill(chance.choice(others))

    def _start(self) -> None:
        """Start it again; it refuses for as long as a process of before holds its memory."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._server.start()
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


def limit_files(pid: int, n_bytes: int | None) -> None:
    """Limit how far into a file a process may write, from now on."""
    most = resource.RLIM_INFINITY
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if pid:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most if n_bytes is None else n_bytes, most))


def _kill(pid: int) -> bool:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
    return False
