"""Jobs: what the worker does at set times, as a table of names, times and functions.

In: an open project. Out: the jobs that it wants; each does its work and says in a line what came of it. Never: work that another
face could not do by the same use cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from goldseam.edge.project import Project
from goldseam.edge.runner import jobs as runner
from goldseam.flow.settings import Settings

GoesOn = Callable[[], bool]
"""Whether a job may go on: the worker was not told to end, and nobody else has taken the job up."""
STAMP: Final = "%Y%m%dT%H%M%SZ"
STAMPED: Final = re.compile(r"goldseam-\d{8}T\d{6}Z\.zip")
HALF: Final = re.compile(rf"\.{STAMPED.pattern}\..+")
"""A backup under its name of the moment; nobody else makes one here while the job is held."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done at set times; `do` says what came of it, and begins again where it was if it was ended."""

    kind: str
    times: str
    do: Callable[[Project, GoesOn], str]


KINDS: Final = ("clean", "competence", "round", "backup")
EVERY_TEN_MINUTES: Final = "*/10 * * * *"
EVERY_HOUR: Final = "17 * * * *"


def wanted(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs of a project with these settings."""
    schedule, made = settings.schedule, [Job("clean", EVERY_HOUR, clean)]
    if settings.annotate.stops is not None:
        made.append(Job("competence", EVERY_TEN_MINUTES, refresh))
    if schedule.round is not None:
        made.append(Job("round", schedule.round, run_round))
    if schedule.backup is not None:
        made.append(Job("backup", schedule.backup, back_up))
    return tuple(made)


def clean(project: Project, _goes_on: GoesOn) -> str:
    """Remove what has ended and nobody asks for any more."""
    return f"{runner.clean(project.world):,} rows removed"


def refresh(project: Project, _goes_on: GoesOn) -> str:
    """Learn anew how far each annotator can be believed: how many answers an item still wants depends on it."""
    competence = import_module("goldseam.edge.runner.competence")  # what it computes with takes a while to import
    return f"{competence.refresh(project.world, project.facts):,} items want more or less"


def run_round(project: Project, goes_on: GoesOn) -> str:
    """Do the steps that need nobody, one by one, as `goldseam run` does, with the settings that were applied last."""
    done = []
    for each in project.run():
        done.append(f"{each.step.stage.value}: {each.outcome}")
        if not goes_on():
            break
    upcoming = project.plan().next
    waits = "finished" if upcoming is None else f"next: {upcoming.text}"
    return "; ".join([*done[-5:], waits])


def back_up(project: Project, _goes_on: GoesOn) -> str:
    """Back everything up into a new file, and remove the oldest beyond those to keep."""
    schedule = project.facts.settings.schedule
    folder = (project.home.root / schedule.backups).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = project.back_up(folder / f"goldseam-{project.world.clock.now().strftime(STAMP)}.zip")
    _thin(folder, schedule.keep)
    return f"{kept.n_rows:,} rows and {kept.n_files:,} files in {kept.path.name}"


def _thin(folder: Path, keep: int) -> None:
    """Remove all but the newest, and what killed workers left half; only what has the name of a backup made here."""
    for path in folder.iterdir():
        if HALF.fullmatch(path.name):
            path.unlink()
    made = sorted(path for path in folder.iterdir() if STAMPED.fullmatch(path.name) and path.is_file())
    for path in made[:-keep]:
        path.unlink()
