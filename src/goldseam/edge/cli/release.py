"""`goldseam release`: publish settled labels as an immutable, numbered release.

In: a project whose gate is open. Out: a folder. Never: a release that the ledger does not cover.
"""

from __future__ import annotations

import shlex
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress, table
from goldseam.edge.project import open_project

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam release, and later: goldseam release --list")
def release(
    project: Folder = HERE,
    listing: Annotated[bool, typer.Option("--list", help="List the releases there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish the labels as they are settled now, if the gate is open; or list the releases."""
    with open_project(project) as opened:
        if listing:
            found = opened.releases()
            rows = [[r["number"], r["round"], r["n_items"], str(r["at"])[:16], r["folder"]] for r in found]
            emit(
                found,
                lambda: table(
                    "", ["release", "round", "items", "at", "folder"], rows, "No release yet: goldseam release"
                ),
                as_json=as_json,
            )
            return
        with progress(quiet=as_json) as report:
            folder = opened.publish(report)
        key = opened.key_line
    result = {"folder": str(folder), "key": key}

    def draw() -> None:
        line(f"[green]✓[/green] Published {escape(str(folder))}")
        line(f"  Anyone can check it offline: goldseam verify {escape(shlex.quote(str(folder)))} --key '{key}'")

    emit(result, draw, as_json=as_json)
