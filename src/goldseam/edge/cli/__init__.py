"""The command line: one file per command, imported when it is called, so that help is quick.

In: words typed in a terminal. Out: tables and bars for people, `--json` for programs, an exit code. Never: a decision.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click
import typer
import typer.core
from rich.console import Console

from goldseam import __version__
from goldseam.edge.cli.errors import exit_code, say
from goldseam.edge.cli.table import COMMANDS, GROUPS
from goldseam.vocab.errors import GoldseamError


class Commands(typer.core.TyperGroup):
    """The table of commands as a click group; a command's file is imported when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every command's name, in the table's order."""
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command's file and return the command."""
        if cmd_name not in {command.name for command in COMMANDS}:
            return None
        module = import_module(f"goldseam.edge.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the commands by group, without importing any."""
        console = Console(highlight=False)
        console.print(f"[bold]goldseam[/bold] {__version__}: raw data in, labels that a team can defend out.\n")
        console.print("[dim]Usage:[/dim] goldseam COMMAND [OPTIONS]      [dim]help on one:[/dim] goldseam COMMAND --help\n")
        for group in GROUPS:
            console.print(f"[bold]{group}[/bold]")
            for command in COMMANDS:
                if command.group == group:
                    console.print(f"  [cyan]{command.name:<12}[/cyan] {command.summary}")
            console.print()
        console.print("[dim]First steps:[/dim] goldseam init mood --text reviews.csv --labels positive,negative")
        console.print("             cd mood && goldseam run && goldseam serve")


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="goldseam")
def program() -> None:
    """Raw data in, labels that a team can defend out."""


def main() -> None:
    """Run the command line; every refusal is one sentence and an exit code."""
    try:
        outcome = program(standalone_mode=False)
    except click.exceptions.Abort:
        say("Stopped.")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except GoldseamError as error:
        say(error)
        sys.exit(exit_code(type(error)))
    except KeyboardInterrupt:
        say("Stopped; what was done is kept. The same command goes on from here.")
        sys.exit(130)
    sys.exit(outcome if isinstance(outcome, int) else 0)
