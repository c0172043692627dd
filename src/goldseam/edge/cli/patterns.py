"""`goldseam patterns`: where the model errs, by labels, segment, annotator and clause of the guideline, and what may help.

In: a project with a model. Out: patterns, the clearest first. Never: a change made.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.project import open_project
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam patterns")
def patterns(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show where the model errs more often than chance explains, on items it had not learned from, and what may help."""
    with open_project(project) as opened:
        runner = import_module("goldseam.edge.runner.patterns")  # it brings scikit-learn
        found: dict[str, Any] = runner.found(opened.world, opened.permit(Act.MEASURE))
    emit(found, lambda: _draw(found), as_json=as_json)


def _draw(found: dict[str, Any]) -> None:
    line(f"[bold]{found['wrong']:,}[/bold] of {found['n']:,} suggestions were not what the item was settled to")
    for one in found["patterns"]:
        line("")
        line(
            f"[bold]{one['kind']}[/bold] {escape(one['name'])}: {one['wrong']:,} of {one['n']:,} "
            f"[{one['low']:.3f}, {one['high']:.3f}]"
        )
        line(f"  {escape(one['advice'])}")
        line(f"  [dim]such as {', '.join(one['items'][:3])}[/dim]")
    if not found["patterns"]:
        line("No kind of error stands out from what chance explains.")
