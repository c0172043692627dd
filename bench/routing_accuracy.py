"""Whether certified thresholds keep their promise, and what they let through: `python -m bench.routing_accuracy [--splits 500]`.

In: the text sets with sentence embeddings in the folder of real data (named by GOLDSEAM_DATA, or beside the repository).
Out: per set and method: coverage, error of what was accepted, how often the bound was broken. Never: a label of the pool that
a method saw and did not pay for.

Each split trains a linear model on some items, calibrated by nothing; the rest is the pool. Every method may look at 500
labels of the pool, and promises an error of at most 5 % with a chance of 95 %. Coverage counts the whole pool.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from goldseam.stats import certify

TRAINED = {"trec6": 2000, "sms_spam": 200, "banking77": 4000, "sst2": 3000, "agnews7k": 2000}
"""Sets, and how many labels their model has seen."""
ERROR, DELTA, LABELS = 0.05, 0.05, 500
DRAWS = 50
"""Audits drawn of each trained model's pool."""
Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pool:
    """Suggestions for a pool, and those that the model made for its own training items by cross-fitting."""

    confidence: Array
    right: Flags
    guide_confidence: Array
    guide_right: Flags


Method = Callable[[Pool, np.random.Generator], float | None]


def fixed(pool: Pool, _rng: np.random.Generator) -> float:
    """A threshold that sounds safe."""
    return 0.95


def held_out(pool: Pool, rng: np.random.Generator) -> float | None:
    """The lowest threshold whose error on held-out labels is within the bound."""
    confidence, right = _sample(pool, rng, LABELS)
    shares = np.cumsum(~right) / np.arange(1, len(right) + 1)
    good = np.flatnonzero(shares <= ERROR)
    return float(confidence[good[-1]]) if len(good) else None


def bonferroni(pool: Pool, rng: np.random.Generator) -> float | None:
    """Ten thresholds by quantile, each with an exact test at a tenth of the chance."""
    confidence, right = _sample(pool, rng, LABELS)
    best = None
    for n in np.linspace(len(right) / 10, len(right), 10).astype(int):
        if binom.cdf(int((~right[:n]).sum()), n, ERROR) <= DELTA / 10:
            best = float(confidence[n - 1])
    return best


def halves(pool: Pool, rng: np.random.Generator) -> float | None:
    """Learn-then-test guided by a first half: one half of the labels chooses where the sequence begins, the other tests."""
    confidence, right = _sample(pool, rng, LABELS, ordered=False)
    half = LABELS // 2
    guide = np.argsort(-confidence[:half], kind="stable")
    shares = np.cumsum(~right[:half][guide]) / np.arange(1, half + 1)
    good = np.flatnonzero(shares <= ERROR / 3)
    order = np.argsort(-confidence[half:], kind="stable")
    tested, wrong = confidence[half:][order], ~right[half:][order]
    begin = int((good[-1] + 1) if len(good) else half // 4)
    best = None
    for n in range(begin, len(tested) + 1, 5):
        if binom.cdf(int(wrong[:n].sum()), n, ERROR) > DELTA:
            break
        best = float(tested[n - 1])
    return best


def certified(pool: Pool, rng: np.random.Generator) -> float | None:
    """Ours: guided by cross-fitting, all labels spent inside the zone."""
    audit = certify.plan(pool.confidence, pool.guide_confidence, pool.guide_right, n=LABELS, error=ERROR, delta=DELTA)
    drawn = audit.draw(rng)
    return certify.certify(audit, drawn, pool.right[drawn]).threshold


def oracle(pool: Pool, _rng: np.random.Generator) -> float | None:
    """The best threshold there is, seen with all labels."""
    order = np.argsort(-pool.confidence, kind="stable")
    ranked = pool.confidence[order]
    shares = np.cumsum(~pool.right[order]) / np.arange(1, len(order) + 1)
    ends = np.append(ranked[1:] < ranked[:-1], [True])  # a threshold cannot cut through a tie
    good = np.flatnonzero((shares <= ERROR) & ends)
    return float(ranked[good[-1]]) if len(good) else None


METHODS: dict[str, Method] = {
    "fixed 0.95": fixed,
    "held-out labels": held_out,
    "ten tests (Bonferroni)": bonferroni,
    "learn-then-test, two halves": halves,
    "certified (ours)": certified,
    "oracle": oracle,
}


def _sample(pool: Pool, rng: np.random.Generator, n: int, *, ordered: bool = True) -> tuple[Array, Flags]:
    drawn = rng.choice(len(pool.right), n, replace=False)
    confidence, right = pool.confidence[drawn], pool.right[drawn]
    if not ordered:
        return confidence, right
    order = np.argsort(-confidence, kind="stable")
    return confidence[order], right[order]


def pool_of(folder: Path, name: str, seed: int) -> Pool:
    """Train on some items of a set, and return the pool of all others."""
    features = np.load(folder / name / "minilm_f16.npy").astype(np.float32)
    with (folder / name / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        labels = np.unique([row["label"] for row in csv.DictReader(lines)], return_inverse=True)[1]
    order = np.random.default_rng(seed).permutation(len(labels))
    train, rest = order[: TRAINED[name]], order[TRAINED[name] :]
    guide_confidence, guide_right = np.empty(len(train)), np.empty(len(train), dtype=bool)
    for fit, held in KFold(5, shuffle=True, random_state=seed).split(train):
        guide_confidence[held], guide_right[held] = _suggest(features, labels, train[fit], train[held])
    return Pool(*_suggest(features, labels, train, rest), guide_confidence, guide_right)


def _suggest(
    features: NDArray[np.float32], labels: NDArray[np.int64], train: NDArray[np.int64], items: NDArray[np.int64]
) -> tuple[Array, Flags]:
    model = LogisticRegression(C=10, max_iter=300).fit(features[train], labels[train])
    proba = model.predict_proba(features[items])
    return proba.max(axis=1).astype(np.float64), model.classes_[proba.argmax(axis=1)] == labels[items]


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--splits", type=int, default=500)
    splits = arguments.parse_args().splits
    folder = Path(os.environ.get("GOLDSEAM_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "text"
    if not folder.exists():
        raise SystemExit(f"There is no {folder}: name the folder of real data by GOLDSEAM_DATA.")
    print("| set | method | coverage | error of the accepted | bound broken |")
    print("|---|---|---:|---:|---:|")
    means: dict[str, list[tuple[float, float, float]]] = {name: [] for name in METHODS}
    for name in TRAINED:
        pools = [pool_of(folder, name, seed) for seed in range(-(-splits // DRAWS))]
        for method, choose in METHODS.items():
            row = _score(pools, choose, splits)
            means[method].append(row)
            print(f"| {name} | {method} | {row[0]:.2f} | {row[1]:.3f} | {100 * row[2]:.1f} % |", flush=True)
    for method, rows in means.items():
        coverage, error, broken = np.mean(rows, axis=0)
        worst = max(row[2] for row in rows)
        print(
            f"| mean (worst) | {method} | {coverage:.2f} | {error:.3f} | {100 * broken:.1f} % ({100 * worst:.1f} %) |"
        )


def _score(pools: list[Pool], choose: Method, splits: int) -> tuple[float, float, float]:
    found = []
    for split in range(splits):
        pool = pools[split % len(pools)]
        threshold = choose(pool, np.random.default_rng([20261121, split]))
        accepted = pool.confidence >= threshold if threshold is not None else np.zeros(len(pool.right), dtype=bool)
        error = float((~pool.right[accepted]).mean()) if accepted.any() else 0.0
        found.append((float(accepted.mean()), error, float(error > ERROR)))
    coverage, error, broken = np.mean(found, axis=0)
    return float(coverage), float(error), float(broken)


if __name__ == "__main__":
    main()
