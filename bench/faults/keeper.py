"""Keeps commands of Goldseam running, as a machine's service manager would: whatever ends one, it begins again at once.

In: words of the command line, `--` between commands; a standard input that ends with whoever started this. Out: a line at each
beginning and each end. Never: an orderly end of what it keeps, or anything left running.

All modules are imported once, before the first fork, so that two hundred beginnings cost seconds and not minutes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from importlib import import_module

PAUSE_SECONDS = 0.3
"""After an end that nobody forced, as of a server that finds no database: else it would begin again a hundred times a second."""
MODULES = ("goldseam.edge.cli.serve", "goldseam.edge.cli.worker", "psycopg")


_CHILDREN: dict[int, int] = {}
"""The processes that are kept now, each with the number of its command."""


def main() -> None:
    """Keep the commands running for ever."""
    for name in MODULES:
        import_module(name)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    commands = [part.split("\n") for part in "\n".join(sys.argv[1:]).split("\n--\n")]
    for number, words in enumerate(commands):
        _begin(number, words)
    while True:
        pid, status = os.wait()
        number, code = _CHILDREN.pop(pid), os.waitstatus_to_exitcode(status)
        _say(f"ended {number} {pid} {code}")
        if code != -signal.SIGKILL:
            time.sleep(PAUSE_SECONDS)
        _begin(number, commands[number])


def _begin(number: int, words: list[str]) -> None:
    pid = os.fork()
    if pid == 0:
        _do(words)
    _CHILDREN[pid] = number
    _say(f"began {number} {pid}")


def _do(words: list[str]) -> None:
    """Be the command, in the forked process, until its end."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        sys.argv = ["goldseam", *words]
        import_module("goldseam.edge.cli").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    for pid in list(_CHILDREN):
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
