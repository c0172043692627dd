"""A. Agresti (2002), Categorical data analysis, second edition, section 10.6: the American League East in 1987.

Seven teams, 42 pairs of home and away team, without and with an advantage of playing at home; the fits to more digits are
in H. Turner and D. Firth (2012), Journal of Statistical Software 48(9), section 2.
"""

from __future__ import annotations

import pytest

from goldseam.stats.truth.order import PreferenceTruth, preferences

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
HOME = {
    "Milwaukee": "4-3 4-2 4-3 6-1 4-2 6-0",
    "Detroit": "3-3 4-2 4-3 6-0 6-1 4-3",
    "Toronto": "2-5 4-3 2-4 4-3 4-2 6-0",
    "New York": "3-3 5-1 2-5 4-3 4-2 6-1",
    "Boston": "5-1 2-5 3-3 4-2 5-2 6-0",
    "Cleveland": "2-5 3-3 3-4 4-3 4-2 2-4",
    "Baltimore": "2-5 1-5 1-6 2-4 1-6 3-4",
}
"""Wins at home and losses at home against the other teams, in the order above."""


def fitted(side: str) -> PreferenceTruth:
    home, away, winner = [], [], []
    for team, line in HOME.items():
        for other, games in zip([one for one in TEAMS if one != team], line.split(), strict=True):
            won, lost = map(int, games.split("-"))
            home += [team] * (won + lost)
            away += [other] * (won + lost)
            winner += [team] * won + [other] * lost
    return preferences(home, away, winner, side=side, spread=None, tolerance=1e-10)  # type: ignore[arg-type]  # plain values do where the hint is narrower


def against_baltimore(found: PreferenceTruth) -> dict[str, float]:
    strength = dict(zip(found.items.tolist(), found.strength.tolist(), strict=True))
    return {team: strength[team] - strength["Baltimore"] for team in TEAMS[:-1]}


def test_strengths_without_an_advantage_at_home() -> None:
    published = {
        "Milwaukee": 1.581, "Detroit": 1.436, "Toronto": 1.294, "New York": 1.248, "Boston": 1.108, "Cleveland": 0.684,
    }  # fmt: skip
    assert against_baltimore(fitted("none")) == pytest.approx(published, abs=6e-4)


def test_strengths_with_an_advantage_at_home() -> None:
    found = fitted("learned")
    published = {
        "Milwaukee": 1.6196, "Detroit": 1.4754, "Toronto": 1.3271, "New York": 1.2813, "Boston": 1.1438, "Cleveland": 0.7047,
    }  # fmt: skip
    assert against_baltimore(found) == pytest.approx(published, abs=6e-5)
    assert found.side == pytest.approx(0.3023, abs=5e-5)
    assert found.side_error == pytest.approx(0.1309, abs=6e-5)
