"""`goldseam value`: which labels cost the model most, and whose they are; if asked, they go to other people once more.

In: a project with gold. Out: items and annotators, the worst first. Never: a label changed.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import leading
from goldseam.edge.runner.leading import Chosen
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam value --relabel 20")
def value(
    project: Folder = HERE,
    top: Annotated[int, typer.Option(help="How many items to list.", min=1, max=5_000)] = 20,
    relabel: Annotated[
        int, typer.Option(help="Ask about so many of the worst items again, of people who never answered them.", min=0)
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Show which labels cost the model most, and whose they are, by nearest-neighbor Shapley values on gold."""
    with open_project(project) as opened:
        with progress(quiet=as_json) as report:
            runner = import_module("goldseam.edge.runner.value")  # it brings scikit-learn
            found = runner.value(opened.world, opened.permit(Act.MEASURE), max(top, relabel), report)
        worst, asked = tuple(one.item for one in found.items[:relabel]), 0
        if worst:
            permit, chosen = opened.permit(Act.MANAGE), Chosen(items=worst)
            asked = leading.ask_again(opened.world, permit, opened.new_id(), chosen, Purpose.RELABEL).n_items
    plain = {**asdict(found), "items": [asdict(one) for one in found.items[:top]], "asked_again": asked}
    emit(plain, lambda: _draw(plain, relabel=relabel), as_json=as_json)


def _draw(found: dict[str, Any], *, relabel: int) -> None:
    line(
        f"[bold]{found['n_harmful']:,}[/bold] of {found['n_items']:,} labels make the model worse, judged by "
        f"{found['n_gold']:,} gold items (neighbors get {found['accuracy']:.1%} of them right)"
    )
    rows = [[one["item"], escape(one["label"]), f"{one['value']:+.5f}"] for one in found["items"]]
    table("Items, the worst first", ["item", "label", "worth"], rows)
    people = [[escape(one["name"]), one["n_items"], f"{one['value']:+.4f}"] for one in found["annotators"]]
    table("Annotators", ["annotator", "labels", "worth"], people)
    if relabel:
        line(f"{found['asked_again']:,} items are asked about again, of people who never answered them.")
