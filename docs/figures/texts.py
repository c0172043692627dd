"""Texts: words wrong as more annotators are asked, chosen and merged, and annotators as learned.

In: a seed. Out: texts-redundancy.svg. Never: a text that was not drawn here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench import shapes_accuracy
from docs.figures.house import COLORS, figure, save

from goldseam.stats import truth

REDUNDANCY = (1, 2, 3, 4, 5, 6, 8, 10)


def draw() -> list[Path]:
    """Draw the picture."""
    tables = [dict(shapes_accuracy.texts_table(many)) for many in REDUNDANCY]
    drawn_figure, axes = figure(columns=2)
    for name, color in (
        ("truth.texts, merged", 0),
        ("truth.texts, chosen", 3),
        ("crowd-kit ROVER", 1),
        ("one annotator", 5),
    ):
        if name in tables[0]:
            values = [table[name][0] for table in tables]
            axes[0].plot(
                REDUNDANCY, values, "o-", color=COLORS[color], markersize=4, label=name.replace("truth.texts, ", "")
            )
    axes[0].legend()
    axes[0].set_ylim(0, 0.35)
    axes[0].set_xlabel("annotators asked")
    axes[0].set_ylabel("share of words wrong")
    axes[0].set_title("2 to 60 % of words wrong")
    item, annotator, given, _ = shapes_accuracy.texts_given(3)
    found = truth.texts(item, annotator, given, unit="words")
    error = np.linspace(0.02, 0.6, 12)
    axes[1].plot(1 - error, found.reliability, "o", color=COLORS[0])
    axes[1].plot([0.3, 1], [0.3, 1], color=COLORS[5], linewidth=0.8, linestyle=":")
    axes[1].set_xlabel("share of words right: as drawn")
    axes[1].set_ylabel("reliability as learned")
    axes[1].set_title("Three annotators a text")
    return [save(drawn_figure, "texts-redundancy")]
