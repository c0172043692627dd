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
from goldseam.flow.schedule import times_of
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


KINDS: Final = ("clean", "competence", "production", "drift", "figures", "round", "backup")
EVERY_TEN_MINUTES: Final = "*/10 * * * *"
EVERY_HOUR: Final = "17 * * * *"
EVERY_NIGHT: Final = "37 2 * * *"


def wanted(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs of a project with these settings."""
    schedule = settings.schedule
    made = [
        Job("clean", EVERY_HOUR, clean),
        Job("production", EVERY_TEN_MINUTES, take_up),
        Job("figures", EVERY_NIGHT, measure),
    ]
    if settings.production.drift is not None:
        made.append(Job("drift", EVERY_NIGHT, look_for_drift))
    if settings.annotate.stops is not None:
        made.append(Job("competence", EVERY_TEN_MINUTES, refresh))
    if schedule.round is not None:
        made.append(Job("round", times_of("schedule.round", schedule.round), run_round))
    if schedule.backup is not None:
        made.append(Job("backup", times_of("schedule.backup", schedule.backup), back_up))
    return tuple(made)


def clean(project: Project, _goes_on: GoesOn) -> str:
    """Remove what has ended and nobody asks for any more."""
    return f"{runner.clean(project.world):,} rows removed"


def refresh(project: Project, _goes_on: GoesOn) -> str:
    """Learn anew how far each annotator can be believed: how many answers an item still wants depends on it."""
    competence = import_module("goldseam.edge.runner.competence")  # what it computes with takes a while to import
    return f"{competence.refresh(project.world, project.facts):,} items want more or less"


def take_up(project: Project, _goes_on: GoesOn) -> str:
    """Make items, questions and votes of what was captured in production."""
    producing = import_module("goldseam.edge.runner.producing")
    with project.home.alone():
        became = producing.take_up(project.world, project.facts, project.me)
    return became.text or "nothing new"


def look_for_drift(project: Project, _goes_on: GoesOn) -> str:
    """Compare what production saw lately with what was before, and let people be asked about what is new."""
    production = import_module("goldseam.edge.runner.production")
    if not production.was_captured(project.world, project.facts):
        return "nothing was captured"
    drifting = import_module("goldseam.edge.runner.drifting")
    with project.home.alone():
        facts = project.facts
        found = drifting.measure(project.world, facts, project.me, hand_over=facts.settings.production.most)
    said = [name for name, moved in (("inputs", found.inputs_moved), ("labels", found.labels_moved)) if moved]
    moved = f"{' and '.join(said)} are of another kind than before" if said else "no sign of drift"
    return f"{moved}; {len(found.groups):,} new groups, {found.n_handed:,} items handed to the sample"


def measure(project: Project, _goes_on: GoesOn) -> str:
    """Tell annotators their figures, and propose whom these speak for as reviewers."""
    promotion = import_module("goldseam.edge.runner.promotion")
    found = promotion.measure_all(project.world, project.facts, project.me)
    return f"{found.n_told:,} told their figures, {len(found.proposed):,} proposed as reviewers"


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
