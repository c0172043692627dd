"""`goldseam coverage`: what the draws cover of all items, what they say of the whole, and whether more labels are worth it.

In: a project. Out: groups, estimates, a reason to go on or to stop; a figure if asked for. Never: a change.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress, table
from goldseam.edge.project import open_project
from goldseam.formats.bars import Pair, pairs
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam coverage --figure coverage.svg")
def coverage(
    project: Folder = HERE,
    clusters: Annotated[
        int, typer.Option(help="How many clusters of like items to make; 0: none.", min=0, max=200)
    ] = 12,
    figure: Annotated[Path | None, typer.Option(help="Draw the shares of groups into this SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the draws cover by segment and cluster, estimates for all items, and whether more labels are worth it."""
    with open_project(project) as opened, progress(quiet=as_json) as report:
        runner = import_module("goldseam.edge.runner.covering")  # it brings scikit-learn
        found: dict[str, Any] = runner.covered(opened.world, opened.permit(Act.MEASURE), clusters, report)
    if figure is not None and found["coverage"]:
        figure.write_text(_figure(found["coverage"][0]), encoding="utf-8")
    emit(found, lambda: _draw(found), as_json=as_json)


def _figure(one: dict[str, Any]) -> str:
    rows = [
        Pair(each["name"], each["n_items"] / one["n_items"], each["n_drawn"] / max(one["n_drawn"], 1))
        for each in one["groups"]
    ]
    return pairs(f"What was drawn, by {one['kind']}", "share of all items", "share of the draws", rows)


def _draw(found: dict[str, Any]) -> None:
    line(f"[bold]{found['n_drawn']:,}[/bold] of {found['n_items']:,} items were drawn")
    for one in found["coverage"]:
        line("")
        rows = [
            [each["name"], each["n_items"], each["n_drawn"], each["ratio"], "thin" if each["thin"] else ""]
            for each in one["groups"]
        ]
        table(
            f"By {one['kind']}: {one['distance']:.0%} of the draws would have to be elsewhere to be like the whole",
            [one["kind"], "items", "drawn", "share drawn / share of all", ""],
            rows,
        )
    shares = [[one["label"], _share(one["among_labeled"]), *_estimate(one)] for one in found["labels"]]
    if shares:
        line("")
        table("Labels", ["label", "among labeled", "among all items", "interval", "why not"], shares)
    right = [[one["round"], _share(one["among_drawn"]), *_estimate(one)] for one in found["suggestions"]]
    if right:
        line("")
        table("Suggestions that were right", ["round", "among drawn", "in its pool", "interval", "why not"], right)
    line("")
    stop = found["stop"]
    sign = "[yellow]■[/yellow] Stop asking:" if stop["stop"] else "[green]▶[/green] Go on:"
    line(f"{sign} {escape(stop['reason'])}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _estimate(one: dict[str, Any]) -> tuple[str, str, str]:
    if one["low"] is None:
        return _share(one["value"]), "–", one["reason"]
    return _share(one["value"]), f"{max(one['low'], 0):.1%} – {min(one['high'], 1):.1%}", ""
