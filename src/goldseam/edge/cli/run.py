"""`goldseam run`: say the next steps and do them, until a person is needed or the round ends; at set times, if asked to.

In: a project. Out: each step with what came of it; then what is next. Never: a step done twice: run it again at any time.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from types import FrameType
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli import errors
from goldseam.edge.cli.show import HERE, AsJson, Folder, console, emit, line, progress
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner.world import Report
from goldseam.edge.worker.rounds import Turn, keep_on, waits
from goldseam.flow.plan import Plan, Verb
from goldseam.flow.schedule import times_of
from goldseam.vocab.errors import BadValue
from goldseam.vocab.schema import QuestionKind

app = typer.Typer(add_completion=False)

Steps = list[dict[str, object]]


@app.command(epilog="Example: goldseam run --project mood")
def run(
    project: Folder = HERE,
    say: Annotated[bool, typer.Option("--say", help="Say the next steps without doing them.")] = False,
    close: Annotated[
        bool,
        typer.Option(
            "--close", help="First stop collecting answers in this round; what nobody looked at goes back to the pool."
        ),
    ] = False,
    every: Annotated[
        str,
        typer.Option(help="Go on at these times until stopped: hour, day, week, month, or five fields in UTC."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say the next steps and do them, until a person is needed or the project is finished."""
    if every and (say or close):
        raise BadValue("--every runs by itself: leave out --say and --close.")
    with open_project(project) as opened:
        done: Steps = []
        if not say:
            opened.apply()
        if every:
            _keep_on(opened, times_of("--every", every), as_json=as_json)
            return
        if close:
            n_closed = opened.close_round()
            outcome = f"{n_closed:,} answers no longer wanted"
            done.append({"round": opened.facts.round, "stage": "annotate", "outcome": outcome})
            if not as_json:
                _draw_done(opened.facts.round, "annotate", outcome)
        if not say:
            with progress(quiet=as_json) as report:
                _do(opened, done, report, as_json=as_json)
        plan, by_label = opened.plan(), opened.facts.schema.main.kind is QuestionKind.CHOICE
    emit(_plain(done, plan), lambda: _draw_next(plan, by_label=by_label), as_json=as_json)


def _do(opened: Project, done: Steps, report: Report, *, as_json: bool) -> None:
    for each in opened.run(report):
        done.append({"round": each.round, "stage": each.step.stage.value, "outcome": each.outcome})
        if not as_json:
            _draw_done(each.round, each.step.stage.value, each.outcome)


def _keep_on(opened: Project, times: str, *, as_json: bool) -> None:
    """Run turns until the process is told to end."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, end)
    by_label = opened.facts.schema.main.kind is QuestionKind.CHOICE

    def show(turn: Turn) -> None:
        done: Steps = [{"round": one, "stage": stage, "outcome": outcome} for one, stage, outcome in turn.done]
        if as_json:
            found: dict[str, object] = {"done": done, "round": None, "finished": "", "next": None}
            found |= {} if turn.plan is None else _plain(done, turn.plan)
            found |= {"error": None if turn.error is None else turn.error.message}
            found |= {"again": None if turn.next is None else turn.next.isoformat()}
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        for one in turn.done:
            _draw_done(*one)
        if turn.error is not None:
            errors.say(turn.error)
        if turn.plan is not None:
            _draw_next(turn.plan, by_label=by_label)
        if turn.next is not None:
            line(f"  [dim]again at {turn.next:%Y-%m-%d %H:%M} UTC; stop with Ctrl+C[/dim]")
        sys.stdout.flush()

    keep_on(opened, times, waits(opened.world.clock, ended), show, ended)


def _plain(done: Steps, plan: Plan) -> dict[str, object]:
    upcoming = plan.next
    return {
        "done": done,
        "round": plan.round,
        "finished": plan.finished,
        "next": None
        if upcoming is None
        else {"stage": upcoming.stage.value, "text": upcoming.text, "needs_person": upcoming.needs_person},
    }


def _draw_done(round_: int, stage: str, outcome: str) -> None:
    console.print(
        f"[green]✓[/green] [dim]round {round_}[/dim] [bold]{stage:<10}[/bold] {escape(outcome)}", soft_wrap=True
    )


def _draw_next(plan: Plan, *, by_label: bool) -> None:
    upcoming = plan.next
    if upcoming is None:
        line(f"[green]✓[/green] {escape(plan.finished)}")
        return
    mark = "[yellow]●[/yellow]" if upcoming.needs_person else "[cyan]→[/cyan]"
    line(f"{mark} [dim]round {plan.round}[/dim] [bold]{upcoming.stage.value:<10}[/bold] {escape(upcoming.text)}")
    if upcoming.needs_person:
        by_key = by_label or upcoming.verb.value != "collect"
        line(f"  {HINTS.get(upcoming.verb.value, '') if by_key else IN_BROWSER}")
        if upcoming.verb is Verb.COLLECT:
            line(f"  {ENOUGH}")


IN_BROWSER = "Label in the browser with 'goldseam serve': the terminal takes choices only."
ENOUGH = "Enough for now? 'goldseam run --close' goes on with the answers there are."
HINTS = {
    "collect": "Label in the browser with 'goldseam serve', or here with 'goldseam annotate'.",
    "rule": "Rule in the browser with 'goldseam serve', or here with 'goldseam adjudicate'.",
    "publish": "Put right what the gate names, or change 'audit' in goldseam.yaml; then run again.",
    "take_in": "Name a source in goldseam.yaml, then run again.",
}
