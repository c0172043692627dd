"""Majority: how right it gets with more votes, on paper and on real crowds, beside methods that weigh votes.

In: the real data sets where they are there; seeds. Out: majority-votes.svg, majority-guessers.svg.
Never: a tie given to the right label; it counts as a share.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, data, figure, save
from scipy.stats import binom

from goldseam.stats import truth
from goldseam.stats.votes import Votes

METHODS = {"majority": COLORS[5], "weighted": COLORS[1], "one_coin": COLORS[2], "dawid_skene": COLORS[0]}
DRAWS = 20


def crowd_with_gold(folder: Path) -> tuple[Votes, np.ndarray, np.ndarray]:
    """Return a real crowd's votes, the indices of the items with gold, and the label index of each (-1: never said)."""
    columns = []
    for name in ("annotations.csv", "gold.csv"):
        with (folder / name).open(newline="") as file:
            columns.append(list(zip(*list(csv.reader(file))[1:], strict=True)))
    votes = Votes.from_arrays(*columns[0])
    places = {name: index for index, name in enumerate(votes.items.tolist())}
    codes = {name: index for index, name in enumerate(votes.labels)}
    known = [(places[item], codes.get(label, -1)) for item, label in zip(*columns[1], strict=True) if item in places]
    item, gold = np.array(known).T
    return votes, item, gold


def share_right(found: truth.Truth, item: np.ndarray, gold: np.ndarray) -> float:
    """Return the share of gold that a posterior has right; labels that tie share the item."""
    posterior = found.posterior[item]
    best = posterior > posterior.max(axis=1, keepdims=True) - 1e-9
    hit = np.take_along_axis(best, np.maximum(gold, 0)[:, None], axis=1)[:, 0] & (gold >= 0)
    return float((hit / best.sum(axis=1)).mean())


def some_votes(votes: Votes, per_item: int, rng: np.random.Generator) -> Votes:
    """Return up to `per_item` votes of each item, drawn at random."""
    order = np.lexsort((rng.random(votes.n_votes), votes.item))
    first = np.searchsorted(votes.item[order], votes.item[order], side="left")
    kept = np.zeros(votes.n_votes, dtype=np.bool_)
    kept[order[np.arange(votes.n_votes) - first < per_item]] = True
    return votes.where(kept)


def draw() -> list[Path]:
    """Draw both pictures; the first only where the real data is."""
    folder = data()
    return ([_of_votes(folder)] if folder is not None else []) + [_of_guessers()]


def _of_votes(folder: Path) -> Path:
    drawn, both = figure(columns=2, width=8.2)
    for axes, name in zip(both, ("rte", "bluebirds"), strict=True):
        votes, item, gold = crowd_with_gold(folder / "crowd" / name)
        each = votes.votes_per_item().max()
        sizes = [n for n in (1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 28, 39) if n <= each]
        for method, color in METHODS.items():
            means = []
            for size in sizes:
                found = [
                    share_right(truth.METHODS[method](some_votes(votes, size, np.random.default_rng(seed))), item, gold)
                    for seed in range(DRAWS)
                ]
                means.append(np.mean(found))
            axes.plot(sizes, means, "o-", color=color, markersize=3, label=method)
        axes.set_xlabel("votes per item, drawn at random")
        axes.set_title(f"{name}: share of gold that is right")
    both[0].legend()
    return save(drawn, "majority-votes")


def _of_guessers() -> Path:
    """On paper: five annotators who know, and more and more who guess."""
    drawn, axes = figure()
    guessers = np.arange(0, 21)
    for skill, color in zip((0.9, 0.8, 0.7), (COLORS[0], COLORS[1], COLORS[2]), strict=True):
        chances = [_majority_chance(5, skill, int(more)) for more in guessers]
        axes.plot(guessers, chances, color=color)
        axes.annotate(f"five who are right {skill:.0%} of the time", (guessers[-1], chances[-1]), xytext=(6, -3),
                      textcoords="offset points", color=color, fontsize=9)  # fmt: skip
    axes.set_xlim(0, 31)
    axes.set_xticks(range(0, 21, 5))
    axes.set_xlabel("annotators who guess, each item answered by all (two labels)")
    axes.set_title("Chance that the majority is right")
    return save(drawn, "majority-guessers")


def _majority_chance(able: int, skill: float, guessing: int) -> float:
    """Return the chance that most of them are right; a tie counts half."""
    hits = np.convolve(binom.pmf(np.arange(able + 1), able, skill), binom.pmf(np.arange(guessing + 1), guessing, 0.5))
    count = np.arange(len(hits)) * 2
    return float(hits[count > len(hits) - 1].sum() + hits[count == len(hits) - 1].sum() / 2)
