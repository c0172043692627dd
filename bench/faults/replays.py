"""Replays: every recorded vote of a real crowd, by as many people at once as there were, over HTTP.

In: a folder with annotations.csv, items.csv and gold.csv; a kind of database. Out: what `goldseam replay` says, and what broke.
Never: a vote that is neither used nor told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench.faults.kills import database_of
from bench.faults.processes import ROOT
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.project import open_project
from goldseam.edge.store import annotations as rows
from goldseam.edge.store import queue

PROGRAM = "from goldseam.edge.cli import main; main()"
AT_ONCE = 203
SERVERS = {"sqlite": 1, "postgresql": 2}


def run(folder: Path, kind: str, recording: Path) -> tuple[dict[str, Any], list[str]]:
    """Replay, and return figures and what broke."""
    files = [str(recording / f"{name}.csv") for name in ("annotations", "items", "gold")]
    words = ["replay", files[0], "--items", files[1], "--gold", files[2], "--folder", str(folder), "--json"]
    words += ["--at-once", str(AT_ONCE), "--processes", str(SERVERS[kind])]
    with database_of(kind) as (_, address):
        os.environ[DATABASE_SETTING] = address
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PROGRAM, *words], env=environment, capture_output=True, text=True, check=False
        )
        if said.returncode:
            return {}, [f"goldseam replay: {said.stdout} {said.stderr}"]
        found: dict[str, Any] = json.loads(said.stdout)
        return found, _broke(folder, found)


def _broke(folder: Path, found: dict[str, Any]) -> list[str]:
    """Return the laws that do not hold."""
    with open_project(folder) as project:
        name, store, most = project.facts.id, project.world.store, project.settings.route.redundancy
        kept = [one.annotation for one in store.read(lambda tx: rows.annotations(tx, name))]
        wrong = store.read(lambda tx: queue.recounted(tx, name)).tolist()
        summary = store.read(lambda tx: queue.summary(tx, name))
    pairs = Counter((one.annotator, one.item) for one in kept)
    counted = Counter(one.item for one in kept if not one.surplus)
    told = found["n_used"] + found["n_surplus"]
    checks = (
        (found["findings"] > 0, "the project does not verify"),
        (told + found["n_refused"] != found["n_recorded"], "votes are neither used nor told"),
        (len(kept) != told, f"{told} votes acknowledged, {len(kept)} kept"),
        (max(pairs.values()) > 1, "an item was answered twice by one annotator"),
        (max(counted.values()) > most, "an item has more answers than wanted"),
        (bool(wrong), f"rows differ from a fresh count at {wrong[:5]}"),
        (summary.live > 0, f"{summary.live} leases did not end"),
    )
    return [text for is_broken, text in checks if is_broken]
