"""`goldseam replay`: feed recorded votes of real people through the real queue, over HTTP, as if they came in live.

In: a CSV of votes, perhaps items and gold. Out: a project with those votes, and what the policy would have given: accuracy,
votes used, agreement. Never: gold that the loop gets to see; it only judges at the end.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.recorded import Recording, gold_of, read_votes, write_project
from goldseam.edge.cli.replaying import Fed, Outcome, feed, judge, places, staff
from goldseam.edge.cli.show import AsJson, emit, line, progress, table
from goldseam.edge.home import Home
from goldseam.edge.project import Project, open_project
from goldseam.vocab.errors import BadSetting, BadValue

app = typer.Typer(add_completion=False)

READY_SECONDS = 60


@app.command(epilog="Example: goldseam replay annotations.csv --items items.csv --gold gold.csv --redundancy 3")
def replay(
    votes: Annotated[
        Path, typer.Argument(help="A CSV with the columns task (or item), worker (or annotator) and label.")
    ],
    items: Annotated[
        Path | None, typer.Option(help="A CSV with the columns task and text; default: numbered items.")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option(help="A CSV with the columns task and gold (or label), to judge by.")
    ] = None,
    redundancy: Annotated[
        int, typer.Option(help="Answers wanted per item; 0 takes all that were recorded.", min=0, max=100)
    ] = 0,
    stop_at: Annotated[
        float, typer.Option(help="Stop asking about an item at this posterior; 0 never stops early.")
    ] = 0.0,
    method: Annotated[
        str, typer.Option(help="How votes are settled: dawid_skene, majority, weighted, one_coin, infer.")
    ] = "dawid_skene",
    ahead: Annotated[int, typer.Option(help="How many items each annotator holds at once.", min=1, max=100)] = 5,
    at_once: Annotated[int, typer.Option(help="How many annotators work at the same time.", min=1, max=1000)] = 8,
    processes: Annotated[
        int, typer.Option(help="Server processes that they work on; more than one needs PostgreSQL.", min=1, max=64)
    ] = 1,
    folder: Annotated[Path | None, typer.Option(help="Where to make the project; default: ./replay-NAME")] = None,
    as_json: AsJson = False,
) -> None:
    """Back-test a policy: feed recorded votes through the real queue and see what it would have given."""
    recording = read_votes(votes, items)
    known = gold_of(gold, recording) if gold is not None else {}
    home = Home((folder or Path(f"replay-{votes.resolve().parent.name}")).resolve())
    if home.project_file.exists():
        raise BadValue(f"There is a project in {home.root} already; choose another --folder.")
    if processes > 1 and home.database_url.startswith("sqlite"):
        raise BadSetting("SQLite has one writer: several processes need PostgreSQL, by GOLDSEAM_DATABASE_URL.")
    write_project(home, recording, redundancy=redundancy, stop_at=stop_at, method=method)
    with progress(quiet=as_json) as report:
        with open_project(home.root) as project:
            for _ in project.run(report):
                pass
            tokens = staff(project, recording.annotators)
            place = places(project, recording)
        started = time.monotonic()
        with _server(home, processes) as url:
            fed = feed(url, recording, tokens, place, ahead=ahead, at_once=at_once, report=report)
        seconds = time.monotonic() - started
        with open_project(home.root) as project:
            outcome = _finish(project, recording, known, fed, seconds)
    emit(asdict(outcome), lambda: _draw(outcome), as_json=as_json)


def _finish(project: Project, recording: Recording, known: dict[str, str], fed: Fed, seconds: float) -> Outcome:
    project.close_round()
    for _ in project.run():
        pass
    project.seal()
    return judge(project, recording, known, fed, seconds)


@contextmanager
def _server(home: Home, processes: int) -> Iterator[str]:
    """Run the real server in processes of its own, and yield its address."""
    command = [sys.executable, "-m", "goldseam.edge.cli.serving", str(home.root), "--processes", str(processes)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        said = process.stdout.readline() if process.stdout else ""
        if not said.strip():
            raise BadSetting(f"The server did not start (exit code {process.wait(READY_SECONDS)}).")
        yield str(json.loads(said)["url"])
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def _draw(outcome: Outcome) -> None:
    line(
        f"[green]✓[/green] {outcome.n_used:,} of {outcome.n_recorded:,} recorded votes used "
        f"({outcome.n_used / max(outcome.n_recorded, 1):.0%}); {outcome.n_refused:,} were not wanted; "
        f"{outcome.votes_per_second:,.0f} votes a second over HTTP"
    )
    line(
        f"  {outcome.n_items:,} items, {outcome.n_annotators:,} annotators, {outcome.votes_per_item:.2f} votes an item"
    )
    if outcome.alpha is not None:
        low, high = outcome.alpha_low or 0.0, outcome.alpha_high or 0.0
        line(f"  agreement: alpha {outcome.alpha:.3f} [{low:.3f}, {high:.3f}] ({outcome.band})")
    if outcome.n_gold:
        rows = [[name, accuracy, outcome.n_gold] for name, accuracy in outcome.accuracy.items()]
        line("")
        table("Accuracy against gold", ["method", "accuracy", "items"], rows)
    for text in outcome.notes:
        line(f"  [yellow]![/yellow] {escape(text)}")
    holds = (
        "[green]✓[/green] the log and every row verify" if not outcome.findings else f"[red]✗[/red] {outcome.findings}"
    )
    line(f"  {holds}")
    where = escape(outcome.folder)
    line(f"  The project is in {where}; look at it with: goldseam serve -p {shlex.quote(where)}")
