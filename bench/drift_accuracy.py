"""How soon drift is noticed, and how often without cause: `python -m bench.drift_accuracy [SET ...] [--looks 200] [--write]`.

In: the text sets with sentence embeddings in the folder of real data (named by GOLDSEAM_DATA, or beside the repository). Out:
shares of looks with an alarm, by set and by how much of the traffic is out of scope; kept in docs/explanation/drift.md with
--write. Never: an input that stands in both windows.

Before are inputs of one set, now are other inputs of it, some in their place from another set. Once as words, as `goldseam drift`
sees them, and once as sentence embeddings.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldseam.prelabel.features import embed
from goldseam.stats import drift

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "drift.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"
PART = 6
"""Words take longer than embeddings that are there already: they are looked at so many times less often."""
PAIRS = (("trec6", "sms_spam"), ("banking77", "trec6"), ("agnews7k", "sst2"))
SHARES = (0.0, 0.05, 0.1, 0.3)
BEFORE, NOW, ALPHA, PERMUTATIONS = 600, 300, 0.01, 199
Features = NDArray[np.float32]


def read(folder: Path, name: str) -> tuple[list[str], Features]:
    """Return the texts of a set, and their embeddings."""
    with (folder / name / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    return texts, np.load(folder / name / "minilm_f16.npy").astype(np.float32)


def alarms(folder: Path, own: str, strange: str, looks: int) -> dict[tuple[str, float], tuple[int, float]]:
    """Return of each kind of features and share out of scope how many looks gave an alarm, and how many strangers were told."""
    texts, vectors = read(folder, own)
    other, others = read(folder, strange)
    rng = np.random.default_rng(0)
    found: dict[tuple[str, float], tuple[int, float]] = {}
    scaled = max(1, looks // PART)
    for share in SHARES:
        n = round(share * NOW)
        for kind in ("words", "embeddings"):
            n_alarms, told = 0, []
            for _ in range(looks if kind == "embeddings" else scaled):
                mine = rng.choice(len(texts), BEFORE + NOW - n, replace=False)
                foreign = rng.choice(len(other), n, replace=False)
                if kind == "words":
                    seen = embed([*(texts[at] for at in mine), *(other[at] for at in foreign)], rng)
                else:
                    seen = np.concatenate([vectors[mine], others[foreign]])
                before, now = seen[:BEFORE], seen[BEFORE:]
                p = drift.inputs(before, now, rng=rng, permutations=PERMUTATIONS).p
                n_alarms += p is not None and p <= ALPHA
                if n:
                    told.append(float(drift.novel(before, now)[-n:].mean()))
            found[kind, share] = (n_alarms, float(np.mean(told)) if told else 0.0)
    return found


def main() -> int:
    """Measure, print, and keep if asked to; 2 where the data is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sets", nargs="*", default=[own for own, _ in PAIRS], metavar="SET", help="whose inputs are before"
    )
    parser.add_argument("--looks", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="keep the table in the page")
    asked = parser.parse_args()
    named = os.environ.get("GOLDSEAM_DATA")
    folder = (Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data") / "text"
    if not folder.is_dir():
        print(f"real data is not here: {folder}; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    heads = " | ".join(f"{share:.0%}" for share in SHARES)
    lines = [f"| set | strangers from | features | {heads} |", f"|---|---|---|{'---:|' * len(SHARES)}"]
    for own, strange in PAIRS:
        if own not in asked.sets:
            continue
        found = alarms(folder, own, strange, asked.looks)
        for kind in ("words", "embeddings"):
            looks = asked.looks if kind == "embeddings" else max(1, asked.looks // PART)
            cells = [f"{found[kind, share][0] / looks:.1%}" for share in SHARES]
            lines.append(f"| {own} | {strange} | {kind} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    if asked.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n\n" + END + rest.split(END)[1], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
