"""GLAD: abilities found again, and what it calls difficult on a real crowd.

In: the real data sets where they are there; seeds. Out: glad-recovered.svg, glad-difficulty.svg.
Never: items sorted by anything that knows the gold.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, data, figure, save
from docs.figures.majority import crowd_with_gold
from scipy.special import expit

from goldseam.stats import truth
from goldseam.stats.votes import Votes

N_ITEMS, N_ANNOTATORS, N_LABELS, PER_ITEM = 2000, 60, 3, 10
PARTS = 8


def draw() -> list[Path]:
    """Draw both pictures; the second only where the real data is."""
    folder = data()
    return [_of_recovery()] + ([_of_difficulty(folder)] if folder is not None else [])


def _of_recovery() -> Path:
    rng = np.random.default_rng(7)
    ability, difficulty = rng.uniform(-0.3, 2.2, N_ANNOTATORS), np.exp(rng.normal(-1.0, 0.8, N_ITEMS))
    right = rng.integers(N_LABELS, size=N_ITEMS)
    who = rng.random((N_ITEMS, N_ANNOTATORS)).argsort(axis=1)[:, :PER_ITEM].ravel()
    item = np.repeat(np.arange(N_ITEMS), PER_ITEM)
    wrong = (right[item] + rng.integers(1, N_LABELS, len(item))) % N_LABELS
    hit = rng.random(len(item)) < expit(ability[who] / difficulty[item])
    found = truth.glad(Votes.from_arrays(item, who, np.where(hit, right[item], wrong)))
    drawn, (left, other) = figure(columns=2, width=8.2)
    for axes, true, ours, name in ((left, ability, found.ability, "ability of annotators"),
                                   (other, difficulty, found.difficulty, "difficulty of items")):  # fmt: skip
        ends = [min(true.min(), ours.min()), max(true.max(), ours.max())]
        axes.plot(ends, ends, color=COLORS[5], linewidth=0.8, linestyle=":")
        axes.scatter(true, ours, s=14 if len(true) < 100 else 2, color=COLORS[0])
        axes.set_xlabel("as drawn")
        axes.set_ylabel("as inferred")
        axes.set_title(name)
    other.set_xscale("log")
    other.set_yscale("log")
    return save(drawn, "glad-recovered")


def _of_difficulty(folder: Path) -> Path:
    drawn, axes = figure()
    for name, color in (
        ("rte", COLORS[0]),
        ("dog", COLORS[1]),
        ("sentiment_polarity", COLORS[2]),
        ("bluebirds", COLORS[3]),
    ):
        votes, item, gold = crowd_with_gold(folder / "crowd" / name)
        found = truth.glad(votes)
        order = np.argsort(found.difficulty[item], kind="stable")
        hits = (found.label[item] == gold)[order]
        shares = [part.mean() for part in np.array_split(hits, PARTS)]
        places = np.arange(1, PARTS + 1)
        axes.plot(places, shares, "o-", color=color, markersize=3)
        lower = -11 if name == "dog" else -3
        axes.annotate(name, (PARTS, shares[-1]), xytext=(6, lower), textcoords="offset points", color=color)
    axes.set_xlim(1, PARTS + 2)
    axes.set_xticks(range(1, PARTS + 1))
    axes.set_xlabel("items in eight parts, from the easiest by GLAD to the hardest")
    axes.set_title("Share of items right")
    return save(drawn, "glad-difficulty")
