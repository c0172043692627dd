"""How many labels each strategy needs: `python -m bench.query_accuracy [--sets trec6,sst2] [--seeds 5] [--fresh]`.

In: the text sets with sentence embeddings in the folder of real data (named by GOLDSEAM_DATA, or beside the repository), and
scikit-learn's digits. Out: labels needed for 95, 98 and 99 % of what the model reaches with all labels, per set and
strategy, and the mean curves as JSON. Never: a label of the pool that was not paid for.

Each run begins with 100 labels and adds 50 at a time; the model is one softmax regression, begun from where it stood. With
--fresh each run has a test set of its own, drawn from pool and test set together: one test set of 500 items decides nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from goldseam.stats import query

START, BATCH = 100, 50
SHARES = (0.95, 0.98, 0.99)
SETS = {"digits": 1_000, "sms_spam": 1_500, "trec6": 4_000, "banking77": 4_000, "sst2": 4_000, "agnews7k": 3_000}
"""Sets, and after how many labels a run ends."""
STRENGTH = 10.0
AHEAD = 8
"""A run ends early when this many rounds in a row were above the highest target; random never does."""
TESTED = 0.3
"""The share of all items that a fresh test set holds."""
EARLY = 30
"""Rounds over which accuracy is averaged."""
DEFAULT = "hybrid (default)"
Floats = NDArray[np.float32]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """A pool with its labels, and a test set that no strategy sees."""

    pool: Floats
    label: Index
    test: Floats
    right: Index
    n_labels: int


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a strategy may know: rows of the pool not labeled yet, what the model says of them, rows that are labeled."""

    features: Floats
    proba: NDArray[np.float64]
    labeled: Floats


Start = Callable[[Floats, int, np.random.Generator], Index]
Strategy = Callable[[Asked, int, np.random.Generator], Index]


def at_random(features: Floats, n: int, rng: np.random.Generator) -> Index:
    """Any items."""
    return rng.choice(len(features), size=n, replace=False)


def by_margin(asked: Asked, n: int, _rng: np.random.Generator) -> Index:
    """The smallest margins."""
    return np.argsort(-query.margin(asked.proba), kind="stable")[:n]


def default(asked: Asked, n: int, rng: np.random.Generator) -> Index:
    """Ours, with its share of 5 % drawn at random."""
    n_random = -(-n // 20)
    sure = query.hybrid(asked.features, asked.proba, n - n_random, rng, labeled=asked.labeled)
    return np.concatenate(
        [sure, rng.choice(np.setdiff1d(np.arange(len(asked.features)), sure), n_random, replace=False)]
    )


def chosen_alone(asked: Asked, n: int, rng: np.random.Generator) -> Index:
    """Ours without its random share: what honest estimates cost."""
    return query.hybrid(asked.features, asked.proba, n, rng, labeled=asked.labeled)


STRATEGIES: dict[str, tuple[Start, Strategy]] = {
    "random": (at_random, lambda asked, n, rng: at_random(asked.features, n, rng)),
    "margin": (at_random, by_margin),
    "margin + k-means": (
        at_random,
        lambda asked, n, rng: query.uncertain_and_diverse(asked.proba, asked.features, n, rng),
    ),
    "typical, then margin": (query.typical, by_margin),
    DEFAULT: (query.diverse, default),
}
OTHERS: dict[str, tuple[Start, Strategy]] = {
    "least confidence": (
        at_random,
        lambda asked, n, _: np.argsort(-query.least_confidence(asked.proba), kind="stable")[:n],
    ),
    "entropy": (at_random, lambda asked, n, _: np.argsort(-query.entropy(asked.proba), kind="stable")[:n]),
    "gradients (BADGE)": (at_random, lambda asked, n, rng: query.gradients(asked.proba, asked.features, n, rng)),
    "k-center": (at_random, lambda asked, n, rng: query.k_center(asked.features, n, rng, labeled=asked.labeled)),
    "density-weighted": (
        at_random,
        lambda asked, n, _: np.argsort(-query.density_weighted(query.margin(asked.proba), asked.features))[:n],
    ),
    "without chance (hybrid)": (query.diverse, chosen_alone),
}
"""Run only when named."""


class Model:
    """Softmax regression with sentence embeddings or pixels; each fit begins where the last ended."""

    def __init__(self, n_features: int, n_labels: int) -> None:
        self.shape = (n_features + 1, n_labels)
        self.weights = np.zeros(self.shape)

    def fit(self, rows: Floats, label: Index) -> None:
        """Learn from these rows."""
        wide = np.hstack([rows, np.ones((len(rows), 1), np.float32)])
        place = np.arange(len(rows))

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            weights = flat.reshape(self.shape)
            logits = wide @ weights.astype(np.float32)
            logits -= logits.max(axis=1, keepdims=True)
            proba = np.exp(logits)
            total = proba.sum(axis=1, keepdims=True)
            value = float((np.log(total[:, 0]) - logits[place, label]).sum()) * STRENGTH
            proba /= total
            proba[place, label] -= 1.0
            slope = STRENGTH * (wide.T @ proba).astype(np.float64)
            slope[:-1] += weights[:-1]
            return value + 0.5 * float((weights[:-1] ** 2).sum()), slope.ravel()

        found = minimize(loss, self.weights.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 60, "ftol": 1e-6})
        self.weights = found.x.reshape(self.shape)

    def propose(self, rows: Floats) -> NDArray[np.float64]:
        """Return probabilities."""
        logits = rows @ self.weights[:-1].astype(np.float32) + self.weights[-1]
        return np.asarray(softmax(logits.astype(np.float64), axis=1))


def accuracy(model: Model, data: Set) -> float:
    """Return the share of the test set that the model gets right."""
    return float((model.propose(data.test).argmax(axis=1) == data.right).mean())


def run(data: Set, strategy: tuple[Start, Strategy], seed: int, most: int, enough: float) -> list[float]:
    """Return the accuracy after 100 labels, and after each 50 more."""
    rng = np.random.default_rng([20261121, seed])
    begin, choose = strategy
    known = np.zeros(len(data.label), dtype=bool)
    known[begin(data.pool, START, rng)] = True
    model = Model(data.pool.shape[1], data.n_labels)
    curve: list[float] = []
    while True:
        labeled = np.flatnonzero(known)
        model.fit(data.pool[labeled], data.label[labeled])
        curve.append(accuracy(model, data))
        if len(labeled) + BATCH > min(most, len(known)) or min([0.0, *curve][-AHEAD:]) > enough:
            return curve
        rest = np.flatnonzero(~known)
        asked = Asked(data.pool[rest], model.propose(data.pool[rest]), data.pool[labeled])
        known[rest[choose(asked, BATCH, rng)]] = True


def needed(curves: list[list[float]], full: float) -> list[int | None]:
    """Return the labels after which the mean curve first reaches each share of the full accuracy."""
    mean = mean_curve(curves)
    found: list[int | None] = []
    for share in SHARES:
        there = np.flatnonzero(mean >= share * full)
        found.append(START + BATCH * int(there[0]) if len(there) else None)
    return found


def mean_curve(curves: list[list[float]]) -> NDArray[np.float64]:
    """Return the mean of curves; one that ended early keeps the mean of its last values."""
    longest = max(len(one) for one in curves)
    whole = [one + [float(np.mean(one[-AHEAD:]))] * (longest - len(one)) for one in curves]
    return np.asarray(np.mean(whole, axis=0))


def load(name: str) -> Set:
    """Read a set; digits are split at random, the texts as their makers did."""
    if name == "digits":
        from sklearn.datasets import load_digits

        rows, label = load_digits(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(label))
        test = np.isin(np.arange(len(label)), order[:450])
        rows = (rows / 16.0).astype(np.float32)
    else:
        folder = Path(os.environ.get("GOLDSEAM_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "text"
        if not folder.exists():
            raise SystemExit(f"There is no {folder}: name the folder of real data by GOLDSEAM_DATA.")
        rows = np.load(folder / name / "minilm_f16.npy").astype(np.float32)
        with (folder / name / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            table = list(csv.DictReader(lines))
        label = np.unique([row["label"] for row in table], return_inverse=True)[1]
        test = np.array([row["split"] == "test" for row in table])
        kept = np.array([row["split"] != "val" for row in table])
        rows, label, test = rows[kept], label[kept], test[kept]
    return Set(rows[~test], label[~test], rows[test], label[test], int(label.max()) + 1)


def afresh(data: Set, seed: int) -> Set:
    """Return the set with another division into pool and test set."""
    rows, label = np.concatenate([data.pool, data.test]), np.concatenate([data.label, data.right])
    order = np.random.default_rng([20261121, seed]).permutation(len(label))
    test, pool = np.split(order, [int(TESTED * len(label))])
    return Set(rows[pool], label[pool], rows[test], label[test], data.n_labels)


def with_all(data: Set) -> float:
    """Return the accuracy of the model that has every label of the pool."""
    model = Model(data.pool.shape[1], data.n_labels)
    model.fit(data.pool, data.label)
    return accuracy(model, data)


def on_fresh_tests(name: str, chosen: Sequence[str], seeds: int) -> list[str]:
    """Return a line for each strategy: labels needed over all divisions, and how far the default leads it."""
    data = load(name)
    curves: dict[str, list[list[float]]] = {strategy: [] for strategy in chosen}
    for seed in range(seeds):
        divided = afresh(data, seed)
        full = with_all(divided)
        for strategy in chosen:
            found = run(divided, (STRATEGIES | OTHERS)[strategy], seed, SETS[name], full * SHARES[-1])
            curves[strategy].append([one / full for one in found])
    ours = early(curves[DEFAULT if DEFAULT in chosen else chosen[-1]])
    lines = []
    for strategy in chosen:
        lead = ours - early(curves[strategy])
        error = lead.std(ddof=1) / np.sqrt(seeds) if seeds > 1 else np.nan
        cells = " | ".join("–" if one is None else f"{one:,}" for one in needed(curves[strategy], 1.0))
        lines.append(f"| {name} | {seeds} | {strategy} | {cells} | {100 * lead.mean():+.2f} ± {100 * error:.2f} |")
    return lines


def early(curves: list[list[float]]) -> NDArray[np.float64]:
    """Return each run's mean over the first rounds; one that ended early keeps the mean of its last values."""
    kept = [one + [float(np.mean(one[-AHEAD:]))] * (EARLY - len(one)) for one in curves]
    return np.array([np.mean(one[:EARLY]) for one in kept])


def main() -> None:
    """Print the table, and write the curves."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--sets", default=",".join(SETS))
    arguments.add_argument("--strategies", default=",".join(STRATEGIES), help="by name, or beginnings of names")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument(
        "--fresh", action="store_true", help="a test set of its own for each run; nothing is written"
    )
    arguments.add_argument("--write", default="", help="a JSON file for the mean curves; other sets in it are kept")
    given = arguments.parse_args()
    known = STRATEGIES | OTHERS
    chosen = [name for name in known if any(name.startswith(one) for one in given.strategies.split(","))]
    if given.fresh:
        print(
            "| set | divisions | strategy | 95 % | 98 % | 99 % | lead of the default |\n|---|---:|---|---:|---:|---:|---:|"
        )
        for name in given.sets.split(","):
            print("\n".join(on_fresh_tests(name, chosen, given.seeds)), flush=True)
        return
    print("| set | full | strategy | 95 % | 98 % | 99 % | mean accuracy |\n|---|---:|---|---:|---:|---:|---:|")
    for name in given.sets.split(","):
        data = load(name)
        full = with_all(data)
        kept: dict[str, object] = {}
        for strategy in chosen:
            begin = time.process_time()
            enough = full * SHARES[-1] if strategy != "random" else np.inf
            curves = [run(data, known[strategy], seed, SETS[name], enough) for seed in range(given.seeds)]
            labels = needed(curves, full)
            mean = mean_curve(curves)
            kept[strategy] = {"curve": [round(one, 4) for one in mean.tolist()], "needed": labels}
            cells = " | ".join("–" if one is None else f"{one:,}" for one in labels)
            print(f"| {name} | {full:.3f} | {strategy} | {cells} | {mean[:EARLY].mean():.4f} |", flush=True)
            print(f"{name}: {strategy}: {time.process_time() - begin:.0f} s", file=sys.stderr)
        if given.write:
            file = Path(given.write)
            before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            row = {**before.get(name, {}), **kept, "full": round(full, 4), "seeds": given.seeds}
            file.write_text(json.dumps(before | {name: row}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
