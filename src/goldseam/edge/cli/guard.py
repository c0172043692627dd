"""`goldseam guard`: how far people follow a suggestion because it is shown, and which labels are suggested no more for that.

In: a project whose suggestions were shown and hidden by chance. Out: effects with intervals; labels switched off and on. Never:
which of the suggestions were wrong.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import guarding
from goldseam.edge.runner.guarding import State
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Measure how suggestions sway people.")

Label = Annotated[str, typer.Argument(help="The label whose suggestions are meant.")]
Reason = Annotated[str, typer.Option(help="Why, for everybody who looks at it later.")]


@app.command(epilog="Example: goldseam guard show --json")
def show(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the share that follows a wrong suggestion beyond what people answer unasked: over all, by annotator, by label."""
    with open_project(project) as opened:
        opened.permit(Act.MEASURE)
        found = guarding.figures(opened.world, opened.facts)
    emit(found, lambda: _draw(found), as_json=as_json)


@app.command(epilog="Example: goldseam guard off spam --reason 'people wave it through'")
def off(label: Label, reason: Reason, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Suggest a label to annotators no more."""
    _switch(project, label, "off", reason, as_json=as_json)


@app.command(epilog="Example: goldseam guard on spam --reason 'the model is better now'")
def on(label: Label, reason: Reason, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Suggest a label again; from then on it is judged anew."""
    _switch(project, label, "on", reason, as_json=as_json)


def _switch(project: Folder, label: str, state: State, reason: str, *, as_json: bool) -> None:
    with open_project(project) as opened:
        guarding.switch(opened.world, opened.permit(Act.MANAGE), opened.new_id(), label, state, reason)
    said = f"[green]✓[/green] {escape(label)} is suggested {'again' if state == 'on' else 'no more'}."
    emit({"label": label, "state": state, "reason": reason}, lambda: line(said), as_json=as_json)


def _draw(found: dict[str, Any]) -> None:
    line(
        f"{found['planted_share']:.0%} of the suggestions are wrong on purpose, {found['blind_share']:.0%} are hidden; "
        f"a label is switched off above {'nothing' if found['off_above'] is None else format(found['off_above'], '.0%')}"
    )
    columns = ["", "effect", "followed", "gave it unasked", "suggestions"]
    rows = [_row("over all", found["overall"], "")]
    rows += [_row(one["name"], one["effect"], "") for one in found["annotators"]]
    table("", columns, rows)
    line("")
    named = [
        (one["label"], one["effect"], one["state"]) for one in found["labels"] if one["effect"] or one["state"] == "off"
    ]
    table(
        "labels", columns, [_row(label, one, state) for label, one, state in named], none="No answers to compare yet."
    )
    for one in found["labels"]:
        if one["reason"]:
            line(f"{escape(one['label'])} is {one['state']}: {escape(one['reason'])}")


def _row(name: str, one: dict[str, Any] | None, state: str) -> list[object]:
    if one is None or one["value"] is None:
        return [name, "unknown", "", "", state]
    effect = f"{one['value']:+.0%} [{one['low']:+.0%}, {one['high']:+.0%}]"
    return [
        name,
        effect,
        f"{one['agreed_shown']} of {one['n_shown']}",
        f"{one['agreed_blind']} of {one['n_blind']}",
        state,
    ]
