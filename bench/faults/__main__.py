"""Faults on purpose, with figures: `python -m bench.faults --kills 200 --database sqlite`.

In: how many, of what, a seed. Out: figures on the terminal; 1 if a promise broke. Never: a run that looks well because it did little.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.faults import kills


def main() -> int:
    """Do what was asked for and say what came of it."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="goldseam-faults-") as folder:
        figures, broke = kills.run(Path(folder) / "p", asked.database, asked.kills, asked.seed)
    print(json.dumps({"database": asked.database, "seed": asked.seed, **figures, "broke": broke}, indent=1))
    return int(bool(broke))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Break things and count.")
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed")
    parser.add_argument("--database", choices=kills.KIND_OF_DATABASE, default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
