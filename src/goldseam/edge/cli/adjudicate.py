"""`goldseam adjudicate`: rule on escalated items in the terminal.

In: single keys. Out: rulings. Never: the names of those who voted.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import typer
from rich.markup import escape

from goldseam.edge.cli.annotate import keys_of, panel
from goldseam.edge.cli.keyboard import QUIT, Keyboard
from goldseam.edge.cli.show import HERE, AsJson, Folder, console, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.vocab.items import Modality

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam adjudicate; or for scripts: goldseam adjudicate --json")
def adjudicate(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Rule on escalated items, the least certain first; with --json, list them instead."""
    with open_project(project) as opened:
        if as_json:
            emit(opened.disagreements(1000), lambda: None, as_json=True)
            return
        n_rulings = _session(opened)
    line(f"{n_rulings:,} rulings saved.")


def _session(project: Project) -> int:
    keys = keys_of(project.facts.schema.main, console)
    n_rulings = 0
    with Keyboard() as keyboard, suppress(KeyboardInterrupt):
        for found in project.disagreements(1000):
            item: dict[str, Any] = dict(found["item"])  # type: ignore[call-overload]
            _show(project, found, item, {key: label.name for key, label in keys.items()})
            key = keyboard.press()
            if key == QUIT:
                break
            if key in keys:
                project.rule(item["id"], keys[key].name)
                n_rulings += 1
    n_left = len(project.disagreements(1000))
    waits = "1 item waits" if n_left == 1 else f"{n_left:,} items wait" if n_left else "No item waits"
    line(f"{'[yellow]●[/yellow]' if n_left else '[green]✓[/green]'} {waits} for a ruling.")
    return n_rulings


def _show(project: Project, found: dict[str, Any], item: dict[str, Any], keys: dict[str, str]) -> None:
    title = f"{found['confidence']:.0%} sure: {found['reason']}"
    console.print()
    console.print(panel(project, Modality(item["modality"]), str(item["content"]), title))
    rows = [
        [vote["annotator"], vote["answer"].get("label", vote["answer"]["kind"]), f"{vote['seconds']:.1f} s"]
        for vote in found["votes"]
    ]
    table("", ["who", "said", "in"], rows)
    for key, label in keys.items():
        share = found["posterior"].get(label, 0.0)
        console.print(f"  [cyan]{escape(key)}[/cyan] {escape(label)}  [dim]{'█' * round(share * 20)} {share:.0%}[/dim]")
    console.print("  [dim]any other key: leave it for later   q stop[/dim]")
