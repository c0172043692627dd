"""One coin: its accuracies beside those measured on gold, and how few votes per annotator it needs.

In: the real data sets where they are there; seeds. Out: one_coin-accuracy.svg, one_coin-votes.svg.
Never: an annotator left out for being off the line; those with few gold items are, and the caption says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, data, figure, save
from docs.figures.majority import crowd_with_gold

from goldseam.stats import truth
from goldseam.stats.votes import Votes

LEAST = 20
"""Annotators with fewer votes on gold items are not shown: their accuracy on gold is itself a guess."""
N_ITEMS, PER_ITEM, N_LABELS, DRAWS = 600, 5, 5, 10


def draw() -> list[Path]:
    """Draw both pictures; the first only where the real data is."""
    folder = data()
    return ([_of_accuracy(folder)] if folder is not None else []) + [_of_votes()]


def measured(votes: Votes, item: np.ndarray, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each annotator's votes on gold items, and the share of these that are right."""
    label = np.full(votes.n_items, -2)
    label[item] = gold
    on_gold = label[votes.item] > -2
    many = np.bincount(votes.annotator[on_gold], minlength=votes.n_annotators)
    hits = np.bincount(votes.annotator, weights=label[votes.item] == votes.label, minlength=votes.n_annotators)
    return many, hits / np.maximum(many, 1)


def _of_accuracy(folder: Path) -> Path:
    drawn, both = figure(columns=2, width=8.2)
    for axes, name in zip(both, ("rte", "bluebirds"), strict=True):
        votes, item, gold = crowd_with_gold(folder / "crowd" / name)
        many, share = measured(votes, item, gold)
        shown = many >= LEAST
        found = truth.one_coin(votes)
        axes.plot([0, 1], [0, 1], color=COLORS[5], linewidth=0.8, linestyle=":")
        axes.scatter(share[shown], found.reliability[shown], s=14, color=COLORS[0])
        axes.set_xlabel("share right on gold")
        axes.set_ylabel("accuracy inferred without gold")
        axes.set_xlim(0.2, 1.02)
        axes.set_ylim(0, 1.02)
        axes.set_title(f"{name}: {int(shown.sum())} annotators")
    return save(drawn, "one_coin-accuracy")


def crowd_of(n_annotators: int, rng: np.random.Generator) -> tuple[Votes, np.ndarray]:
    """Draw five votes an item over five labels; errors fall on all other labels alike."""
    right = rng.integers(N_LABELS, size=N_ITEMS)
    skill = rng.uniform(0.3, 0.9, n_annotators)
    who = rng.random((N_ITEMS, n_annotators)).argsort(axis=1)[:, :PER_ITEM].ravel()
    item = np.repeat(np.arange(N_ITEMS), PER_ITEM)
    wrong = (right[item] + rng.integers(1, N_LABELS, len(item))) % N_LABELS
    label = np.where(rng.random(len(item)) < skill[who], right[item], wrong)
    return Votes.from_arrays(item, who, label, items=range(N_ITEMS), labels=range(N_LABELS)), right


def _of_votes() -> Path:
    drawn, axes = figure()
    sizes = (5, 10, 20, 40, 80, 160, 320, 640)
    each = [N_ITEMS * PER_ITEM / size for size in sizes]
    for name, color in (("majority", COLORS[5]), ("one_coin", COLORS[0]), ("dawid_skene", COLORS[1])):
        means = []
        for size in sizes:
            crowds = [crowd_of(size, np.random.default_rng(seed)) for seed in range(DRAWS)]
            means.append(np.mean([(truth.METHODS[name](votes).label == right).mean() for votes, right in crowds]))
        axes.plot(each, means, "o-", color=color, markersize=3, label=name)
    axes.set_xscale("log")
    axes.legend()
    axes.set_xlabel("votes per annotator")
    axes.set_title("Share of items right; five labels, five votes an item, errors fall anywhere")
    return save(drawn, "one_coin-votes")
