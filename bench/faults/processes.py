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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Kept:
    """A command that is kept running; `pid` is the process that is there now, 0 if there is none."""

    pid = 0

    def kill(self) -> bool:
        """Kill the process that is there now; False if there is none."""
        return _kill(self.pid)

    def let_write(self, n_bytes: int | None) -> None:
        """Let its process write into no file beyond so many bytes, as if the disk were full; None: as far as it likes."""
        limit_files(self.pid, n_bytes)


@contextlib.contextmanager
def keeping(commands: Sequence[Sequence[str]], environment: Mapping[str, str], said: Path) -> Iterator[list[Kept]]:
    """Keep commands of Goldseam running; at the end they are killed. What they say lands in a file."""
    kept = [Kept() for _ in commands]
    words = [word for command in commands for word in ("--", *command)][1:]
    with said.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.faults.keeper", *words],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True,
        )  # fmt: skip
        reading = threading.Thread(target=_follow, args=(process, kept), daemon=True)
        reading.start()
        try:
            yield kept
        finally:
            assert process.stdin is not None
            process.stdin.close()  # it reads until this end is closed
            reading.join(PATIENCE)
            assert process.stdout is not None
            process.stdout.close()
            process.wait(PATIENCE)


def _follow(process: subprocess.Popen[str], kept: Sequence[Kept]) -> None:
    """Note which process is there for each command, as the keeper tells."""
    assert process.stdout is not None
    for line in process.stdout:
        what, number, pid, *_ = line.split()
        kept[int(number)].pid = int(pid) if what == "began" else 0


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
