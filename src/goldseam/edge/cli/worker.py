"""`goldseam worker`: do a project's work in the background, until it is stopped.

In: a project. Out: jobs done. Never: an end in the middle of a step, unless the machine ends it.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from prometheus_client import start_http_server
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.project import open_project
from goldseam.edge.server.logs import Form, set_up
from goldseam.edge.worker.worker import Worker

app = typer.Typer(add_completion=False)

ENDING_SECONDS = 25.0


@app.command(epilog="Example: goldseam worker --health /tmp/goldseam-worker")
def worker(
    project: Folder = HERE,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end: for cron.")] = False,
    health: Annotated[Path | None, typer.Option(help="A file to write the time to, every five seconds.")] = None,
    metrics: Annotated[int, typer.Option(help="A port for Prometheus, on this machine; 0 for none.", min=0)] = 0,
    log: Annotated[Form, typer.Option(help="What is logged: 'quiet' is warnings only.")] = "quiet",
    as_json: AsJson = False,
) -> None:
    """Seal the log, end leases, deliver to webhooks, run rounds and backups as scheduled; stop it with Ctrl+C.

    As many workers as one likes may run beside each other; on SQLite, 'goldseam serve' runs one by itself.
    """
    set_up(log)
    with open_project(project) as opened:
        made = Worker(opened, health=health)
        if once:
            said = made.once()
            emit(said, lambda: _draw(said), as_json=as_json)
            if any(came.startswith("failed: ") for came in said.values()):
                raise typer.Exit(1)
            return
        ended = threading.Event()

        def end(_signal: int, _frame: FrameType | None) -> None:
            ended.set()

        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, end)
        if metrics:
            start_http_server(metrics, addr="127.0.0.1", registry=made.figures.registry)
        made.start()
        line(f"[bold]{escape(opened.facts.name)}[/bold]: the worker is at work. Stop with Ctrl+C.")
        while not ended.wait(1.0):
            pass
        made.stop(ENDING_SECONDS)


def _draw(said: dict[str, str]) -> None:
    for kind, came in said.items():
        mark = "[red]✗[/red]" if came.startswith("failed: ") else "[green]✓[/green]"
        line(f"{mark} [bold]{kind:<10}[/bold] {escape(came)}")
