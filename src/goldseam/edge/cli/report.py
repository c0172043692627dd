"""`goldseam report`: what each round cost and brought.

In: a project. Out: a row a round, and a figure if asked for. Never: a change.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import reporting

app = typer.Typer(add_completion=False)

COLUMNS = (
    "round", "drawn", "answers", "cost", "unseen", "labels", "waiting", "on gold", "its model", "model", "release",
)  # fmt: skip


@app.command(epilog="Example: goldseam report --figure rounds.svg")
def report(
    project: Folder = HERE,
    figure: Annotated[Path | None, typer.Option(help="Draw accuracy and coverage into this SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what each round cost and brought: answers, money, labels, accuracy, what was accepted unseen, models."""
    with open_project(project) as opened:
        found = reporting.listing(opened.world, opened.facts)
        name = opened.facts.name
    if figure is not None:
        figure.write_text(reporting.figure(name, found), encoding="utf-8")
    rows = [
        [
            one.round,
            one.n_drawn,
            one.n_answers,
            "–" if one.cost is None else one.cost,
            f"{one.coverage:.1%}",
            one.n_settled,
            one.n_escalated,
            "–" if one.accuracy is None else one.accuracy,
            "–" if one.model_accuracy is None else one.model_accuracy,
            one.model_outcome or "–",
            "–" if one.release is None else one.release,
        ]
        for one in found
    ]

    priced = any(one.cost is not None for one in found)
    columns = [name for name in COLUMNS if priced or name != "cost"]
    shown = [[cell for name, cell in zip(COLUMNS, row, strict=True) if name in columns] for row in rows]

    def draw() -> None:
        table("", columns, shown, none="No round has drawn items yet.")
        for n_gold in [one.n_gold for one in found if one.accuracy is not None][-1:]:
            line(f"[dim]'on gold' is the share of right labels among gold items, {n_gold:,} in the last round.[/dim]")
        for one in [one for one in found if one.stop_reason][-1:]:
            sign = "[yellow]■[/yellow] Stop asking" if one.stop else "[green]▶[/green] Go on"
            line(f"{sign}, says the rule after round {one.round}: {escape(str(one.stop_reason))}")
        if figure is not None:
            line(f"[green]✓[/green] {escape(str(figure))}")

    emit([asdict(one) for one in found], draw, as_json=as_json)
