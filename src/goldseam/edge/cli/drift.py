"""`goldseam drift`: whether what production sees and says is still of the kind it was.

In: a project with captures. Out: two tests, groups of what is new, a figure if asked for. Never: a queue changed unless asked to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import drifting
from goldseam.edge.runner.drifting import WINDOWS, Drift
from goldseam.stats.drift import Shift

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam drift --hand-over 50 --figure drift.svg")
def drift(
    project: Folder = HERE,
    hand_over: Annotated[
        int, typer.Option(help="Let people be asked about so many of the items that are unlike any before.", min=0)
    ] = 0,
    figure: Annotated[Path | None, typer.Option(help="Draw the newest windows into this SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the newest outputs captured in production with what was before: inputs, labels, and what is new."""
    with open_project(project) as opened, opened.home.alone():
        windows = 0 if figure is None else WINDOWS
        found = drifting.measure(opened.world, opened.facts, opened.me, hand_over=hand_over, windows=windows)
        name = opened.facts.name
    if figure is not None:
        figure.write_text(drifting.figure(name, found), encoding="utf-8")
    emit(found.plain, lambda: _draw(found, figure), as_json=as_json)


def _draw(found: Drift, figure: Path | None) -> None:
    _test("inputs", found.inputs, moved=found.inputs_moved, against=found.compared_with)
    _test("labels", found.labels, moved=found.labels_moved, against="what was said before")
    if found.labels_moved:
        total, before = max(1, sum(found.now.values())), max(1, sum(found.before.values()))
        rows = [[name, found.before[name] / before, found.now[name] / total] for name in found.now]
        table("Shares of labels", ["label", "before", "now"], rows)
    for number, group in enumerate(found.groups, start=1):
        line(f"[yellow]●[/yellow] group {number}: {len(group.items):,} items unlike any before")
        for example in group.examples:
            line(f"    {escape(example)}")
    if found.n_handed:
        line(f"[green]✓[/green] {found.n_handed:,} items handed to the sample: people are asked about them")
    if figure is not None:
        line(f"[green]✓[/green] {escape(str(figure))}")


def _test(what: str, found: Shift, *, moved: bool, against: str) -> None:
    if found.p is None:
        line(f"[dim]–[/dim] {what}: {escape(found.reason)}")
        return
    mark = "[red]![/red]" if moved else "[green]✓[/green]"
    said = "of another kind than" if moved else "no sign of another kind than"
    line(f"{mark} {what}: {said} {escape(against)} (p = {found.p:.4f}; {found.n_now:,} against {found.n_before:,})")
