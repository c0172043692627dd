"""`goldseam status`: where the round stands, how good the labels are, what comes next.

In: a project. Out: one screen. Never: a change.
"""

from __future__ import annotations

from typing import Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project

app = typer.Typer(add_completion=False)

SHOWN = 3
OUTCOMES = {"promoted": "promoted", "kept": "kept the old one", "asked": "waits for a decision: goldseam model"}
MARKS = {"done": "[green]✓[/green]", "next": "[cyan]→[/cyan]", "waiting": "[yellow]●[/yellow]", "later": "[dim]·[/dim]"}


@app.command(epilog="Example: goldseam status --json")
def status(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the round's steps, the labels' quality, and the models so far."""
    with open_project(project) as opened:
        facts = opened.facts
        found: dict[str, Any] = opened.status()
        found["releases"] = opened.releases()
        found["refused"] = opened.quarantine()
    emit({"project": facts.name, **found}, lambda: _draw(facts.name, found), as_json=as_json)


def _draw(name: str, found: dict[str, Any]) -> None:
    line(f"[bold]{escape(name)}[/bold]  round {found['round']}")
    for step in found["steps"]:
        line(f"  {MARKS[step['state']]} {step['stage']:<10} {escape(step['text'])}")
    if found["finished"]:
        line(f"  [green]✓[/green] {escape(found['finished'])}")
    counts = found["counts"]
    line("")
    line(
        "  ".join(
            f"[dim]{name}[/dim] {counts[name]:,}"
            for name in ("items", "pool", "drawn", "annotations", "settled", "escalated", "gold")
        )
    )
    for bad in found["refused"][:SHOWN]:
        line(f"  [yellow]![/yellow] {escape(bad['source'])}, line {bad['line']}, refused: {escape(bad['reason'])}")
    if len(found["refused"]) > SHOWN:
        line("    and more: goldseam status --json lists up to 100 refused records, with their text")
    _draw_quality(found)
    _draw_certificates(found["certificates"])
    if found["history"]:
        rows = [
            [
                row["round"],
                row["labels"],
                _share(row["accuracy"]),
                row["n_gold"],
                OUTCOMES[row["outcome"]],
            ]
            for row in found["history"]
        ]
        line("")
        table("Models", ["round", "labels", "accuracy on gold", "gold items", "outcome"], rows)
    for release in found["releases"][:3]:
        line(
            f"  release {release['number']}: {release['n_items']:,} items, {release['at'][:16]}, {escape(release['folder'])}"
        )


def _draw_certificates(found: list[dict[str, Any]]) -> None:
    """Say what is accepted unseen, by what proof; beside it what a fixed threshold would have done."""
    for one in found:
        group = f" {escape(one['group'])}" if one["group"] else ""
        at = "" if one["threshold"] is None else f" from {one['threshold']:.3f} on"
        line(
            f"[dim]auto tier[/dim]{group} {one['state']}{at}, {one['accepted']:,} items accepted (round {one['round']})"
        )
        line(f"  {escape(one['reason'])}")
        fixed, checks = one["fixed"], one["checks"]
        if fixed is not None and fixed["n"]:
            rest = "" if fixed["whole"] else ", as far down as the audit reached"
            line(
                f"  fixed {fixed['threshold']:g}: {fixed['wrong']:,} of {fixed['n']:,} looked at are wrong "
                f"[{fixed['low']:.3f}, {fixed['high']:.3f}]{rest}"
            )
        if checks is not None:
            line(
                f"  spot checks: {checks['wrong']:,} of {checks['n']:,} wrong [{checks['low']:.3f}, {checks['high']:.3f}]; "
                f"the promise is at most {one['error']:g}"
            )


def _draw_quality(found: dict[str, Any]) -> None:
    report, gate = found["quality"], found["gate"]
    if report is None:
        return
    agreement, accuracy = report["agreement"], report["accuracy"]
    line("")
    if agreement["value"] is None:
        line(f"[dim]agreement[/dim] undefined: {escape(agreement['reason'])}")
    else:
        line(
            f"[dim]agreement[/dim] alpha {agreement['value']:.3f} "
            f"[{_share(agreement['low'])}, {_share(agreement['high'])}] {report['band']}"
        )
    if accuracy["value"] is None:
        line(f"[dim]accuracy [/dim] unknown: {escape(accuracy['reason'])}")
    else:
        line(
            f"[dim]accuracy [/dim] {accuracy['value']:.3f} "
            f"[{accuracy['low']:.3f}, {accuracy['high']:.3f}] on {accuracy['n']:,} gold items"
        )
    for reason in gate["reasons"]:
        line(f"  {'[red]✗[/red]' if reason['blocks'] else '[yellow]![/yellow]'} {escape(reason['text'])}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
