"""The server as a process of its own: it says its address as one line of JSON, then answers until it is ended.

In: a project's folder; perhaps a socket that a parent has bound. Out: a line of JSON; calls answered. Never: a face of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from goldseam.edge.project import open_project
from goldseam.edge.server.logs import set_up
from goldseam.edge.server.processes import serve_many
from goldseam.edge.server.serving import serve, serve_on


def main() -> None:
    """Serve the project on a free port of this machine, or on the socket of the parent."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--socket", type=int, default=-1, help="the number of a bound socket; a free port otherwise")
    parser.add_argument("--processes", type=int, default=1, help="how many answer on a free port, on PostgreSQL")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--log", default="quiet", choices=["quiet", "text", "json"])
    asked = parser.parse_args()
    set_up(asked.log)
    if asked.processes > 1:
        serve_many(asked.folder, asked.host, 0, asked.processes, log=asked.log, ready=_ready)
        return
    with open_project(asked.folder) as project:
        if asked.socket < 0:
            serve(project.world, asked.host, 0, ready=_ready)
        else:
            threading.Thread(target=_end_with_parent, daemon=True).start()
            with socket.socket(fileno=asked.socket) as listening:
                serve_on(project.world, listening, asked.host, ready=_ready)


def _ready(address: str) -> None:
    sys.stdout.write(json.dumps({"url": address}) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    sys.stdin.read()  # nothing is ever written there: it ends when the parent does
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
