"""A server in a process of its own: `goldseam serve`, as people start it.

In: a project's folder. Out: an address that stays the same over restarts; the link that signs the owner in.
Never: a server left running.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


class Server:
    """One address, and the process that answers there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.link = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until it says that it answers."""
        search = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from goldseam.edge.cli import main; main()", "serve", "-p", str(self.folder),
             "--port", str(self.port)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, search)), "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        for said in self._process.stdout:
            if found := re.search(r"http://\S+/sign-in\?code=\S+", said):
                self.link = found[0]
                return
        raise AssertionError(f"the server did not start: exit code {self._process.wait()}")

    def kill(self) -> None:
        """End it as a crash does: nothing is finished, nothing is said."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(15)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
