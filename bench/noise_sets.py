"""Label sets whose errors are known: labels, a model's out-of-fold probabilities, and the truth.

In: the folder of real data. Out: `Labeled` sets. Never: a model's probability of an item that it was fitted to.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import truth
from goldseam.stats.votes import Votes

SEED = 20261121
MOST = 4_000


@dataclass(frozen=True, slots=True)
class Labeled:
    """Labels given, probabilities (n, k), and which labels are wrong, for the items that were checked."""

    name: str
    label: NDArray[Any]
    proba: NDArray[Any]
    checked: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    features: NDArray[Any] | None = None
    votes: Votes | None = None


def mnist(data: Path) -> Labeled:
    """MNIST's test labels; five or more people looked at 100 of them, and for 15 fewer than three kept the label given."""
    held = np.load(data / "label_errors" / "mnist_test" / "data.npz")
    reviews = json.loads((data / "label_errors" / "mnist_test" / "mturk.json").read_text(encoding="utf-8"))
    checked = np.array([review["id"] for review in reviews])
    wrong = np.array([review["mturk"]["given"] < 3 for review in reviews])
    return Labeled("mnist_test", held["labels"], held["pred_probs"], checked, wrong)


def imdb(data: Path) -> tuple[NDArray[Any], NDArray[Any], list[dict[str, Any]]]:
    """IMDB's test labels, probabilities, and reviews of 1,310 items; which rows these are the source does not say here."""
    held = np.load(data / "label_errors" / "imdb_test" / "data.npz")
    reviews = json.loads((data / "label_errors" / "imdb_test" / "mturk.json").read_text(encoding="utf-8"))
    return held["labels"], held["pred_probs"], reviews


def crowd(data: Path, name: str, *, single: bool = False) -> Labeled:
    """A crowd's labels: by majority, or of one vote an item drawn at random; the model is fitted to these labels."""
    votes, gold = _votes(data / "crowd" / name)
    if single:
        order = np.random.default_rng(SEED).permutation(votes.n_votes)
        first = np.zeros(votes.n_items, dtype=np.int64)
        first[votes.item[order]] = order
        label = votes.label[first]
    else:
        label = truth.majority(votes).label
    if name == "labelme":
        features = np.load(data / "crowd" / name / "features_train.npy")[votes.items.astype(int)]
        proba = out_of_fold(features, label, strength=0.01)
    else:
        features = None
        texts = {row["task"]: row["text"] for row in _rows(data / "crowd" / name / "items.csv")}
        proba = out_of_fold_text([texts[str(item)] for item in votes.items.tolist()], label)
    full = f"{name}, {'one vote' if single else 'majority'}"
    wrong = label != gold
    return Labeled(full, label, proba, np.arange(len(label)), wrong, features, votes)


def planted(data: Path, name: str, share: float) -> Labeled:
    """A text set with errors planted: each label is mistaken for two others, some labels more often than others."""
    folder = data / "text" / name
    names, gold = np.unique([row["label"] for row in _rows(folder / f"{name}.csv")], return_inverse=True)
    features = np.load(folder / "minilm_f16.npy").astype(np.float32)
    rng = np.random.default_rng(SEED)
    some = rng.permutation(len(gold))[:MOST]
    gold, features, k = gold[some], features[some], len(names)
    others = np.array([rng.permutation(np.delete(np.arange(k), label))[[0, min(1, k - 2)]] for label in range(k)])
    flipped = rng.random(len(gold)) < (share * rng.uniform(0.3, 1.7, k))[gold]
    label = np.where(flipped, others[gold, rng.integers(0, 2, len(gold))], gold)
    proba = out_of_fold(features, label, strength=10.0)
    return Labeled(f"{name}, {share:.0%} planted", label, proba, np.arange(len(label)), label != gold, features)


def sets(data: Path) -> Iterator[Labeled]:
    """Yield every set on which lists of items are compared."""
    yield mnist(data)
    for name in ("labelme", "sentiment_polarity"):
        yield crowd(data, name)
        yield crowd(data, name, single=True)
    for name in ("trec6", "agnews7k", "sst2", "banking77"):
        for share in (0.05, 0.15):
            yield planted(data, name, share)


def out_of_fold(features: NDArray[Any], label: NDArray[Any], *, strength: float) -> NDArray[np.float64]:
    """Return the probabilities of a linear model, five folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    linear = LogisticRegression(C=strength, max_iter=500)
    return _folded(make_pipeline(StandardScaler(), linear) if strength < 1 else linear, features, label)


def out_of_fold_text(texts: list[str], label: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probabilities of a linear model on words and pairs of words, five folds."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return _folded(make_pipeline(words, LogisticRegression(C=3.0, max_iter=500)), texts, label)


def _folded(model: Any, inputs: Any, label: NDArray[Any]) -> NDArray[np.float64]:  # noqa: ANN401 - a classifier and its input
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(model, inputs, label, cv=folds, method="predict_proba"), dtype=np.float64)


def _votes(folder: Path) -> tuple[Votes, NDArray[np.int64]]:
    rows = list(_rows(folder / "annotations.csv"))
    items, annotators, labels = ([row[key] for row in rows] for key in ("task", "worker", "label"))
    votes = Votes.from_arrays([int(item) for item in items], annotators, labels)
    gold = {int(row["task"]): row["gold"] for row in _rows(folder / "gold.csv")}
    return votes, np.array([votes.labels.index(gold[item]) for item in votes.items.tolist()])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
