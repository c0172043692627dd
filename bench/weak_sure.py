"""How sure labeling functions are together, before and after gold has calibrated it: `python -m bench.weak_sure [--gold 50,200]`.

In: the sets of labeling functions in the folder of real data (GOLDSEAM_DATA). Out: a table on the terminal. Never: an item judged
that the calibration learned from.

Loss is nats per label, error the expected calibration error in ten bins of equal size; both on items on which a function speaks.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.typing import NDArray

from bench.weak_accuracy import data
from bench.weak_sets import WeakSet, rerun, shipped
from goldseam.prelabel import functions_sure
from goldseam.prelabel.functions_policy import Policy
from goldseam.prelabel.functions_worth import Joint, join

SEEDS, BINS = 20, 10


def loss(proba: NDArray[np.floating], right: NDArray[np.integer]) -> float:
    """Return the mean log loss."""
    return float(-np.log(np.maximum(proba[np.arange(len(right)), right], 1e-6)).mean())


def error(proba: NDArray[np.floating], right: NDArray[np.integer]) -> float:
    """Return how far stated confidence is from the share that is right, by bins of equal size."""
    sure, hit = proba.max(axis=1), proba.argmax(axis=1) == right
    parts = np.array_split(np.argsort(sure, kind="stable"), BINS)
    return float(sum(len(part) * abs(sure[part].mean() - hit[part].mean()) for part in parts) / len(sure))


def measure(one: WeakSet, n_gold: int) -> list[float]:
    """Return loss and error before, then after, as means over seeds."""
    joint = join(one.votes, [f"f{n}" for n in range(one.votes.shape[1])], one.n_labels, Policy())
    rows = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        known = rng.choice(len(one.gold), min(n_gold, len(one.gold) // 2), replace=False)
        found = functions_sure.learn(joint, {int(row): int(one.gold[row]) for row in known}, rng)(joint)
        judged = np.flatnonzero(joint.spoke & ~np.isin(np.arange(len(one.gold)), known))
        rows.append(
            [score(it.proba[judged], one.gold[judged]) for it in _both(joint, found) for score in (loss, error)]
        )
    return [float(each) for each in np.mean(rows, axis=0)]


def _both(before: Joint, after: Joint) -> tuple[Joint, Joint]:
    return before, after


def main() -> int:
    """Print the table; 2 where the data is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", default="50,200", help="how many gold items, with commas between")
    folder = data()
    asked = parser.parse_args()
    if folder is None:
        print("real data is not here; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    sets = {name: shipped(folder, name, "train") for name in ("youtube", "trec", "semeval")} | {
        "sms": rerun(folder, "train")
    }
    print("| set | gold | loss before | after | calibration error before | after |\n|---|---:|---:|---:|---:|---:|")
    for name, one in sets.items():
        for n_gold in (int(each) for each in asked.gold.split(",")):
            was, off, now, still = measure(one, n_gold)
            print(f"| {name} | {n_gold} | {was:.3f} | {now:.3f} | {off:.3f} | {still:.3f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
