"""The command line as a process of its own, which can be killed.

In: a folder, words. Out: exit code and output. Never: a mock.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PROGRAM = "from goldseam.edge.cli import main; main()"
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OPENBLAS_NUM_THREADS": "1", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Said:
    """What a process came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


def goldseam(folder: Path, *words: str, keys: str = "") -> Said:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder, input=keys, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=120,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def in_a_child(act: Callable[[], object]) -> int:
    """Do something in a forked child and return how it ended: 0, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
