"""`goldseam export`: write a release in another form.

In: a release. Out: CSV, JSONL or Parquet, with the columns that say where each label came from. Never: labels that no
release has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.project import open_project

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam export labels.csv --release 2")
def export(
    target: Annotated[Path, typer.Argument(help="The file to write: its ending says the form.")],
    release: Annotated[int, typer.Option(help="The release's number; default: the newest.")] = 0,
    form: Annotated[
        Literal["", "csv", "jsonl", "parquet"],
        typer.Option("--format", help="The form, if the ending does not say it."),
    ] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Write a release as CSV, JSONL or Parquet."""
    with open_project(project) as opened:
        number, n_rows = opened.export(target, release or None, form or None)

    def draw() -> None:
        line(f"[green]✓[/green] Release {number}: {n_rows:,} labels in {escape(str(target))}")

    emit({"release": number, "rows": n_rows, "file": str(target)}, draw, as_json=as_json)
