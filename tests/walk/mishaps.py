"""What goes wrong on a bad day, and what a project came to after it: what tests of bad input, full disks and kills share.

In: what a command said; a project, open or on disk. Out: the one sentence of a refusal; a state without what differs by
chance. Never: a mock; this is the real store.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from goldseam.edge.project import Project
from goldseam.edge.store import log
from goldseam.flow.plan import Verb
from tests.unit.edge.cli.call import Said
from tests.walk import program, small


def refused(said: Said | program.Said, code: int) -> str:
    """Check that a refusal is one sentence, and return it."""
    assert said.code == code, said
    assert "Traceback" not in said.err + said.out
    return said.err


def until(project: Project, verb: Verb) -> None:
    """Run, with people who answer, until this step was done."""
    for _ in range(10):
        for done in project.run():
            if done.step.verb is verb:
                return
        small.answer_all(project, [None])
    raise AssertionError(f"{verb} was never done")


def state(folder: Path) -> dict[str, Any]:
    """Return what a project came to, without what differs by chance: ids, times, seeds."""
    with small.opened(folder) as project:
        assert project.verify() == ()
        found = project.status()
        labels = project.labels()
        name = project.facts.id
        kinds = project.world.store.read(lambda tx: [entry.kind for entry in log.entries(tx, name, -1, 100_000)])
        return {
            "counts": found["counts"],
            "round": found["round"],
            "finished": found["finished"],
            "labels": sorted(zip(map(str, labels["item"]), map(str, labels["label"]), strict=True)),
            "releases": [(row["number"], row["n_items"]) for row in project.releases()],
            "models": len(found["history"]),  # type: ignore[arg-type]  # plain values do where the hint is narrower
            "kinds": sorted(kind for kind in kinds if kind not in {"project.applied", "account.made"}),
        }
