"""How right label models are, beside counting votes and other models: `python -m bench.weak_accuracy`.

In: the real data sets where they are there (GOLDSEAM_DATA), sets drawn from stated seeds; Snorkel where it is installed. Out:
tables on the terminal. Never: an option chosen by looking at the gold, or a fit on the rows that are scored for test.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.weak_sets import WeakSet, collections, rerun, shipped
from goldseam.stats import truth, weak
from goldseam.stats.votes import Votes

Array = NDArray[Any]
Model = Callable[[Array], Array]
"""A fitted method: from votes to posteriors."""


def data() -> Path | None:
    """Return the folder of real data sets, or None where it is not there."""
    named = os.environ.get("GOLDSEAM_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if (folder / "ws").is_dir() else None


def counted(train: WeakSet) -> Model:
    """Return the share of the votes; ties, and rows without votes, lean to the label with more votes in train."""
    labels = range(train.n_labels)
    popular = np.array([(train.votes == label).sum() for label in labels]) / train.votes.size

    def model(votes: Array) -> Array:
        counts = np.stack([(votes == label).sum(axis=1) for label in labels], axis=1) + 1e-6 * popular + 1e-9
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    return model


def ours(train: WeakSet) -> Model:
    """Return the default label model."""
    fitted = weak.label_model(train.votes, labels=range(train.n_labels))
    return lambda votes: fitted.predict(votes).posterior


def ours_blind(train: WeakSet) -> Model:
    """Return the label model that takes functions to be independent."""
    fitted = weak.label_model(train.votes, labels=range(train.n_labels), correlations=None)
    return lambda votes: fitted.predict(votes).posterior


def ours_told(train: WeakSet) -> Model:
    """Return the label model that is told the shares of the labels."""
    shares = np.bincount(train.gold, minlength=train.n_labels) / len(train.gold)
    fitted = weak.label_model(train.votes, labels=range(train.n_labels), prior=shares)
    return lambda votes: fitted.predict(votes).posterior


def dawid_skene(train: WeakSet) -> Model:
    """Return Dawid-Skene on the votes; it has no model for new rows, so it is fitted on the rows asked about and train."""

    def model(votes: Array) -> Array:
        both = Votes.from_matrix(np.concatenate([train.votes, votes]), labels=range(train.n_labels))
        return truth.dawid_skene(both).posterior[len(train.votes) :]

    return model


def snorkel(train: WeakSet) -> Model:
    """Return Snorkel's label model as it comes."""
    from snorkel.labeling.model import LabelModel

    fitted = LabelModel(cardinality=train.n_labels, verbose=False)
    fitted.fit(train.votes.astype(int), seed=0, progress_bar=False)
    return lambda votes: np.asarray(fitted.predict_proba(votes.astype(int)))


METHODS: dict[str, Callable[[WeakSet], Model]] = {
    "majority": counted,
    "Dawid-Skene": dawid_skene,
    "Snorkel": snorkel,
    "label model": ours,
    "  no correlations": ours_blind,
    "  shares told": ours_told,
}


def f1(label: Array, gold: Array) -> float:
    """Return the F1 of label 1."""
    both = ((label == 1) & (gold == 1)).sum()
    return float(2 * both / max(int((label == 1).sum() + (gold == 1).sum()), 1))


def scores(posterior: Array, rows: WeakSet, *, by_f1: bool) -> list[float]:
    """Return accuracy or F1, accuracy where a function votes, log loss, and expected calibration error in ten bins."""
    label, gold = posterior.argmax(axis=1), rows.gold
    right, spoken = label == gold, (rows.votes >= 0).any(axis=1)
    loss = -np.log(np.clip(posterior[np.arange(len(gold)), gold], 1e-9, 1)).mean()
    sure = posterior.max(axis=1)
    part = np.minimum((sure * 10).astype(int), 9)
    gap = sum(abs((sure[part == at] - right[part == at]).sum()) for at in range(10)) / len(gold)
    return [f1(label, gold) if by_f1 else float(right.mean()), float(right[spoken].mean()), float(loss), float(gap)]


def main() -> int:
    """Print the tables."""
    folder = data()
    if folder is None:
        print("the real data is not here; set GOLDSEAM_DATA to its folder", file=sys.stderr)
    else:
        for name in ("youtube", "sms", "sms, functions run again", "trec", "semeval"):
            measure = "F1" if name.startswith("sms") else "accuracy"
            print(
                f"\n{name}: {measure}, accuracy where a function votes, log loss, calibration error; train, valid, test"
            )
            _real(folder, name)
    for kind, makers in collections(folder).items():
        measure = "F1" if kind == "few positives" else "accuracy"
        print(
            f"\n{kind}, {len(makers)} sets: {measure} where a function votes, worst beside majority, log loss, calibration"
        )
        _drawn([make() for make in makers], by_f1=kind == "few positives")
    return 0


def _real(folder: Path, name: str) -> None:
    splits = {
        split: rerun(folder, split) if "again" in name else shipped(folder, name, split)
        for split in ("train", "valid", "test")
    }
    for method, fit in METHODS.items():
        try:
            model = fit(splits["train"])
        except ImportError:
            continue
        found = [scores(model(rows.votes), rows, by_f1=name.startswith("sms")) for rows in splits.values()]
        print(f"  {method:<18}" + "   ".join("  ".join(f"{value:6.3f}" for value in row) for row in found), flush=True)


def _drawn(sets: list[WeakSet], *, by_f1: bool) -> None:
    base: list[float] = []
    for method, fit in METHODS.items():
        found, losses, gaps = [], [], []
        for rows in sets:
            try:
                posterior = fit(rows)(rows.votes)
            except ImportError:
                break
            kept = (rows.votes >= 0).any(axis=1)
            part = WeakSet(rows.votes[kept], rows.gold[kept], rows.n_labels)
            score, _, loss, gap = scores(posterior[kept], part, by_f1=by_f1)
            found.append(score)
            losses.append(loss)
            gaps.append(gap)
        if not found:
            continue
        base = base or found
        worst = min(one - other for one, other in zip(found, base, strict=True))
        print(
            f"  {method:<18}{np.mean(found):6.3f}  {worst:+6.3f}  {np.mean(losses):6.3f}  {np.mean(gaps):6.3f}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
