"""Gwet's AC1: beside alpha on real crowds, and how often either orders two crowds as their annotators' accuracy does.

In: the real data sets where they are there; a seed. Out: gwet-crowds.svg, gwet-guessing.svg. Never: a set left out for its
value.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.alpha import SETS, crowd
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import agreement
from goldseam.stats.votes import Votes

N_ITEMS, N_ANNOTATORS = 20_000, 4


def draw() -> list[Path]:
    """Draw both pictures; the first only where the real data is."""
    folder = data()
    return ([_of_crowds(folder)] if folder is not None else []) + [_of_guessing()]


def _of_crowds(folder: Path) -> Path:
    drawn, axes = figure(height=4.0)
    found = []
    for name in SETS:
        votes = crowd(folder / "crowd" / name)
        top = float(np.bincount(votes.label).max() / votes.n_votes)
        found.append((top, name, agreement.alpha(votes).value, agreement.gwet_ac1(votes).value))
    for place, (top, name, alpha, ac1) in enumerate(sorted(found)):
        axes.plot([alpha, ac1], [place, place], color=COLORS[5], linewidth=1)
        axes.plot([alpha], [place], "o", color=COLORS[0], label="alpha" if place == 0 else None)
        axes.plot([ac1], [place], "s", color=COLORS[1], label="AC1" if place == 0 else None)
        axes.annotate(
            f"{name}, {top:.0%}", (0, place), xytext=(-6, -3), textcoords="offset points", ha="right", fontsize=8
        )
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.legend(loc="lower right")
    axes.set_xlabel("agreement beyond chance")
    axes.set_title("Behind each name: the share of its most frequent label")
    return save(drawn, "gwet-crowds")


def _of_guessing() -> Path:
    """Annotators who do not look, and say the frequent label as often as it is frequent: only alpha is 0."""
    shares = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98])
    rng = np.random.default_rng(2)
    drawn, axes = figure()
    statistics = {
        "alpha": agreement.alpha,
        "AC1": agreement.gwet_ac1,
        "Brennan and Prediger": agreement.brennan_prediger,
    }
    crowds = [
        Votes.from_matrix((rng.random((N_ITEMS, N_ANNOTATORS)) >= share).astype(int), labels=[0, 1]) for share in shares
    ]
    for (name, statistic), color in zip(statistics.items(), (COLORS[0], COLORS[1], COLORS[2]), strict=True):
        values = [statistic(votes).value for votes in crowds]
        axes.plot(shares, values, "o-", color=color, markersize=3)
        axes.annotate(
            name,
            (shares[-1], values[-1]),
            xytext=(6, -8 if name.startswith("B") else 0),
            textcoords="offset points",
            color=color,
        )
    axes.set_xlim(0.5, 1.2)
    axes.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    axes.set_ylim(-0.05, 1)
    axes.set_xlabel("share of the label that is said more often")
    axes.set_title("Nobody looks at the items: everyone deals out labels by their shares")
    return save(drawn, "gwet-guessing")
