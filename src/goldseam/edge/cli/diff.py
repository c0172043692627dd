"""`goldseam diff`: what changed between two releases, item by item, and why.

In: two release numbers, or two release folders. Out: labels that came, went, changed or are held with another confidence.
Never: a guess where a release is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project, plain_diff
from goldseam.edge.runner.release import diff_folders

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam diff 1 2")
def diff(
    old: Annotated[str, typer.Argument(help="A release's number or folder.")],
    new: Annotated[str, typer.Argument(help="A later one's.")],
    project: Folder = HERE,
    limit: Annotated[int, typer.Option(help="How many relabeled items to show.", min=0)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two releases, item by item, and why."""
    if old.isdigit() and new.isdigit():
        with open_project(project) as opened:
            found = opened.diff(int(old), int(new))
    else:
        found = diff_folders(Path(old), Path(new))

    def draw() -> None:
        line(
            f"[green]+{len(found.added):,}[/green] added  [red]-{len(found.removed):,}[/red] removed  "
            f"[yellow]~{len(found.relabeled):,}[/yellow] relabeled  {found.unchanged:,} unchanged, "
            f"{len(found.moved):,} of them with another confidence"
        )
        if found.relabeled:
            rows = [[each.item, each.old, each.new, each.why] for each in found.relabeled[:limit]]
            table("", ["item", "old", "new", "why"], rows)

    emit(plain_diff(found), draw, as_json=as_json)
