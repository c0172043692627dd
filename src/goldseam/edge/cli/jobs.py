"""`goldseam jobs`: what the worker does at set times, when it did, when it will, and what went wrong.

In: a project. Out: a table. Never: a job done; `goldseam worker` does them.
"""

from __future__ import annotations

from datetime import datetime

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import jobs as runner
from goldseam.edge.runner.jobs import Job

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: goldseam jobs")
def jobs(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the worker's jobs: what ran, when each runs next, and the last error."""
    with open_project(project) as opened:
        found = runner.listing(opened.world)
        now = opened.world.clock.now()
    rows = [[one.name.partition("/")[0], one.times, _when(one.due), _state(one, now), _last(one)] for one in found]

    def draw() -> None:
        if not found:
            line("No worker has run yet; start one with: goldseam worker")
            return
        table("", ["job", "times (UTC)", "next", "state", "last"], rows)

    emit([_plain(one) for one in found], draw, as_json=as_json)


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _state(one: Job, now: datetime) -> str:
    if one.held_until is not None and one.held_until > now:
        return "running"
    return "due" if one.due <= now else "waiting"


def _last(one: Job) -> str:
    if one.last_at is None:
        return "never"
    said = f"failed {one.n_failed}x: {one.error}" if one.error else one.outcome
    return escape(f"{_when(one.last_at)} {said}")


def _plain(one: Job) -> dict[str, object]:
    return {
        "job": one.name,
        "times": one.times,
        "due": one.due,
        "held_by": one.held_by,
        "held_until": one.held_until,
        "done": one.n_done,
        "failed_in_a_row": one.n_failed,
        "last_at": one.last_at,
        "last_seconds": one.last_seconds,
        "outcome": one.outcome,
        "error": one.error,
    }
