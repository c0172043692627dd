"""Several server processes on one address, for a team on PostgreSQL: they share the socket, and one that dies is replaced.

In: a project's folder, an address, how many. Out: calls answered until the parent is told to end. Never: a process left behind,
or two processes on SQLite, which has one writer.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from goldseam.edge.server.logs import Form
from goldseam.edge.server.serving import ENDING_SECONDS, address_of, listen

LOG = logging.getLogger("goldseam.server")

LOOK_SECONDS: Final = 0.2
PAUSE_SECONDS: Final = 1.0
"""Before a process that died is replaced, so that one that cannot start does not keep the machine busy."""


def serve_many(
    folder: Path, host: str, port: int, n: int, *, log: Form = "quiet", ready: Callable[[str], None] | None = None
) -> None:
    """Answer with `n` processes until this one is told to end (SIGTERM or Ctrl+C).

    Raises
    ------
    BadSetting
        If the address cannot be listened at.
    """
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {kind: signal.signal(kind, end) for kind in (signal.SIGTERM, signal.SIGINT)}
    with listen(host, port) as listening:
        listening.listen(2048)
        command = [
            sys.executable, "-m", "goldseam.edge.cli.serving", str(folder),
            "--socket", str(listening.fileno()), "--host", host, "--log", log,
        ]  # fmt: skip
        children = [_start(command, listening.fileno()) for _ in range(n)]
        try:
            for child in children:
                assert child.stdout is not None  # noqa: S101 - it was asked for
                child.stdout.readline()
            if ready:
                ready(address_of(host, int(listening.getsockname()[1])))
            while not ended.wait(LOOK_SECONDS):
                for nth, child in enumerate(children):
                    if child.poll() is not None:
                        LOG.warning("server process %d ended with %s and is replaced", child.pid, child.returncode)
                        time.sleep(PAUSE_SECONDS)
                        children[nth] = _start(command, listening.fileno())
        finally:
            _end(children)
            for kind, handler in before.items():
                signal.signal(kind, handler)


def _start(command: list[str], socket: int) -> subprocess.Popen[str]:
    """Start one process; its standard input is a pipe that ends with this process, however it ends."""
    return subprocess.Popen(  # noqa: S603 - our own module
        command, pass_fds=[socket], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _end(children: list[subprocess.Popen[str]]) -> None:
    for child in children:
        child.terminate()
    until = time.monotonic() + ENDING_SECONDS + 5
    for child in children:
        try:
            child.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
