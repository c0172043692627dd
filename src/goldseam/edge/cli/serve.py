"""`goldseam serve`: open the page and the HTTP API.

In: a project. Out: a server on this machine until it is stopped, and a link that signs its owner in. Never: listening
beyond this machine unless told to.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, Folder, line
from goldseam.edge.project import open_project
from goldseam.edge.server.logs import Form, set_up
from goldseam.edge.server.processes import serve_many
from goldseam.edge.server.serving import serve as serve_world
from goldseam.edge.worker.worker import Worker
from goldseam.vocab.errors import BadSetting

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam serve --port 8080")
def serve(
    project: Folder = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on; this machine only by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8080,
    processes: Annotated[
        int, typer.Option(help="Server processes on this address; more than one needs PostgreSQL.", min=1, max=64)
    ] = 1,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Run rounds, backups and webhooks here, too; by default on SQLite. On PostgreSQL start 'goldseam worker'.",
        ),
    ] = None,
    log: Annotated[
        Form, typer.Option(help="What is logged: 'quiet' is warnings only; 'text' and 'json' are every call, too.")
    ] = "quiet",
) -> None:
    """Open the page and the HTTP API; stop it with Ctrl+C.

    /healthz says that it lives, /readyz that it can answer, /metrics what it counts, for Prometheus.
    """
    set_up(log)
    with open_project(project) as opened:
        if processes > 1 and worker:
            raise BadSetting("Several server processes run no worker; start one beside them: goldseam worker")
        if processes > 1 and opened.world.store.dialect == "sqlite":
            raise BadSetting("SQLite has one writer: several processes need PostgreSQL, by GOLDSEAM_DATABASE_URL.")
        name, home, code = opened.facts.name, opened.home, opened.sign_in_code()

        def ready(address: str) -> None:
            line(f"[bold]{escape(name)}[/bold] on {address}")
            line(f"  Sign in as its owner (once, within half an hour): {address}/sign-in?code={code}")
            line("  Others sign in with what 'goldseam people add LOGIN' printed. Stop with Ctrl+C.")

        if processes == 1:
            beside = worker if worker is not None else opened.world.store.dialect == "sqlite"
            serve_world(opened.world, host, port, ready=ready, background=(lambda: Worker(opened)) if beside else None)
            return
    serve_many(home.root, host, port, processes, log=log, ready=ready)
