"""Pictures of truth from numbers: what gross errors do, and who can be believed in a real crowd.

In: seeds; the set `emotion_numeric` where it is there. Out: numbers-errors.svg, numbers-annotators.svg.
Never: a picture of data that is not there.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from docs.figures import house

from goldseam.stats.truth import numbers

SHARES = (0.0, 0.02, 0.05, 0.08, 0.12)


def draw() -> list[Path]:
    """Draw what there is data for."""
    drawn = [_errors()]
    folder = house.data()
    if folder is not None and (folder / "crowd" / "emotion_numeric").is_dir():
        drawn.append(_annotators(folder / "crowd" / "emotion_numeric"))
    return drawn


def _errors() -> Path:
    """Error of mean, median and `numbers` against the share of gross errors, over ten crowds each."""
    found = np.array([np.mean([_missed(share, seed) for seed in range(10)], axis=0) for share in SHARES])
    figure, axes = house.figure(width=6.0)
    for column, name in ((2, "numbers"), (1, "median"), (0, "mean")):
        axes.plot(100 * np.array(SHARES), found[:, column], marker="o", label=name, color=house.COLORS[2 - column])
    axes.set_yscale("log")
    axes.set_xlabel("votes that are slips of the pen, %")
    axes.set_ylabel("root mean squared error")
    axes.set_title("300 items, 6 votes each, 30 annotators")
    axes.legend()
    return house.save(figure, "numbers-errors")


def _missed(share: float, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(50, 10, 300)
    item = np.repeat(np.arange(300), 6)
    annotator = np.concatenate([rng.permutation(30)[:6] for _ in range(300)])
    bias, scale, noise = rng.normal(0, 5, 30), rng.normal(1, 0.3, 30), rng.uniform(2, 8, 30)
    value = 50 + scale[annotator] * (truth[item] - 50) + bias[annotator] + rng.normal(size=1800) * noise[annotator]
    slips = rng.random(1800) < share
    value[slips] = rng.choice([0.0, 500.0, 1000.0], slips.sum())
    table = value[np.argsort(item, kind="stable")].reshape(300, 6)
    estimates = (table.mean(axis=1), np.median(table, axis=1), numbers(item, annotator, value).value)
    return [float(np.sqrt(np.mean((one - truth) ** 2))) for one in estimates]


def _annotators(folder: Path) -> Path:
    """Reliability as inferred without gold, against each annotator's correlation with gold."""
    with (folder / "annotations.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    with (folder / "gold.csv").open(newline="") as file:
        gold = {item: float(value) for item, value in list(csv.reader(file))[1:]}
    item, annotator, value = (
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.array([float(row[2]) for row in rows]),
    )
    found = numbers(item, annotator, value)
    known, who = np.array([gold[one] for one in item]), np.array(annotator)
    right = [np.corrcoef(value[who == one], known[who == one])[0, 1] for one in found.annotators]
    votes = np.array([(who == one).sum() for one in found.annotators])
    figure, axes = house.figure(width=5.0, height=4.2)
    axes.scatter(found.reliability, right, s=votes / 4, color=house.COLORS[0], edgecolor="white")
    axes.set_xlabel("reliability, inferred without gold")
    axes.set_ylabel("correlation with gold")
    axes.set_title("38 annotators of emotion_numeric (area: votes)")
    return house.save(figure, "numbers-annotators")
