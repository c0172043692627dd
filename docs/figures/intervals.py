"""Bootstrap intervals: how often they cover the true value, and how wide they are, by the number of items.

In: a seed. Out: intervals-coverage.svg. Never: a crowd whose true value is not known.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, figure, save

from goldseam.stats import agreement
from goldseam.stats.agreement import Statistic
from goldseam.stats.votes import Votes

SHARE = 0.7
"""Each vote repeats the item's label with this chance and is else drawn like a label, so that alpha is SHARE**2."""
CHANCES = np.array([0.5, 0.3, 0.2])
N_ITEMS = (10, 20, 50, 100, 200, 500)
N_CROWDS, DRAWS = 2000, 400


def crowd(rng: np.random.Generator, n_items: int) -> Votes:
    """Draw the votes of four annotators, a fifth of them missing."""
    truth = rng.choice(3, p=CHANCES, size=(n_items, 1))
    said = np.where(rng.random((n_items, 4)) < SHARE, truth, rng.choice(3, p=CHANCES, size=(n_items, 4)))
    said[rng.random(said.shape) < 0.2] = -1
    return Votes.from_matrix(said, labels=[0, 1, 2])


def truths() -> dict[str, tuple[Statistic, float]]:
    """Return each statistic with its value in a crowd without end."""
    repeated, guesses = SHARE**2, float((CHANCES * (1 - CHANCES)).sum()) / 2
    observed = repeated + (1 - repeated) * float(CHANCES @ CHANCES)
    return {
        "alpha": (agreement.alpha, repeated),
        "alpha, interval level": (partial(agreement.alpha, level="interval"), repeated),
        "AC1": (agreement.gwet_ac1, (observed - guesses) / (1 - guesses)),
        "share of agreeing pairs": (agreement.percent, observed),
    }


def covered(statistic: Statistic, true: float, n_items: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the share of crowds whose 95 % interval covers the true value, and the intervals' mean width."""
    hits, width, n_defined = 0, 0.0, 0
    for _ in range(N_CROWDS):
        found = agreement.interval(crowd(rng, n_items), statistic, rng=rng, draws=DRAWS)
        if found.low is not None and found.high is not None:
            n_defined += 1
            hits += found.low <= true <= found.high
            width += found.high - found.low
    return hits / n_defined, width / n_defined


def draw() -> list[Path]:
    """Draw coverage and width side by side."""
    drawn, (left, right) = figure(columns=2, height=3.4)
    for (name, (statistic, true)), color in zip(truths().items(), COLORS, strict=False):
        rng = np.random.default_rng(len(name))
        shares, widths = zip(*(covered(statistic, true, n_items, rng) for n_items in N_ITEMS), strict=True)
        print(f"{name}: " + ", ".join(f"{n} items {share:.3f}" for n, share in zip(N_ITEMS, shares, strict=True)))
        left.plot(N_ITEMS, shares, "o-", color=color, markersize=3, label=name)
        right.plot(N_ITEMS, widths, "o-", color=color, markersize=3)
    left.axhline(0.95, color=COLORS[5], linewidth=0.8, linestyle=":")
    for axes, title in ((left, "Coverage of the 95 % interval"), (right, "Mean width")):
        axes.set_xscale("log")
        axes.set_xticks(N_ITEMS, N_ITEMS, fontsize=8)
        axes.set_xlabel("items")
        axes.set_title(title)
    left.set_ylim(0.7, 1.0)
    left.legend(fontsize=8, loc="lower right")
    return [save(drawn, "intervals-coverage")]
