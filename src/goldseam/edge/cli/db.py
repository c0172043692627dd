"""`goldseam db`: bring the database up to date, back everything up, put it back.

In: a project's folder, a file. Out: a backup in one file; a project as it was. Never: a restore over something that is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress
from goldseam.edge.home import Home
from goldseam.edge.project import open_project
from goldseam.edge.runner import backup as backups

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Bring the database up to date, back it up, restore it."
)

File = Annotated[Path, typer.Argument(help="The backup: one file.")]


@app.command(epilog="Example: goldseam db upgrade")
def upgrade(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Bring the database's tables to this version; every command does so by itself when it opens an older one."""
    with open_project(project) as opened:
        database = opened.world.store.dialect
    emit(
        {"database": database, "revision": backups.revision()},
        lambda: line(f"[green]✓[/green] The {database} database is at revision {backups.revision()}."),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam db backup mood-2026-11-21.zip")
def backup(target: File, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Write the database, media, models, releases and the signing key into one file, while the server goes on."""
    with open_project(project) as opened, progress(quiet=as_json) as report:
        kept = opened.back_up(target, report)

    def draw() -> None:
        size = f"{kept.n_bytes / 2**20:,.1f} MiB"
        line(f"[green]✓[/green] {kept.n_rows:,} rows and {kept.n_files:,} files in {escape(str(target))} ({size})")
        line("  It holds the signing key: keep it where only you can read it.")

    emit(_plain(kept), draw, as_json=as_json)


@app.command(epilog="Example: goldseam db restore mood-2026-11-21.zip --into mood")
def restore(
    source: File,
    into: Annotated[Path, typer.Option(help="The folder to restore into: empty, or not there yet.")] = HERE,
    as_json: AsJson = False,
) -> None:
    """Put a backup back, into the database that GOLDSEAM_DATABASE_URL names, else into SQLite."""
    with progress(quiet=as_json) as report:
        kept = backups.restore(source, Home(into.resolve()), report)

    def draw() -> None:
        line(
            f"[green]✓[/green] {kept.n_rows:,} rows and {kept.n_files:,} files are back in {escape(str(into.resolve()))}"
        )
        line("  Check it with: goldseam verify")

    emit(_plain(kept), draw, as_json=as_json)


def _plain(kept: backups.Kept) -> dict[str, object]:
    return {"file": str(kept.path), "rows": kept.n_rows, "files": kept.n_files, "bytes": kept.n_bytes}
