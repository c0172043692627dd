"""`goldseam apply`: make the project what its file says.

In: the project file. Out: new versions of schema, guideline and settings. Never: answers orphaned by a removed label.
"""

from __future__ import annotations

import typer

from goldseam.edge.cli.plan import draw, plain
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.home import find_home
from goldseam.edge.project import Project

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam apply")
def apply(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Make the project what its file says; each change makes a new version, and old answers keep theirs."""
    with Project(find_home(project)) as opened:
        facts, changes = opened.apply()
    versions = {"schema_version": facts.schema_version, "guideline_version": facts.guideline_version}

    def show() -> None:
        draw(changes)
        line(f"  schema version {facts.schema_version}, guideline version {facts.guideline_version}")

    emit({**plain(changes), **versions}, show, as_json=as_json)
