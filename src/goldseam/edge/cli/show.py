"""What every command shares: where the project is, how a result is shown, how long work is shown.

In: a result as a plain object, and a function that draws it. Out: JSON for programs, or tables and bars for people.
Never: a fact that is not in the result.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:  # it brings the store with it, which commands without a project need not wait for
    from goldseam.edge.runner.world import Report

Folder = Annotated[
    Path, typer.Option("--project", "-p", help="The project's folder; default: this one, or the nearest above it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]

HERE = Path()
SHORT: Final = re.compile(r"\S{0,12}")
NUMBER: Final = re.compile(r"([+-]?[\d.,]+( ?%)?|nan|–)?")
ROOM: Final = 8
"""The columns that a text which can be broken needs at least."""
GAP: Final = 2
ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,32}")
console = Console(highlight=False)
aside = Console(highlight=False, stderr=True)
"""For what is shown while a command that answers as JSON still talks with a person."""


def emit(result: object, draw: Callable[[], None], *, as_json: bool) -> None:
    """Show a result: as JSON when asked to, else drawn for people."""
    if as_json:
        sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        draw()


def line(text: str) -> None:
    """Print one line with Rich markup."""
    console.print(text, soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], none: str = "None yet.") -> None:
    """Print a table; cells are shown as they are, never as markup. Without a row, say so with `none`."""
    if not rows:
        console.print(f"{escape(title)}: {escape(none)}" if title else escape(none), soft_wrap=True)
        return
    if title:  # a title of the table itself would be broken at the width of the rows
        console.print(f"[bold]{escape(title)}[/bold]", soft_wrap=True)
    drawn = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    whole = _whole(columns, rows)
    if not whole:  # a header of several words may stand in several lines
        columns = [column.replace(" ", "\n") for column in columns]
        whole = _whole(columns, rows)
    for index, column in enumerate(columns):
        numeric = all(NUMBER.fullmatch(str(row[index])) for row in rows)
        justify: Literal["left", "right"] = "right" if numeric else "left"
        drawn.add_column(column, justify=justify, header_style="dim", no_wrap=index in whole)
    for row in rows:
        drawn.add_row(*(escape(f"{cell:.3f}" if isinstance(cell, float) else str(cell)) for cell in row))
    console.print(drawn)


def _whole(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> set[int]:
    """Return the columns whose cells are not broken: ids, there to be copied, and short words, if the screen has room."""
    found = {
        index
        for index in range(len(columns))
        if all(ID.fullmatch(str(row[index])) or SHORT.fullmatch(str(row[index])) for row in rows)
    }
    needed = {index: max(map(len, columns[index].split("\n"))) for index in found}
    for row in rows:
        needed |= {index: max(needed[index], len(str(row[index]))) for index in found}
    taken = sum(needed.values()) + GAP * len(columns) + ROOM * (len(columns) - len(found))
    return found if taken <= console.width else set()


@contextmanager
def progress(*, quiet: bool) -> Iterator[Report]:
    """Yield a function that shows long work as bars on standard error; nothing is shown when `quiet`."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        known: dict[str, int] = {}

        def report(what: str, done: int, total: int | None) -> None:
            if what not in known:
                known[what] = int(bars.add_task(escape(what), total=total))
            bars.update(bars.task_ids[known[what]], completed=done, total=total)

        yield report
