"""How right truth inference is on real crowds, beside crowd-kit: `python -m bench.accuracy [SET ...] [--write] [--keep FOLDER]`.

In: the folder of real data (named by GOLDSEAM_DATA, or beside the repository). Out: tables of accuracy and
calibration, kept in docs/reference/accuracy.md with --write. Never: a tie decided in anyone's favor: it counts by halves.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import truth
from goldseam.stats.votes import Votes

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "accuracy.md"
SETS = (
    "sentiment_polarity", "rte", "snow_temp", "bluebirds", "dog", "labelme", "adult2", "fej2013", "product", "zencrowd_us",
    "weather_cf", "relevance4", "conll_ner_crowd", "cifar10n",
)  # fmt: skip
OURS: dict[str, Callable[[Votes], truth.Truth]] = {
    "infer": truth.infer,
    "majority": truth.majority,
    "weighted": truth.weighted,
    "dawid_skene": truth.dawid_skene,
    "one_coin": truth.one_coin,
}
PEERS = {
    "MajorityVote": 10**9, "Wawa": 10**9, "ZeroBasedSkill": 10**9, "DawidSkene": 10**9, "OneCoinDawidSkene": 10**9,
    "GLAD": 30_000, "MACE": 10**9, "MMSR": 10**9, "KOS": 200_000,
}  # fmt: skip
"""crowd-kit's methods, and above how many votes they take too long to be run."""
BINS, DRAWS, FLOOR, TIE = 15, 1000, 1e-6, 1e-9
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Set:
    """Votes, one per annotator and item, and the label of the items that have gold."""

    name: str
    votes: Votes
    item: NDArray[np.int64]
    gold: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """Whether each gold item is right (a tie by its share), its log loss, and the calibration error over all."""

    right: Array
    loss: float
    off: float

    @property
    def accuracy(self) -> float:
        """The share of right items."""
        return float(self.right.mean())


def main() -> int:
    """Measure, print, and keep if asked to; 2 where the data is missing."""
    asked = _arguments()
    named = os.environ.get("GOLDSEAM_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "crowd").is_dir():
        print(f"real data is not here: {data} has no folder 'crowd'; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    warnings.filterwarnings("ignore")
    scores: dict[str, dict[str, Score]] = {}
    for name in asked.sets or SETS:
        one = load(data / "crowd" / name)
        found = {method: score(one, ours(one.votes).posterior) for method, ours in OURS.items()}
        found |= {method: score(one, posterior) for method, posterior in peers(one, asked.keep)}
        scores[name] = found
        print(name, {method: round(s.accuracy, 4) for method, s in found.items()}, file=sys.stderr, flush=True)
    text = page(scores)
    print(text)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


def load(folder: Path) -> Set:
    """Read one set; votes by the same annotator on the same item count once, the last."""
    if (folder / "tokens_gold.csv.gz").exists():
        said = [("/".join([r[0], r[1], r[3], r[4]]), r[2], r[6]) for r in _rows(folder / "tokens_annotations.csv.gz")]
        known = {"/".join(r[:4]): r[5] for r in _rows(folder / "tokens_gold.csv.gz")}
    else:
        said = [(r[0], r[1], r[2]) for r in _rows(folder / "annotations.csv")]
        known = {r[0]: r[1] for r in _rows(folder / "gold.csv")}
    votes = Votes.from_arrays(*zip(*said, strict=True))
    codes = {label: code for code, label in enumerate(votes.labels)}
    items = {name: place for place, name in enumerate(votes.items.tolist())}
    found = np.array([(items[name], codes.get(label, -1)) for name, label in known.items() if name in items])
    return Set(folder.name, votes, found[:, 0], found[:, 1])


def score(one: Set, posterior: Array) -> Score:
    """Compare a posterior (n_items, n_labels) with gold; a gold label that nobody said is never right."""
    at = posterior[one.item]
    at = at / np.maximum(at.sum(axis=1, keepdims=True), FLOOR)
    place, label = np.arange(len(at)), np.maximum(one.gold, 0)
    tied = at >= at.max(axis=1, keepdims=True) - TIE
    right = np.where(one.gold >= 0, tied[place, label] / tied.sum(axis=1), 0.0)
    chance = np.where(one.gold >= 0, at[place, label], 0.0)
    sure = at.max(axis=1)
    bin_of = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    off = np.abs(np.bincount(bin_of, sure - right, BINS)).sum() / len(at)
    return Score(right, float(-np.log(np.maximum(chance, FLOOR)).mean()), float(off))


def peers(one: Set, keep: Path | None) -> Iterator[tuple[str, Array]]:
    """Yield crowd-kit's methods and their posteriors; a method that fails or would take too long is left out."""
    for name, most in PEERS.items():
        if one.votes.n_votes > most or (name == "KOS" and one.votes.n_labels != 2):
            continue
        kept = keep / f"{one.name}-{name}.npz" if keep else None
        if kept and kept.exists():
            posterior = np.load(kept)["posterior"]
        else:
            posterior = _peer(name, one.votes)
            if kept:
                np.savez_compressed(kept, posterior=posterior)
        if posterior.size and np.isfinite(posterior).all():
            yield name, posterior


def _peer(name: str, votes: Votes) -> Array:
    import pandas as pd
    from crowdkit import aggregation
    from crowdkit.aggregation.classification import wawa, zero_based_skill

    for module in (wawa, zero_based_skill):  # its check fails with today's scikit-learn; the fit itself is fine
        module.check_is_fitted = lambda *_, **__: None
    frame = pd.DataFrame({"task": votes.item, "worker": votes.annotator, "label": votes.label})
    options: dict[str, dict[str, Any]] = {
        "MACE": {"random_state": 0},
        "MMSR": {"random_state": 0},
        "KOS": {"random_state": 0},
    }
    method = getattr(aggregation, name)(**options.get(name, {}))
    posterior = np.zeros((votes.n_items, votes.n_labels))
    try:
        if hasattr(method, "fit_predict_proba"):
            table = method.fit_predict_proba(frame)
            table = table.reindex(index=range(votes.n_items), columns=range(votes.n_labels)).fillna(0.0)
            return np.asarray(table.to_numpy(), dtype=np.float64)
        said = method.fit_predict(frame)
    except Exception as error:  # whatever a peer raises, its cell stays empty
        print(f"{name} failed: {error!r}"[:120], file=sys.stderr)
        return np.zeros(0)
    posterior[said.index.to_numpy(), said.to_numpy().astype(np.int64)] = 1.0
    return posterior


def page(scores: dict[str, dict[str, Score]]) -> str:
    """Return the page: accuracy with bootstrap errors, log loss and calibration error."""
    peer_names = [name for name in PEERS if any(name in found for found in scores.values())]
    names = [*OURS, *peer_names]
    lines = [
        "# Accuracy of truth inference on real crowds",
        "",
        "Made by `python -m bench.accuracy --write`. Ties count by their share. One vote per annotator and item (the last).",
        "Names in small letters are ours, those in capitals crowd-kit's, with its default options; – where a method fails or",
        "would take too long. ± is the bootstrap's standard error over gold items of the lead on crowd-kit's best on that set,",
        "which is chosen by looking at the gold.",
        "",
        "## Accuracy",
        "",
        *_table(scores, names, lambda s: s.accuracy),
        "",
        "## Lead on crowd-kit's best",
        "",
        "| set | infer | crowd-kit's best | lead |",
        "|---|---|---|---|",
        *_leads(scores, peer_names),
        "",
        "## Log loss (chances are taken to be at least 0.000001)",
        "",
        *_table(scores, names, lambda s: s.loss),
        "",
        "## Expected calibration error (15 bins)",
        "",
        *_table(scores, names, lambda s: s.off),
    ]
    return "\n".join(lines) + "\n"


def _table(scores: dict[str, dict[str, Score]], names: list[str], of: Callable[[Score], float]) -> list[str]:
    lines = ["| set | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for name, found in scores.items():
        cells = [f"{of(found[m]):.3f}" if m in found else "–" for m in names]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    full = [[of(f[m]) for f in scores.values() if m in f] for m in names]
    means = [f"{np.mean(v):.4f}" if len(v) == len(scores) else f"{np.mean(v):.4f} ({len(v)})" for v in full]
    return [*lines, "| mean (sets, where not all) | " + " | ".join(means) + " |"]


def _leads(scores: dict[str, dict[str, Score]], peer_names: list[str]) -> list[str]:
    rng = np.random.default_rng(0)
    lines, ours, best = [], [], []
    for name, found in scores.items():
        there = [m for m in peer_names if m in found]
        if not there:
            continue
        top = max(there, key=lambda m: found[m].accuracy)
        gap = found["infer"].right - found[top].right
        drawn = [gap[rng.integers(0, len(gap), len(gap))].mean() for _ in range(DRAWS)]
        lead = f"{gap.mean():+.3f} ± {np.std(drawn):.3f}"
        lines.append(f"| {name} | {found['infer'].accuracy:.3f} | {found[top].accuracy:.3f} {top} | {lead} |")
        ours.append(found["infer"].accuracy)
        best.append(found[top].accuracy)
    if ours:
        lines.append(f"| mean | {np.mean(ours):.4f} | {np.mean(best):.4f} | {np.mean(ours) - np.mean(best):+.4f} |")
    return lines


def _rows(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description="Accuracy on real crowds.")
    parser.add_argument("sets", nargs="*", metavar="SET", help="by default all 14")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/reference/accuracy.md")
    parser.add_argument("--keep", type=Path, help="a folder to keep crowd-kit's posteriors in, so that they run once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
