"""Pictures of preferences: strengths with their intervals, and what annotators who guess do to an order.

In: a published table, and seeds. Out: preferences-strengths.svg, preferences-guessing.svg. Never: a peer's result.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures import house

from goldseam.stats.truth import preferences

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
HOME = (
    "4-3 4-2 4-3 6-1 4-2 6-0",
    "3-3 4-2 4-3 6-0 6-1 4-3",
    "2-5 4-3 2-4 4-3 4-2 6-0",
    "3-3 5-1 2-5 4-3 4-2 6-1",
    "5-1 2-5 3-3 4-2 5-2 6-0",
    "2-5 3-3 3-4 4-3 4-2 2-4",
    "2-5 1-5 1-6 2-4 1-6 3-4",
)
"""Agresti (2002), section 10.6: wins and losses at home against the other teams in their order."""
SHARES = (0.0, 0.2, 0.4, 0.6)


def draw() -> list[Path]:
    """Draw both."""
    return [_strengths(), _guessing()]


def _strengths() -> Path:
    home, away, winner = [], [], []
    for team, line in zip(TEAMS, HOME, strict=True):
        for other, games in zip([one for one in TEAMS if one != team], line.split(), strict=True):
            won, lost = map(int, games.split("-"))
            home += [team] * (won + lost)
            away += [other] * (won + lost)
            winner += [team] * won + [other] * lost
    figure, axes = house.figure(width=6.0)
    for shift, (name, spread) in enumerate((("maximum likelihood", None), ("prior learned", "learned"))):
        found = preferences(home, away, winner, side="learned", spread=spread)
        order = found.order[::-1]
        place = np.arange(len(order)) + 0.14 - 0.28 * shift
        middle, error = found.strength[order], found.strength[order] - found.low[order]
        axes.errorbar(middle, place, xerr=error, fmt="o", label=name, color=house.COLORS[1 - shift])
    axes.set_yticks(np.arange(len(order)), found.items[order])
    axes.set_xlabel("strength (log odds against the mean), 95 % interval")
    axes.set_title(f"American League East 1987; playing at home adds {found.side:.2f}")
    axes.legend(loc="lower right")
    return house.save(figure, "preferences-strengths")


def _guessing() -> Path:
    """Share of pairs in the right order against the share of annotators who guess."""
    found = np.array([np.mean([_in_order(share, seed) for seed in range(10)], axis=0) for share in SHARES])
    figure, axes = house.figure(width=6.0)
    names = ("with annotators' reliability", "all comparisons alike", "share of wins")
    for column, name in enumerate(names):
        axes.plot(100 * np.array(SHARES), found[:, column], marker="o", label=name, color=house.COLORS[column])
    axes.set_xlabel("annotators who guess, %")
    axes.set_ylabel("pairs of items in the right order")
    axes.set_title("40 items, 2,000 comparisons by 40 annotators")
    axes.legend()
    return house.save(figure, "preferences-guessing")


def _in_order(share: float, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 1.5, 40)
    left = rng.integers(0, 40, 2000)
    right = (left + rng.integers(1, 40, 2000)) % 40
    who = rng.integers(0, 40, 2000)
    first = rng.random(2000) < 1 / (1 + np.exp(strength[right] - strength[left]))
    first = np.where(who < share * 40, rng.random(2000) < 0.5, first)
    winner = np.where(first, left, right)
    wins = np.bincount(winner, minlength=40) / np.bincount(np.concatenate([left, right]), minlength=40)
    one, other = np.triu_indices(40, 1)
    estimates = (preferences(left, right, winner, who).strength, preferences(left, right, winner).strength, wins)
    lead = np.sign(strength[one] - strength[other])
    return [float(np.mean(np.sign(found[one] - found[other]) == lead)) for found in estimates]
