"""`goldseam export`: write a release in another form, or every answer.

In: a release, or the project. Out: CSV, JSON, JSONL, Parquet, COCO, YOLO, VOC, CoNLL, spaCy or Label Studio, with what says
where each row came from. Never: labels that no release has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.project import open_project
from goldseam.edge.runner import answers

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam export labels.csv --release 2; or: goldseam export boxes.json --format coco")
def export(
    target: Annotated[Path, typer.Argument(help="The file to write: its ending says the form.")],
    release: Annotated[int, typer.Option(help="The release's number; default: the newest.")] = 0,
    form: Annotated[
        Literal["", "csv", "json", "jsonl", "parquet", "coco", "yolo", "voc", "conll", "spacy", "label_studio"],
        typer.Option("--format", help="The form, if the ending does not say it; yolo and voc are folders."),
    ] = "",
    question: Annotated[str, typer.Option(help="For forms that hold one question: which; default: the first.")] = "",
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Every answer that stands, instead of a release: csv, json or jsonl.")
    ] = False,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Write a release as a table or in another tool's form, or every answer as CSV, JSON or JSONL."""
    if annotations:
        with open_project(project) as opened:
            n_rows = answers.write(opened.world, opened.facts, target, form or target.suffix.lower().lstrip("."))
        drawn = f"[green]✓[/green] {n_rows:,} answers in {escape(str(target))}"
        emit({"rows": n_rows, "file": str(target)}, lambda: line(drawn), as_json=as_json)
        return
    with open_project(project) as opened:
        number, n_rows = opened.export(target, release or None, form or None, question or None)

    def draw() -> None:
        line(f"[green]✓[/green] Release {number}: {n_rows:,} labels in {escape(str(target))}")

    emit({"release": number, "rows": n_rows, "file": str(target)}, draw, as_json=as_json)
