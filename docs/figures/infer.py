"""The default method: how right it is on real crowds, and whether its confidence means what it says.

In: the real data sets where they are there. Out: infer-accuracy.svg, infer-calibration.svg. Never: a set left out for its value.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import truth
from goldseam.stats.votes import Votes

SETS = (
    "relevance4", "adult2", "labelme", "dog", "bluebirds", "fej2013", "weather_cf", "zencrowd_us", "sentiment_polarity",
    "cifar10n", "rte", "product", "snow_temp", "conll_ner_crowd",
)  # fmt: skip
METHODS = {
    "infer": truth.infer,
    "Dawid-Skene": truth.dawid_skene,
    "one-coin": truth.one_coin,
    "majority": truth.majority,
}
BINS = 10


def crowd(folder: Path) -> tuple[Votes, Any, Any]:
    """Return the votes of a real crowd, and place and label of the items that have gold."""
    if (folder / "tokens_gold.csv.gz").exists():
        said = [("/".join([r[0], r[1], r[3], r[4]]), r[2], r[6]) for r in rows(folder / "tokens_annotations.csv.gz")]
        known = {"/".join(r[:4]): r[5] for r in rows(folder / "tokens_gold.csv.gz")}
    else:
        said = [(r[0], r[1], r[2]) for r in rows(folder / "annotations.csv")]
        known = {r[0]: r[1] for r in rows(folder / "gold.csv")}
    votes = Votes.from_arrays(*zip(*said, strict=True))
    place = {name: index for index, name in enumerate(votes.items.tolist())}
    code = {label: index for index, label in enumerate(votes.labels)}
    found = np.array([(place[name], code.get(label, -1)) for name, label in known.items() if name in place])
    return votes, found[:, 0], found[:, 1]


def rows(path: Path) -> list[list[str]]:
    """Return the rows below the head."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(newline="") as file:
        return list(csv.reader(file))[1:]


def draw() -> list[Path]:
    """Draw both pictures, where the real data is."""
    folder = data()
    if folder is None:
        return []
    right: dict[str, list[float]] = {name: [] for name in METHODS}
    bins = {name: np.zeros((3, BINS)) for name in METHODS}
    for one in SETS:
        votes, item, gold = crowd(folder / "crowd" / one)
        for name, method in METHODS.items():
            found = method(votes)
            sure, hit = found.confidence[item], found.label[item] == gold
            right[name].append(float(hit.mean()))
            place = np.minimum((sure * BINS).astype(int), BINS - 1)
            for row, values in enumerate((np.ones(len(item)), sure, hit)):
                bins[name][row] += np.bincount(place, values, BINS) / len(item)  # every set weighs the same
    return [_accuracy(right), _calibration(bins)]


def _accuracy(right: dict[str, list[float]]) -> Path:
    drawn, axes = figure(height=4.4)
    for index, (name, values) in enumerate(right.items()):
        axes.plot(
            values,
            range(len(SETS)),
            "o",
            color=COLORS[index],
            label=name,
            markersize=7 if index == 0 else 5,
            zorder=9 - index,
        )
    axes.set_yticks(range(len(SETS)), SETS)
    axes.set_xlabel("accuracy")
    axes.grid(axis="y", alpha=0.25)
    axes.legend(loc="upper left")
    axes.set_title("Each single method falls somewhere; the default stays near the best")
    return save(drawn, "infer-accuracy")


def _calibration(bins: dict[str, Any]) -> Path:
    drawn, axes = figure(width=5.0, height=4.2)
    axes.plot([0.3, 1], [0.3, 1], color="#5f6b73", linewidth=0.8)
    for index, (name, (many, sure, hit)) in enumerate(bins.items()):
        there = many > 0.05  # of 14 sets: fewer items make no point
        axes.plot(
            sure[there] / many[there], hit[there] / many[there], "o-", color=COLORS[index], label=name, zorder=9 - index
        )
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that is right")
    axes.legend(loc="upper left")
    axes.set_title("What 'sure' means, over 14 crowds")
    return save(drawn, "infer-calibration")


if __name__ == "__main__":
    draw()
