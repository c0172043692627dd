"""`goldseam map`: lays items out in the plane by what they contain, for the page on which they are chosen with a lasso.

In: a project. Out: a map in the store, what it was made of. Never: a label looked at.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from typing import Annotated, Literal

import typer

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress
from goldseam.edge.project import open_project
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam map --limit 2000")
def make_map(
    project: Folder = HERE,
    limit: Annotated[int, typer.Option(help="How many items, drawn at random.", min=1, max=5_000)] = 5_000,
    method: Annotated[
        Literal["tsne", "pca"], typer.Option(help="tsne: neighbors stay together; pca: two main axes, in seconds.")
    ] = "tsne",
    seed: Annotated[int | None, typer.Option(help="Chance to start from; the same makes the same map.", min=0)] = None,
    as_json: AsJson = False,
) -> None:
    """Lay items out by what they contain, for the page with the map."""
    with open_project(project) as opened, progress(quiet=as_json) as report:
        runner = import_module("goldseam.edge.runner.mapping")  # it brings scikit-learn
        made = runner.make(opened.world, opened.permit(Act.MEASURE), limit, method, seed, report)
    emit(asdict(made), lambda: _draw(made.n_points, made.n_items, made.method, made.seed), as_json=as_json)


def _draw(n_points: int, n_items: int, method: str, seed: int) -> None:
    line(f"[bold]{n_points:,}[/bold] of {n_items:,} items are on the map ({method}, seed {seed}).")
    line("`goldseam serve` shows it: Items, then Map.")
