"""The command line: one file per command, imported when it is called, so that help is quick.

In: words typed in a terminal. Out: tables and bars for people, `--json` for programs, an exit code. Never: a decision.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
from rich.console import Console
from rich.table import Table

from goldseam.edge.cli.environment import unread
from goldseam.edge.cli.errors import exit_code, say
from goldseam.edge.cli.table import COMMANDS, GROUPS
from goldseam.vocab.errors import GoldseamError, StoreFailed, nearest
from goldseam.vocab.version import VERSION

NAME_WIDTH = 13


class Commands(typer.core.TyperGroup):
    """The table of commands as a click group; a command's file is imported when the command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every command's name, in the table's order."""
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command's file and return the command."""
        names = [command.name for command in COMMANDS]
        if cmd_name not in names:
            ctx.fail(f"There is no command {cmd_name!r}.{nearest(cmd_name, names)}")
        module = import_module(f"goldseam.edge.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the commands by group, without importing any."""
        console = Console(highlight=False)
        console.print(f"[bold]goldseam[/bold] {VERSION}: raw data in, labels that a team can defend out.\n")
        console.print(
            "[dim]Usage:[/dim] goldseam COMMAND [OPTIONS]      [dim]help on one:[/dim] goldseam COMMAND --help\n"
        )
        for group in GROUPS:
            console.print(f"[bold]{group}[/bold]")
            listed = Table.grid(padding=(0, 2, 0, 0))
            for command in COMMANDS:
                if command.group == group:
                    listed.add_row(f"  [cyan]{command.name}[/cyan]", command.summary)
            listed.columns[0].min_width = NAME_WIDTH
            console.print(listed)
            console.print()
        console.print("[dim]First steps:[/dim] goldseam init mood --text reviews.csv --labels positive,negative")
        console.print("             cd mood && goldseam run && goldseam serve")


app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        sys.stdout.write(f"goldseam {VERSION}\n")
        raise typer.Exit


@app.callback(context_settings={"help_option_names": ["-h", "--help"]})
def program(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Raw data in, labels that a team can defend out."""


def main() -> None:
    """Run the command line; every refusal is one sentence and an exit code."""
    for warning in unread(os.environ):
        sys.stderr.write(f"! {warning}\n")
    try:
        app()
    except GoldseamError as error:
        _refuse(error)
    except OSError as error:  # a folder that may not be written, a full disk: the machine's owner can put it right
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        _refuse(StoreFailed(f"The machine refused: {what}."))


def _refuse(error: GoldseamError) -> None:
    say(error)
    sys.exit(exit_code(type(error)))
