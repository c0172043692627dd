"""Label issues: how many of the first items of a list are wrong, by a model, by a crowd's votes, and by both.

In: two real crowds with gold, where the data are there. Out: label-issues-lists.svg. Never: a number typed in by hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench import noise_sets
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import noise, truth

SHOWN = {"labelme": 400, "sentiment_polarity": 900}
"""Crowds, and how many items of each are shown."""


def draw() -> list[Path]:
    """Draw it; nothing where the real data are missing."""
    folder = data()
    if folder is None:
        return []
    drawn, axes = figure(columns=2, width=9.0)
    for axis, (name, most) in zip(axes, SHOWN.items(), strict=True):
        one = noise_sets.crowd(folder, name)
        if one.votes is None:
            continue
        every = np.arange(len(one.label))
        orders = {
            "model and votes": noise.label_issues(one.label, one.proba, crowd=one.votes, choose="all").index,
            "votes alone": np.argsort(truth.infer(one.votes).posterior[every, one.label], kind="stable"),
            "model alone": noise.label_issues(one.label, one.proba, choose="all").index,
            "model by normalized margin": np.argsort(noise.normalized_margin(one.label, one.proba), kind="stable"),
        }
        listed = np.arange(1, most + 1)
        for (what, order), color in zip(orders.items(), COLORS, strict=False):
            axis.plot(listed[9:], (np.cumsum(one.wrong[order[:most]]) / listed)[9:], color=color, label=what)
        axis.axhline(one.wrong.mean(), color=COLORS[-1], linewidth=0.8, linestyle=":")
        axis.set(
            title=f"{name}: {one.wrong.mean():.0%} of the labels wrong",
            xlabel="items looked at, the most likely wrong first",
            ylim=(0, 1.02),
        )
    axes[0].set_ylabel("share of them that is wrong")
    axes[1].legend(loc="upper right")
    return [save(drawn, "label-issues-lists")]
