"""Two pictures of guarantees: what a certified threshold lets through, and what looking often does to a test.

In: suggestions and checks drawn from stated seeds. Out: docs/images/stats/certified.svg. Never: one lucky draw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from docs.figures.house import COLORS, figure, save

from goldseam.stats import certify, monitor

ERROR, DELTA = 0.05, 0.05
DRAWS = 60


def draw() -> list[Path]:
    """Draw both."""
    drawn, (left, right) = figure(columns=2, width=8.4, height=3.4)
    _thresholds(left)
    _looking(right)
    return [save(drawn, "certified")]


def _thresholds(axes: Any) -> None:  # noqa: ANN401 - axes of the plotting library
    rng = np.random.default_rng(7)
    confidence = rng.beta(5, 1, 4000)
    correct = rng.random(4000) < confidence
    guide = rng.beta(5, 1, 600)
    guide_correct = rng.random(600) < guide
    order = np.argsort(-confidence)
    share = np.arange(1, 4001) / 4000
    error = np.cumsum(~correct[order]) / np.arange(1, 4001)
    axes.plot(share[100:], error[100:], color=COLORS[5], label="true error")
    axes.axhline(ERROR, color=COLORS[3], linewidth=1, linestyle="--", label="bound")
    for n, color in ((200, COLORS[1]), (500, COLORS[0])):
        audit = certify.plan(confidence, guide, guide_correct, n=n, error=ERROR, delta=DELTA)
        found = []
        for _ in range(DRAWS):
            place = audit.draw(rng)
            found.append(certify.certify(audit, place, correct[place]))
        sizes = np.array([one.size for one in found])
        at = [error[size - 1] if size else 0.0 for size in sizes]
        axes.scatter(sizes / 4000, at, s=16, color=color, zorder=3, label=f"certified, {n} labels")
    axes.set(title="60 audits each, error at most 5 %", xlabel="share accepted", ylabel="error", ylim=(0, 0.12))
    axes.legend(fontsize=8)


def _looking(axes: Any) -> None:  # noqa: ANN401 - axes of the plotting library
    checks = np.random.default_rng(8).random((2000, 2000)) < ERROR
    n = np.arange(1, 2001)
    wrong = np.cumsum(checks, axis=1)
    naive = wrong / n - 1.645 * np.sqrt(ERROR * (1 - ERROR) / n) > ERROR
    naive[:, :30] = False
    sound = monitor.e_value(n, wrong, ERROR) >= 1 / DELTA
    for alarms, name, color in ((naive, "test made for one look", COLORS[3]), (sound, "monitor", COLORS[0])):
        axes.plot(n, np.maximum.accumulate(alarms, axis=1).mean(axis=0), color=color, label=name)
    axes.axhline(DELTA, color=COLORS[5], linewidth=1, linestyle="--", label="promised")
    axes.set(title="False alarms, looking after each check", xlabel="checks", ylabel="share of series", ylim=(0, 1))
    axes.legend(fontsize=8)
