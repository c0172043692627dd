"""How every picture looks: one palette, readable on light and on dark, no ink without meaning.

In: nothing. Out: `figure()`, `COLORS`. Never: a default style of the plotting library.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

COLORS = ("#b8860b", "#2f6f9f", "#3a7d44", "#a23b3b", "#6b4e9b", "#5f6b73")
"""Gold first: our own line; the rest in the order of use."""

IMAGES = Path(__file__).parents[1] / "images" / "stats"

_STYLE = {
    "svg.hashsalt": "goldseam",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.edgecolor": "#5f6b73",
    "axes.prop_cycle": mpl.cycler(color=COLORS),
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


def figure(*, columns: int = 1, width: float = 7.0, height: float = 3.6) -> tuple[Any, Any]:
    """Return a new figure and its axes (one, or an array of `columns`)."""
    mpl.rcParams.update(_STYLE)
    return plt.subplots(1, columns, figsize=(width, height), layout="constrained")


def save(drawn: Any, name: str) -> Path:  # noqa: ANN401 - a figure of the plotting library
    """Write the figure as docs/images/stats/NAME.svg and close it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"{name}.svg"
    drawn.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(drawn)
    return path


def data() -> Path | None:
    """Return the folder of real data sets, or None where it is not there."""
    given = os.environ.get("GOLDSEAM_DATA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    return folder if folder.is_dir() else None
