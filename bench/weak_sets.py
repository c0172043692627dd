"""Sets of labeling functions with gold: shipped ones, ones made of words in real texts, and ones drawn.

In: the folder of real data, seeds. Out: votes and gold. Never: gold in the hands of a method.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int16]
Labels = NDArray[np.int64]


class WeakSet(NamedTuple):
    """Votes (n_rows, n_functions), -1 abstains; gold (n_rows,); the number of labels."""

    votes: Matrix
    gold: Labels
    n_labels: int


def shipped(folder: Path, name: str, split: str) -> WeakSet:
    """Return a split of one of the sets in ws/."""
    with np.load(folder / "ws" / name / "train.npz") as file:
        n_labels = int(file["y"].max()) + 1
    with np.load(folder / "ws" / name / f"{split}.npz") as file:
        return WeakSet(file["L"].astype(np.int16), file["y"].astype(np.int64), n_labels)


def rerun(folder: Path, split: str) -> WeakSet:
    """Return a split of sms with its functions run again on its texts.

    The shipped votes of its valid and test split belong to other texts; those of train are exactly what this gives.
    """
    source = (folder / "ws" / "sms" / "readme.txt").read_text(encoding="utf-8", errors="replace")
    rules = [line.split("\t") for line in source.splitlines() if re.match(r"(ham|spam)\t", line)]
    lines = (folder / "ws" / "sms" / f"{split}_text.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"].lower() for line in lines]
    votes = np.full((len(texts), len(rules)), -1, dtype=np.int16)
    for column, (label, pattern, *_) in enumerate(rules):
        found = re.compile(pattern)
        votes[[bool(found.search(text)) for text in texts], column] = int(label == "spam")
    return WeakSet(votes, shipped(folder, "sms", split).gold, 2)


# --- words in real texts ----------------------------------------------------------------------------------------------


@cache
def _words(folder: Path, name: str) -> tuple[NDArray[np.bool_], Labels]:
    """Return which words (in at least 8 texts) each text has, and the texts' labels."""
    (path,) = (folder / "text" / name).glob("*.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["label"] for row in rows})
    texts = [set(re.findall(r"[a-z']+", row["text"].lower())) for row in rows]
    common = {
        word: place for place, word in enumerate(w for w, n in Counter(w for t in texts for w in t).items() if n >= 8)
    }
    has = np.zeros((len(texts), len(common)), dtype=bool)
    for at, text in enumerate(texts):
        has[at, [common[word] for word in text if word in common]] = True
    return has, np.array([names.index(row["label"]) for row in rows])


def of_words(folder: Path, name: str, seed: int) -> WeakSet:
    """Return functions as a person in a hurry writes them: lists of words, more or less to the point, some nearly copied."""
    has, gold = _words(folder, name)
    n_labels = int(gold.max()) + 1
    rng = np.random.default_rng(seed)
    kept = rng.permutation(len(gold))[: rng.integers(1000, 5000)]
    if n_labels == 2 and rng.random() < 0.5:
        some = kept[gold[kept] == 1]
        kept = np.setdiff1d(kept, some[int(len(some) * rng.uniform(0.1, 0.4)) :])
    by_label = has[kept].T.astype(np.float32) @ np.eye(n_labels, dtype=np.float32)[gold[kept]]
    by_label = by_label * (by_label.sum(axis=1, keepdims=True) >= 4) + 1e-6
    total = by_label.sum(axis=1)
    precision, base = by_label / total[:, None], by_label.sum(axis=0) / by_label.sum()
    fit = [np.flatnonzero((precision[:, at] > 0.3) & (precision[:, at] > 1.2 * base[at])) for at in range(n_labels)]
    votes = np.full(
        (len(kept), int(rng.integers(8, 80) if n_labels < 20 else rng.integers(80, 250))), -1, dtype=np.int16
    )
    words, label = np.empty(0, dtype=np.int64), 0
    for column in range(votes.shape[1]):
        if column and rng.random() < 0.15:
            part = words[rng.random(len(words)) < 0.8]
            words = part if len(part) else words
        else:
            label = int(rng.choice([at for at in range(n_labels) if len(fit[at])]))
            care = min(float(rng.beta(4, 2.5)), float(precision[fit[label], label].max()))
            choice = fit[label][precision[fit[label], label] >= care]
            chance = np.sqrt(total[choice])
            size = min(int(rng.integers(1, 25 if n_labels < 20 else 4)), len(choice))
            words = rng.choice(choice, size, replace=False, p=chance / chance.sum())
        votes[has[np.ix_(kept, words)].any(axis=1), column] = label
    return WeakSet(votes, gold[kept], n_labels)


# --- drawn ------------------------------------------------------------------------------------------------------------


def of_topics(seed: int) -> WeakSet:
    """Return functions that fire by topic, three to a label, so that they are wrong together; some are nearly copied."""
    rng = np.random.default_rng(seed)
    n_labels = int(rng.choice([2, 2, 2, 3, 4, 6, 10]))
    n, n_functions = int(rng.integers(1000, 6000)), int(rng.integers(5, 60))
    shares = np.maximum(rng.dirichlet(np.full(n_labels, rng.choice([1.0, 5, 50]))), 0.03)
    gold = rng.choice(n_labels, n, p=shares / shares.sum())
    topic = rng.integers(0, 3, n) + 3 * gold
    common = np.bincount(topic, minlength=3 * n_labels) / n
    votes = np.full((n, n_functions), -1, dtype=np.int16)
    for column in range(n_functions):
        if column and rng.random() < 0.15:
            votes[:, column] = votes[:, rng.integers(column)]
            votes[rng.random(n) < rng.uniform(0, 0.3), column] = -1
            continue
        label, coverage = int(rng.integers(n_labels)), rng.beta(1, 4) * 0.6 + 0.01
        precision = float(np.clip(rng.beta(6, 2.5), 0, 1))
        if rng.random() < 0.25:
            skill = np.clip(rng.uniform(1 / n_labels + 0.05, 0.95) + rng.normal(0, 0.1, 3 * n_labels), 0.05, 0.98)
            speaks, right = rng.random(n) < coverage, rng.random(n) < skill[topic]
            votes[speaks, column] = np.where(right, gold, rng.integers(0, n_labels, n))[speaks]
            continue
        rate = rng.gamma(0.6, 1, 3 * n_labels)
        own = np.arange(3 * n_labels) // 3 == label
        rate[own] *= precision / max(float((rate * common)[own].sum()), 1e-9)
        rate[~own] *= (1 - precision) / max(float((rate * common)[~own].sum()), 1e-9)
        votes[rng.random(n) < np.clip(rate * coverage, 0, 0.97)[topic], column] = label
    return WeakSet(votes, gold, n_labels)


def of_few_positives(seed: int) -> WeakSet:
    """Return independent functions on items of which 3 to 15 in 100 are positive."""
    rng = np.random.default_rng(1000 + seed)
    n, n_functions, share = int(rng.integers(2000, 8000)), int(rng.integers(5, 20)), rng.uniform(0.03, 0.15)
    gold = (rng.random(n) < share).astype(np.int64)
    votes = np.full((n, n_functions), -1, dtype=np.int16)
    for column in range(n_functions):
        speaks = rng.random(n) < rng.uniform(0.3, 1)
        if seed % 2:
            right = rng.random(n) < rng.uniform(0.7, 0.95)
        else:
            right = rng.random(n) < np.where(gold == 1, rng.uniform(0.4, 0.9), rng.uniform(0.85, 0.99))
        votes[speaks, column] = np.where(right, gold, 1 - gold)[speaks]
    return WeakSet(votes, gold, 2)


def collections(folder: Path | None) -> dict[str, list[Any]]:
    """Return functions that make the sets, by kind."""
    found: dict[str, list[Any]] = {
        "topics": [partial(of_topics, seed) for seed in range(30)],
        "few positives": [partial(of_few_positives, seed) for seed in range(24)],
    }
    if folder is not None:
        for name in ("sst2", "agnews7k"):
            found[f"words, {name}"] = [partial(of_words, folder, name, seed) for seed in range(16)]
    return found
