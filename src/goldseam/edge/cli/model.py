"""`goldseam model`: the models so far, the decision about one that may be better, and models that are asked elsewhere.

In: a project. Out: a table; a model promoted, or the old one kept. Never: a model trained; `goldseam run` does that.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.edge.cli import trying
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import promoting
from goldseam.edge.runner.promoting import Decision
from goldseam.vocab.people import Act

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="List models, promote one or keep the old; try one that is asked elsewhere.",
)

app.command("try", epilog="Example: goldseam model try k17 --model gpt")(trying.attempt)
app.command(epilog="Example: goldseam model spent")(trying.spent)

Id = Annotated[str, typer.Argument(help="The model's id, as 'goldseam model list' shows it.")]


@app.command("list", epilog="Example: goldseam model list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the models, newest first, with what each was judged by."""
    with open_project(project) as opened:
        found: list[dict[str, Any]] = promoting.listing(opened.world, opened.permit(Act.MEASURE))
    rows = [
        [
            one["id"],
            one["round"],
            one["n_train"],
            "–" if one["accuracy"] is None else f"{one['accuracy']:.3f}",
            one["outcome"],
        ]
        for one in found
    ]
    names = ["model", "round", "labels", "on gold", "outcome"]

    def draw() -> None:
        table("", names, rows, "No model yet: goldseam run trains one once there are labels.")
        for newest in found[:1]:
            line(f"[dim]{escape(newest['reason'])}[/dim]")

    emit(found, draw, as_json=as_json)


@app.command(epilog="Example: goldseam model promote 0190f5a2-0000-7000-8000-000000000000")
def promote(model: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Let a model that a person is asked about make the suggestions."""
    _decide(project, model, "promote", as_json=as_json)


@app.command(epilog="Example: goldseam model keep 0190f5a2-0000-7000-8000-000000000000")
def keep(model: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Keep the old model in the place of one that a person is asked about."""
    _decide(project, model, "keep", as_json=as_json)


def _decide(project: Folder, model: str, decision: Decision, *, as_json: bool) -> None:
    with open_project(project) as opened:
        promoting.decide(opened.world, opened.permit(Act.MANAGE), opened.new_id(), model, decision)
    said = "makes the suggestions from now on" if decision == "promote" else "is not used; the old one stays"
    emit(
        {"model": model, "decision": decision},
        lambda: line(f"[green]✓[/green] Model {escape(model)} {said}."),
        as_json=as_json,
    )
