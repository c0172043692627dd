"""`goldseam run`: say the next steps and do them, until a person is needed or the round ends.

In: a project. Out: each step with what came of it; then what is next. Never: a step done twice: run it again at any time.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, console, emit, line, progress
from goldseam.edge.project import open_project
from goldseam.vocab.schema import QuestionKind

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam run --project mood")
def run(
    project: Folder = HERE,
    say: Annotated[bool, typer.Option("--say", help="Say the next steps without doing them.")] = False,
    close: Annotated[bool, typer.Option("--close", help="First stop collecting answers in this round.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say the next steps and do them, until a person is needed or the project is finished."""
    done: list[dict[str, object]] = []
    with open_project(project) as opened:
        if not say:
            opened.apply()
            if close:
                n_closed = opened.close_round()
                done.append(
                    {
                        "round": opened.facts.round,
                        "stage": "annotate",
                        "outcome": f"{n_closed:,} answers no longer wanted",
                    }
                )
            with progress(quiet=as_json) as report:
                for each in opened.run(report):
                    done.append({"round": each.round, "stage": each.step.stage.value, "outcome": each.outcome})
                    if not as_json:
                        console.print(
                            f"[green]✓[/green] [dim]round {each.round}[/dim] "
                            f"[bold]{each.step.stage.value:<10}[/bold] {escape(each.outcome)}",
                            soft_wrap=True,
                        )
        plan, main = opened.plan(), opened.facts.schema.main
    upcoming = plan.next
    result = {
        "done": done,
        "round": plan.round,
        "finished": plan.finished,
        "next": None
        if upcoming is None
        else {"stage": upcoming.stage.value, "text": upcoming.text, "needs_person": upcoming.needs_person},
    }

    def draw() -> None:
        if upcoming is None:
            line(f"[green]✓[/green] {escape(plan.finished)}")
            return
        mark = "[yellow]●[/yellow]" if upcoming.needs_person else "[cyan]→[/cyan]"
        line(f"{mark} [dim]round {plan.round}[/dim] [bold]{upcoming.stage.value:<10}[/bold] {escape(upcoming.text)}")
        if upcoming.needs_person:
            by_key = main.kind is QuestionKind.CHOICE or upcoming.verb.value != "collect"
            line(f"  {HINTS.get(upcoming.verb.value, '') if by_key else IN_BROWSER}")

    emit(result, draw, as_json=as_json)


IN_BROWSER = "Label in the browser with 'goldseam serve': the terminal takes choices only."
HINTS = {
    "collect": "Label in the browser with 'goldseam serve', or here with 'goldseam annotate'.",
    "rule": "Rule in the browser with 'goldseam serve', or here with 'goldseam adjudicate'.",
    "publish": "Put right what the gate names, or change 'audit' in goldseam.yaml; then run again.",
    "take_in": "Name a source in goldseam.yaml, then run again.",
}
