"""Accuracy over labels bought, for the strategies of active learning, on real sets.

In: bench/query_curves.json, which `python -m bench.query_accuracy --write` wrote. Out: docs/images/stats/active.svg.
Never: a curve that was not measured.
"""

from __future__ import annotations

import json
from pathlib import Path

from docs.figures.house import COLORS, figure, save

CURVES = Path(__file__).parents[2] / "bench" / "query_curves.json"
SETS = ("trec6", "banking77", "agnews7k")
STYLES = {
    "hybrid (default)": (COLORS[0], "-"),
    "random": (COLORS[5], "-"),
    "margin": (COLORS[1], "--"),
    "margin + k-means": (COLORS[2], "--"),
    "typical, then margin": (COLORS[3], ":"),
}
START, BATCH, SHOWN = 100, 50, 40


def draw() -> list[Path]:
    """Draw the mean curves."""
    found = json.loads(CURVES.read_text(encoding="utf-8"))
    there = [name for name in SETS if name in found]
    drawn, panels = figure(columns=len(there), width=3.6 * len(there), height=3.5)
    for axes, name in zip(panels, there, strict=True):
        row = found[name]
        for strategy, (color, style) in STYLES.items():
            curve = row[strategy]["curve"][:SHOWN]
            labels = [START + BATCH * at for at in range(len(curve))]
            axes.plot(labels, curve, color=color, linestyle=style, linewidth=1.6, label=strategy)
        axes.axhline(0.99 * row["full"], color=COLORS[4], linewidth=1, linestyle="--", label="99 % of all labels")
        axes.set(title=f"{name}, mean of {row['seeds']} runs", xlabel="labels", ylabel="accuracy")
    panels[0].legend(fontsize=7, loc="lower right")
    return [save(drawn, "active")]
