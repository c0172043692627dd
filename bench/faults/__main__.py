"""Faults on purpose, with figures: `python -m bench.faults --kills 200 --database sqlite`; `--streams 10000`; `--replay FOLDER`.

In: how many, of what, a seed. Out: figures on the terminal; 1 if a promise broke. Never: a run that looks well because it did
little.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.faults import kills, replays, streams


def main() -> int:
    """Do what was asked for, one after another, and say what came of it."""
    asked = _arguments()
    failed = False
    for what, kind in _rounds(asked):
        with tempfile.TemporaryDirectory(prefix="goldseam-faults-") as folder:
            figures, broke = _one(asked, what, kind, Path(folder) / "p")
        print(json.dumps({"fault": what, "database": kind, **figures, "broke": broke}, indent=1), flush=True)
        failed |= bool(broke)
    return int(failed)


def _one(asked: argparse.Namespace, what: str, kind: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    if what == "kills":
        return kills.run(folder, kind, asked.kills, asked.seed)
    if what == "replay":
        return replays.run(folder, kind, asked.replay)
    return asdict(streams.run(folder, asked.streams)), []


def _rounds(asked: argparse.Namespace) -> list[tuple[str, str]]:
    """Return what is to be done, and on which database."""
    databases = [asked.database] if asked.database else list(kills.DATABASES)
    return [
        *(("kills", kind) for kind in databases if asked.kills),
        *(("replay", kind) for kind in databases if asked.replay),
        *([("streams", "sqlite")] if asked.streams else []),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Break things and count.")
    parser.add_argument("--kills", type=int, default=0, help="kill so many processes while people answer")
    parser.add_argument("--streams", type=int, default=0, help="hold so many streams of events open")
    parser.add_argument("--replay", type=Path, help="replay the votes of this folder, by all who gave them at once")
    parser.add_argument("--database", choices=kills.DATABASES, help="default: one after the other")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if not (asked.kills or asked.streams or asked.replay):
        parser.error("say what to do: --kills N, --streams N or --replay FOLDER")
    return asked


if __name__ == "__main__":
    sys.exit(main())
