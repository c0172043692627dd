"""Two pictures of the label model: what copies of a function do, and how far its posteriors can be believed.

In: functions drawn from stated seeds. Out: docs/images/stats/label_model.svg. Never: a curve of one lucky draw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from bench.weak_sets import of_topics
from docs.figures.house import COLORS, figure, save
from numpy.typing import NDArray

from goldseam.stats import truth, weak
from goldseam.stats.votes import Votes

COPIES = (0, 1, 2, 4, 6, 8, 10)
DRAWS = 6


def crowd(seed: int, n_copies: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return one poor function, three good ones and near copies of the poor one, which miss one vote in twenty."""
    rng = np.random.default_rng(seed)
    right = rng.integers(2, size=3000)
    votes = np.full((3000, 4 + n_copies), -1, dtype=np.int8)
    for column, skill in enumerate((0.6, 0.8, 0.8, 0.8)):
        speaks, hit = rng.random(3000) < 0.8, rng.random(3000) < skill
        votes[speaks, column] = np.where(hit, right, 1 - right)[speaks]
    for column in range(4, 4 + n_copies):
        votes[:, column] = np.where(rng.random(3000) < 0.95, votes[:, 0], -1)
    return votes, right


def draw() -> list[Path]:
    """Draw both."""
    drawn, (left, right) = figure(columns=2, width=8.4, height=3.4)
    _copies(left)
    _calibration(right)
    return [save(drawn, "label_model")]


def _copies(axes: Any) -> None:  # noqa: ANN401 - axes of the plotting library
    lines: dict[str, list[float]] = {"label model": [], "no correlations": [], "majority": []}
    for n_copies in COPIES:
        found: dict[str, list[float]] = {name: [] for name in lines}
        for seed in range(DRAWS):
            votes, gold = crowd(seed, n_copies)
            found["label model"].append(float((weak.label_model(votes).label == gold).mean()))
            blind = weak.label_model(votes, correlations=None)
            found["no correlations"].append(float((blind.label == gold).mean()))
            found["majority"].append(float((truth.majority(Votes.from_matrix(votes)).label == gold).mean()))
        for name, values in found.items():
            lines[name].append(float(np.mean(values)))
    for (name, values), color in zip(lines.items(), (COLORS[0], COLORS[1], COLORS[5]), strict=True):
        axes.plot(COPIES, values, color=color, label=name)
    axes.set(title="A poor function, nearly copied", xlabel="copies", ylabel="accuracy")
    axes.legend(fontsize=8)


def _calibration(axes: Any) -> None:  # noqa: ANN401 - axes of the plotting library
    axes.plot([0.2, 1], [0.2, 1], color=COLORS[5], linewidth=0.8)
    ways: tuple[tuple[str, Literal["learn"] | None, str], ...] = (
        ("label model", "learn", COLORS[0]),
        ("no correlations", None, COLORS[1]),
    )
    for name, correlations, color in ways:
        sure, hit = [], []
        for seed in range(30):
            rows = of_topics(seed)
            found = weak.label_model(rows.votes, labels=range(rows.n_labels), correlations=correlations)
            spoken = found.n_votes > 0
            sure.append(found.confidence[spoken])
            hit.append((found.label == rows.gold)[spoken])
        confidence, right = np.concatenate(sure), np.concatenate(hit)
        part = np.digitize(confidence, np.linspace(0.2, 1.0, 9)[1:-1])
        at = [float(confidence[part == one].mean()) for one in range(8)]
        axes.plot(
            at,
            [float(right[part == one].mean()) for one in range(8)],
            color=color,
            marker="o",
            markersize=3,
            label=name,
        )
    axes.set(title="30 drawn sets, dependent functions", xlabel="confidence", ylabel="share right")
    axes.legend(fontsize=8)
