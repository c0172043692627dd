"""Alpha: of real crowds with intervals, and what a dominant label does to it.

In: the real data sets where they are there; a seed. Out: alpha-crowds.svg, alpha-dominant.svg. Never: a set left out for
its value.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import agreement
from goldseam.stats.votes import Votes

SETS = (
    "relevance4", "bluebirds", "product", "snow_temp", "rte", "adult2", "zencrowd_us", "sentiment_polarity", "dog", "weather_cf",
    "labelme", "cifar10n", "fej2013",
)  # fmt: skip
N_ITEMS, N_ANNOTATORS, ACCURACY = 20_000, 4, 0.9


def crowd(folder: Path) -> Votes:
    """Return the votes of a real crowd."""
    with (folder / "annotations.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return Votes.from_arrays(*zip(*rows, strict=True))


def drawn(share: float, rng: np.random.Generator) -> Votes:
    """Draw votes of annotators who are right with the same chance about both labels, the first having this share."""
    truth = (rng.random((N_ITEMS, 1)) >= share).astype(int)
    right = rng.random((N_ITEMS, N_ANNOTATORS)) < ACCURACY
    return Votes.from_matrix(np.where(right, truth, 1 - truth), labels=[0, 1])


def draw() -> list[Path]:
    """Draw both pictures; the first only where the real data is."""
    folder = data()
    return ([_of_crowds(folder)] if folder is not None else []) + [_of_dominance()]


def _of_crowds(folder: Path) -> Path:
    drawn_figure, axes = figure(height=4.2)
    found = []
    for name in SETS:
        votes = crowd(folder / "crowd" / name)
        bounds = agreement.interval(votes, rng=np.random.default_rng(0), draws=1000)
        found.append((agreement.alpha(votes).value or 0.0, name, bounds))
    found.sort(key=lambda each: each[0])
    for place, (value, _, bounds) in enumerate(found):
        axes.plot([bounds.low, bounds.high], [place, place], color=COLORS[0], linewidth=3, solid_capstyle="butt")
        axes.plot([value], [place], "o", color=COLORS[0], markersize=5)
        axes.annotate(f"{value:.2f}", (bounds.high, place), xytext=(6, -3), textcoords="offset points", fontsize=8)
    for bound, word in ((0.667, "tentative"), (0.8, "reliable")):
        axes.axvline(bound, color=COLORS[5], linewidth=0.8, linestyle=":")
        axes.annotate(word, (bound, 0), xytext=(4, 0), textcoords="offset points", color=COLORS[5], fontsize=8)
    axes.set_yticks(range(len(found)), [name for _, name, _ in found])
    axes.set_xlim(0, 1)
    axes.set_xlabel("alpha, nominal, with 95 % bootstrap interval")
    axes.set_title("How far real crowds agree")
    return save(drawn_figure, "alpha-crowds")


def _of_dominance() -> Path:
    shares = np.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99])
    rng = np.random.default_rng(1)
    crowds = [drawn(share, rng) for share in shares]
    drawn_figure, axes = figure()
    statistics = {"share of agreeing pairs": agreement.percent, "AC1": agreement.gwet_ac1, "alpha": agreement.alpha}
    for (name, statistic), color in zip(statistics.items(), (COLORS[5], COLORS[1], COLORS[0]), strict=True):
        values = [statistic(votes).value for votes in crowds]
        axes.plot(shares, values, "o-", color=color, markersize=3)
        axes.annotate(name, (shares[-1], values[-1]), xytext=(6, -3), textcoords="offset points", color=color)
    axes.set_ylim(0, 1)
    axes.set_xlim(0.5, 1.12)
    axes.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    axes.set_xlabel("share of items with the more frequent label")
    axes.set_title(f"The same annotators, right {ACCURACY:.0%} of the time: only the labels' shares change")
    return save(drawn_figure, "alpha-dominant")
