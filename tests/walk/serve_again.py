"""A program that serves a project and starts again at once, whatever ended it; the tests kill what it serves with.

In: a folder and a port. Out: on standard output, the process id of each server that begins. Never: an orderly end of a server.

The modules are imported once, before the first fork, so that fifty starts cost seconds and not minutes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from goldseam.edge.home import Home
from goldseam.edge.runner.world import open_world
from goldseam.edge.server.serving import serve


def main(folder: Path, port: int) -> None:
    """Fork servers, one after the other, until asked to end."""
    child = 0

    def end(_signal: int, _frame: FrameType | None) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            with open_world(Home(folder)) as world:
                serve(world, port=port, ready=lambda _: os.write(1, f"{os.getpid()}\n".encode()) and None)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
