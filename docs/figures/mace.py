"""MACE: its trust beside accuracy on gold, and what annotators who say the same always do to it and to others.

In: the real data sets where they are there; seeds. Out: mace-trust.svg, mace-same.svg.
Never: an annotator left out for being off the line; those with few gold items are, and the caption says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, data, figure, save
from docs.figures.majority import crowd_with_gold
from docs.figures.one_coin import LEAST, measured

from goldseam.stats import truth
from goldseam.stats.votes import Votes

N_ITEMS, HONEST, SKILL, DRAWS = 500, 5, 0.75, 10


def draw() -> list[Path]:
    """Draw both pictures; the first only where the real data is."""
    folder = data()
    return ([_of_trust(folder)] if folder is not None else []) + [_of_the_same()]


def _of_trust(folder: Path) -> Path:
    drawn, both = figure(columns=2, width=8.2)
    for axes, name in zip(both, ("rte", "dog"), strict=True):
        votes, item, gold = crowd_with_gold(folder / "crowd" / name)
        many, share = measured(votes, item, gold)
        shown = many >= LEAST
        found = truth.mace(votes)
        chance = 1 / votes.n_labels
        axes.plot([chance, 1], [0, 1], color=COLORS[5], linewidth=0.8, linestyle=":")
        axes.scatter(share[shown], found.trust[shown], s=14, color=COLORS[0])
        axes.set_xlabel("share right on gold")
        axes.set_ylabel("trust")
        axes.set_title(f"{name}: {int(shown.sum())} annotators")
    return save(drawn, "mace-trust")


def crowd_of(same: int, rng: np.random.Generator) -> tuple[Votes, np.ndarray]:
    """Draw annotators who are right with the same chance about two labels, and `same` who nearly always say the second."""
    right = (rng.random(N_ITEMS) < 0.4).astype(int)
    honest = np.where(rng.random((N_ITEMS, HONEST)) < SKILL, right[:, None], 1 - right[:, None])
    lazy = (rng.random((N_ITEMS, same)) < 0.95).astype(int)
    return Votes.from_matrix(np.column_stack([honest, lazy]), labels=[0, 1]), right


def _of_the_same() -> Path:
    drawn, axes = figure()
    sizes = range(9)
    lines = {"majority": COLORS[5], "one_coin": COLORS[2], "dawid_skene": COLORS[1], "mace": COLORS[0]}
    for name, color in lines.items():
        means = []
        for same in sizes:
            crowds = [crowd_of(same, np.random.default_rng(seed)) for seed in range(DRAWS)]
            means.append(np.mean([(truth.METHODS[name](votes).label == right).mean() for votes, right in crowds]))
        axes.plot(list(sizes), means, "o-", color=color, markersize=3, label=name)
    axes.legend(loc="lower left")
    axes.set_ylim(0.3, 1)
    axes.set_xlabel("annotators who nearly always say the second label, beside five who are right 75 % of the time")
    axes.set_title("Share of items right")
    return save(drawn, "mace-same")
