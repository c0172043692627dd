"""`goldseam plan`: what the project file would change.

In: the project file. Out: a list of changes, and how many items are in each segment. Never: a change.
"""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.home import find_home
from goldseam.edge.project import Project
from goldseam.edge.runner import route
from goldseam.edge.runner.projects import Changes

app = typer.Typer(add_completion=False)

MARKS = {"compatible": "[green]+[/green]", "redefine": "[yellow]~[/yellow]", "remove": "[red]-[/red]"}


@app.command(epilog="Example: goldseam plan --json")
def plan(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show what the project file would change; nothing is changed."""
    with Project(find_home(project)) as opened:
        changes = opened.plan_changes()
        settings = opened.settings
        segments = {} if changes.is_new else route.census(opened.world, opened.facts, settings)

    def both() -> None:
        draw(changes)
        for name, n_items in segments.items():
            line(f"  [dim]segment[/dim] {escape(name) or '(none)'}: {n_items:,} item{'' if n_items == 1 else 's'}")

    emit({**plain(changes), **({"segments": segments} if segments else {})}, both, as_json=as_json)


def plain(changes: Changes) -> dict[str, object]:
    """Return changes as plain values."""
    return {"nothing": changes.nothing, **asdict(changes)}


def draw(changes: Changes) -> None:
    """Print changes, one a line, and what the guideline lacks."""
    for text in changes.advice:
        line(f"[yellow]![/yellow] {escape(text)}")
    if changes.nothing:
        line("[green]✓[/green] The project is what its file says.")
        return
    if changes.is_new:
        line("[green]+[/green] the project is new")
    for change in changes.schema:
        line(f"{MARKS[change.kind.value]} schema: {escape(change.text)} [dim]({change.kind.value})[/dim]")
    if changes.guideline:
        line("[yellow]~[/yellow] guideline: a new version")
    for text in changes.guideline:
        line(f"    [{'green' if text.startswith('+') else 'red'}]{escape(text)}[/]")
    for text in changes.settings:
        line(f"[yellow]~[/yellow] {escape(text)}")
