"""The server as a process of its own, for `goldseam replay`: it says its address as one line of JSON, then answers.

In: a project's folder. Out: a line of JSON; a server on a free port of this machine until it is ended. Never: a face of its
own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from goldseam.edge.project import open_project
from goldseam.edge.server.app import serve


def main(folder: Path) -> None:
    """Serve the project on a free port of this machine."""

    def ready(address: str) -> None:
        sys.stdout.write(json.dumps({"url": address}) + "\n")
        sys.stdout.flush()

    with open_project(folder) as project:
        serve(project.world, "127.0.0.1", 0, ready=ready)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
