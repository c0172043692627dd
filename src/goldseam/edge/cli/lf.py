"""`goldseam lf`: labeling functions: try them, see what they are worth and what they would change, make them count.

In: a project with functions. Out: tables, examples, suggestions once they are applied. Never: a changed function that counts
before its changes were shown.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, progress, table
from goldseam.edge.project import Project, open_project
from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Labeling functions: try, analyze, plan, apply.")

SHOWN = 6
BAR = 5

Processes = Annotated[
    int | None, typer.Option(help="How many processes apply the functions; default: one per core.", min=1, max=256)
]


@app.command("try", epilog="Example: goldseam lf try praise --items 500")
def attempt(
    function: Annotated[str, typer.Argument(help="The function's name; without one, all of them.")] = "",
    n_items: Annotated[int, typer.Option("--items", help="How many items to try on, drawn at random.", min=1)] = 1_000,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Try functions on some items and show what they say; nothing is kept."""
    with open_project(project) as opened:
        opened.permit(Act.MEASURE)
        found: dict[str, Any] = _runner("functions_try").attempt(opened.world, opened.facts, n_items, function)
    emit(found, lambda: _draw_try(found), as_json=as_json)


@app.command(epilog="Example: goldseam lf analyze --json")
def analyze(processes: Processes = None, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show of each function its coverage, overlap, conflict, accuracy on gold, and where it is wrong."""
    with open_project(project) as opened, progress(quiet=as_json) as report:
        opened.permit(Act.MEASURE)
        found: dict[str, Any] = _runner("functions").analyze(opened.world, opened.facts, report, processes)
        texts = {} if as_json else _texts(opened, found)
    emit(found, lambda: _draw(found, texts), as_json=as_json)


@app.command(epilog="Example: goldseam lf plan")
def plan(processes: Processes = None, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show which items would be suggested another label if the functions as they are now were applied."""
    with open_project(project) as opened, progress(quiet=as_json) as report:
        opened.permit(Act.MEASURE)
        found: dict[str, Any] = _runner("functions").plan(opened.world, opened.facts, report, processes)
    emit(found, lambda: _draw_plan(found), as_json=as_json)


@app.command(epilog="Example: goldseam lf apply")
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking, for programs.")] = False,
    processes: Processes = None,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what would change, ask, and let the functions make the suggestions from now on."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise BadValue("Nobody is there to be asked: look with goldseam lf plan, then give --yes.")
            with progress(quiet=as_json) as report:
                _draw_plan(_runner("functions").plan(opened.world, opened.facts, report, processes))
            if not typer.confirm("Apply?"):
                raise typer.Exit(1)
        with progress(quiet=as_json) as report, opened.home.alone():
            made = _runner("functions_set").apply(opened.world, opened.facts, permit.annotator, report, processes)
    result = {"set": made.id, "outcome": made.outcome.value, "reason": made.reason, **made.plan}

    def draw() -> None:
        line(f"[green]✓[/green] {escape(made.reason)}")
        line(f"  {made.plan['n_moved']:,} of {made.plan['n_items']:,} items have another suggestion than before.")

    emit(result, draw, as_json=as_json)


def _runner(name: str) -> Any:
    return import_module(f"goldseam.edge.runner.{name}")


def _texts(opened: Project, found: dict[str, Any]) -> dict[str, str]:
    """Return the texts of the examples that are drawn."""
    chosen = [example["item"] for row in found["functions"] for example in row["examples"][:SHOWN]]
    texts: dict[str, str] = _runner("functions_try").texts(opened.world, opened.facts, chosen)
    return texts


def _draw(found: dict[str, Any], texts: dict[str, str]) -> None:
    n = found["n_items"]
    said = f"[bold]{found['n_covered']:,}[/bold] of {n:,} items have a suggestion"
    line(f"{said}; together {_share(found['accuracy'])} on {found['n_judged']:,} items of gold")
    columns = ["function", "gives", "coverage", "overlap", "conflict", "right on gold", "learned", "failed"]
    rows = [
        [
            one["name"],
            ", ".join(one["labels"]) or "nothing",
            f"{_bar(one['coverage'])} {one['coverage']:.1%}",
            f"{one['overlaps']:.1%}",
            f"{one['conflicts']:.1%}",
            _share(one["accuracy"]),
            "–" if one["learned"] is None else f"{one['learned']:.2f}",
            sum(one["faults"].values()),
        ]
        for one in found["functions"]
    ]
    line("")
    table("", columns, rows)
    for one in found["functions"]:
        _draw_wrong(one, texts)
    for pair in found["correlated"][:SHOWN]:
        line(
            f"{escape(pair['first'])} and {escape(pair['second'])} repeat each other: {pair['repeats']:.0%} of what the one "
            "says adds nothing"
        )
    for warning in found["warnings"]:
        line(f"[yellow]![/yellow] {escape(warning)}")


def _draw_wrong(one: dict[str, Any], texts: dict[str, str]) -> None:
    """Draw where a function is wrong, or fails; nothing where neither is known."""
    examples = one["examples"][:SHOWN]
    if not examples and not one["faults"]:
        return
    line("")
    line(f"[bold]{escape(one['name'])}[/bold]")
    for reason, n in sorted(one["faults"].items(), key=lambda fault: -fault[1]):
        line(f"  failed on {n:,} items, which counts as abstaining: {escape(reason)}")
    for pair in one["wrong"][:SHOWN]:
        line(f"  said {escape(pair['said'])} where gold is {escape(pair['of'])}: {pair['n']:,}")
    for example in examples:
        by = "gold" if example["by"] == "gold" else "the others"
        text = " ".join(texts.get(example["item"], "").split())[:90]
        line(f"  [dim]{escape(example['said'])}, by {by} {escape(example['of'])}:[/dim] {escape(text)}")


def _draw_plan(found: dict[str, Any]) -> None:
    for what in ("added", "removed", "changed"):
        if found[what]:
            line(f"{what}: {escape(', '.join(found[what]))}")
    line(f"[bold]{found['n_moved']:,}[/bold] of {found['n_items']:,} items would be suggested something else")
    rows = [
        [one["before"] or "nothing", one["after"] or "nothing", one["n"], ", ".join(one["items"][:2])]
        for one in found["moves"]
    ]
    if rows:
        table("", ["suggested now", "then", "items", "such as"], rows)


def _draw_try(found: dict[str, Any]) -> None:
    line(f"{found['n_items']:,} items drawn at random")
    for one in found["functions"]:
        line("")
        said = ", ".join(f"{escape(label)} {n:,}" for label, n in one["said"].items()) or "nothing"
        line(f"[bold]{escape(one['name'])}[/bold] says {said}")
        for reason, n in one["faults"].items():
            line(f"  failed on {n:,} items: {escape(reason)}")
        for example in one["examples"]:
            line(f"  [dim]{escape(example['said'])}:[/dim] {escape(' '.join(example['text'].split())[:100])}")


def _share(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "unknown"
    return f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


def _bar(share: float) -> str:
    filled = round(share * BAR)
    return "█" * filled + "░" * (BAR - filled)
