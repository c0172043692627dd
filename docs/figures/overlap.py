"""Overlap: what a turn or a shift costs a box in IoU.

In: nothing. Out: overlap-turned.svg. Never: a curve that was not computed by `overlap.iou`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, figure, save

from goldseam.stats import overlap


def draw() -> list[Path]:
    """Draw the picture."""
    drawn_figure, axes = figure(columns=2)
    turns = np.linspace(0, 90, 91)
    for ratio, color in ((1, COLORS[5]), (2, COLORS[1]), (5, COLORS[0])):
        width, height = 100 * ratio**0.5, 100 / ratio**0.5
        angle = np.deg2rad(turns)
        # turned about its middle: the corner moves
        x = -(width * np.cos(angle) - height * np.sin(angle)) / 2
        y = -(width * np.sin(angle) + height * np.cos(angle)) / 2
        turned = np.column_stack([x, y, np.full(len(turns), width), np.full(len(turns), height), turns])
        values = overlap.iou([[-width / 2, -height / 2, width, height]], turned)[0]
        axes[0].plot(turns, values, color=color, label=f"sides 1 : {ratio}")
    axes[0].legend()
    axes[0].set_xlabel("turn about the middle, degrees")
    axes[0].set_ylabel("IoU with the box unturned")
    axes[0].set_title("A box that is only turned")
    shifts = np.linspace(0, 1, 101)
    shifted = np.column_stack([100 * shifts, np.zeros(101), np.full((101, 2), 100.0)])
    box = [[0, 0, 100, 100]]
    further = overlap.generalized_iou(box, shifted * [1.5, 1, 1, 1])[0]
    axes[1].plot(1.5 * shifts, further, color=COLORS[5], linestyle="--", label="generalized IoU")
    axes[1].plot(shifts, overlap.iou(box, shifted)[0], color=COLORS[0], label="IoU")
    axes[1].plot(shifts, overlap.dice(box, shifted)[0], color=COLORS[1], label="Dice")
    axes[1].axhline(0, color=COLORS[5], linewidth=0.6)
    axes[1].legend()
    axes[1].set_xlabel("shift along one side, in widths")
    axes[1].set_title("A box that is only shifted")
    return [save(drawn_figure, "overlap-turned")]
