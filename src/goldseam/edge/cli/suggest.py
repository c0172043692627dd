"""`goldseam suggest`: what a release or another tool's export says becomes what people are shown to confirm.

In: a file. Out: how many answers are suggested, of how many items; what was left out, and why. Never: an annotation.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner.suggested_file import Suggested, suggest_file
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)
SHOWN = 20


@app.command(epilog="Example: goldseam suggest boxes.json --source 'detector 3' --confidence 0.8")
def suggest(
    file: Annotated[
        Path,
        typer.Argument(help="A release (.jsonl, .csv, .parquet, .json), or JSON of Label Studio, COCO or spaCy."),
    ],
    source: Annotated[str, typer.Option(help="The name that people are shown; default: the file's.")] = "",
    confidence: Annotated[
        float, typer.Option(help="How sure the source is, where the file does not say.", min=0, max=1)
    ] = 1.0,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Suggest what a file says of the project's items; people confirm it, correct it or reject it."""
    with open_project(project) as opened:
        found = suggest_file(opened.world, opened.permit(Act.MANAGE), file, source or file.name, confidence)
    emit(asdict(found), lambda: _draw(found, file), as_json=as_json)


def _draw(found: Suggested, file: Path) -> None:
    line(f"[green]✓[/green] {found.answers:,} answers of {escape(file.name)} are suggested, for {found.items:,} items")
    if found.left_out:
        rows = [[one.number, escape(one.name[:60]), escape(one.reason)] for one in found.left_out[:SHOWN]]
        table(f"{len(found.left_out):,} left out", ["record", "of", "why"], rows)
