"""Kappa: what weights do to it, what different leanings of two annotators do, every pair of a crowd, and few votes.

In: tables of Landis and Koch (1977); a real crowd where it is there; a seed. Out: kappa-weights.svg, kappa-leaning.svg,
kappa-pairs.svg, fleiss-few.svg. Never: a table that no paper prints or no sentence describes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.alpha import crowd
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import agreement
from goldseam.stats.agreement import Agreement
from goldseam.stats.votes import Votes

NEUROLOGISTS = {
    "Winnipeg": [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]],
    "New Orleans": [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]],
}
N_ITEMS, OBSERVED = 1000, 0.6


def labels_of(table: list[list[int]]) -> tuple[list[int], list[int]]:
    """Return what each of two annotators said, item by item, of a table of counts."""
    first, second = np.nonzero(np.asarray(table))
    times = np.asarray(table)[first, second]
    return np.repeat(first, times).tolist(), np.repeat(second, times).tolist()


def draw() -> list[Path]:
    """Draw all pictures; that of a crowd only where the real data is."""
    folder = data()
    return [_of_weights(), _of_leaning(), _of_few_votes()] + ([_of_pairs(folder)] if folder is not None else [])


def _of_weights() -> Path:
    drawn, axes = figure(height=3.0)
    names = (None, "linear", "quadratic")
    for (place, table), color in zip(NEUROLOGISTS.items(), COLORS, strict=False):
        values = [agreement.cohen_kappa(*labels_of(table), weights).value or 0.0 for weights in names]
        axes.plot(range(3), values, "o-", color=color)
        axes.annotate(place, (2, values[2]), xytext=(8, -3), textcoords="offset points", color=color)
        for at, value in enumerate(values):
            axes.annotate(f"{value:.2f}", (at, value), xytext=(-4, 7), textcoords="offset points", fontsize=8)
    axes.set_xticks(range(3), ["no credit", "linear", "quadratic"])
    axes.set_xlim(-0.3, 2.8)
    axes.set_ylim(0, 0.75)
    axes.set_ylabel("Cohen's kappa")
    axes.set_title("Four grades, two neurologists: credit for near misses")
    return save(drawn, "kappa-weights")


def _of_leaning() -> Path:
    """Agreement stays at 60 %, and so does the share of the labels; who says which label in the rest changes."""
    leaning = np.linspace(0, 1, 21)
    drawn, axes = figure(height=3.0)
    kappa, pi = [], []
    for lean in leaning:
        apart = round(N_ITEMS * (1 - OBSERVED))
        first_only = round(apart * (1 + lean) / 2)
        both = round(N_ITEMS * OBSERVED / 2)
        said = labels_of([[both, first_only], [apart - first_only, both]])
        kappa.append(_value(agreement.cohen_kappa(*said)))
        pi.append(_value(agreement.scott_pi(Votes.from_matrix(np.array(said).T))))
    for name, values, color in (("Cohen's kappa", kappa, COLORS[0]), ("Scott's pi", pi, COLORS[1])):
        axes.plot(leaning, values, color=color)
        axes.annotate(name, (1, values[-1]), xytext=(8, -3), textcoords="offset points", color=color)
    axes.set_xlim(0, 1.25)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.set_ylim(0, 0.4)
    axes.set_xlabel("0: they differ both ways alike; 1: always the first says A and the second B")
    axes.set_title("Two annotators agree on 60 % of the items: kappa rewards leaning apart")
    return save(drawn, "kappa-leaning")


def _of_pairs(folder: Path) -> Path:
    """Kappa of every pair of the crowd `bluebirds`, annotators ordered by their mean with the others."""
    votes = crowd(folder / "crowd" / "bluebirds")
    pairs = agreement.pairwise(votes)
    table = np.full((votes.n_annotators, votes.n_annotators), np.nan)
    table[pairs.first, pairs.second] = table[pairs.second, pairs.first] = pairs.kappa
    order = np.argsort(-np.nanmean(table, axis=1))
    drawn, axes = figure(width=5.4, height=4.4)
    image = axes.imshow(table[np.ix_(order, order)], cmap="RdBu", vmin=-0.8, vmax=0.8)
    drawn.colorbar(image, ax=axes, shrink=0.8, label="Cohen's kappa")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel("the 39 annotators")
    axes.set_title("Who agrees with whom on bluebirds")
    return save(drawn, "kappa-pairs")


def _of_few_votes() -> Path:
    """Mean of Fleiss' kappa and alpha over crowds of few items whose agreement in the long run is known."""
    rng = np.random.default_rng(6)
    sizes, share, n_crowds = (5, 10, 20, 50, 100), 0.7, 2000
    drawn, axes = figure(height=3.0)
    means: dict[str, list[float]] = {"alpha": [], "Fleiss' kappa": []}
    for n_items in sizes:
        found: dict[str, list[float]] = {name: [] for name in means}
        for _ in range(n_crowds):
            truth = rng.integers(2, size=(n_items, 1))
            said = np.where(rng.random((n_items, 3)) < share, truth, rng.integers(2, size=(n_items, 3)))
            votes = Votes.from_matrix(said, labels=[0, 1])
            for name, statistic in (("alpha", agreement.alpha), ("Fleiss' kappa", agreement.fleiss_kappa)):
                value = statistic(votes).value
                if value is not None:
                    found[name].append(value)
        for name, values in found.items():
            means[name].append(float(np.mean(values)))
    for (name, values), color in zip(means.items(), COLORS, strict=False):
        print(f"{name}: {', '.join(f'{n} items {value:.3f}' for n, value in zip(sizes, values, strict=True))}")
        axes.plot(sizes, values, "o-", color=color, markersize=3, label=name)
    axes.axhline(share**2, color=COLORS[5], linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xticks(sizes, sizes)
    axes.set_xlabel("items, of three votes each; dotted: the value in the long run")
    axes.set_ylim(0.35, 0.52)
    axes.legend(loc="lower right")
    axes.set_title("Mean over 2,000 crowds: with few votes Fleiss' kappa comes out too low")
    return save(drawn, "fleiss-few")


def _value(found: Agreement) -> float:
    if found.value is None:
        raise ValueError(found.reason)
    return found.value
