"""Spans: precision and recall of names in the news, and annotators as learned against gold.

In: the real data set. Out: spans-names.svg, spans-annotators.svg. Never: an option chosen by the gold.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench import shapes_accuracy
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import overlap, truth


def draw() -> list[Path]:
    """Draw both pictures where the real data is."""
    folder = data()
    if folder is None:
        return []
    return [_names(folder), _annotators(folder)]


def _names(folder: Path) -> Path:
    rows = dict(shapes_accuracy.spans_table(folder))
    named = {name.split(" (")[0]: values for name, values in rows.items() if len(values) == 3}
    wanted = {
        "one annotator": "one annotator", "majority of tokens": "token by token: majority",
        "Dawid-Skene of tokens": "token by token: dawid_skene", "fused spans": "truth.spans",
    }  # fmt: skip
    drawn_figure, axes = figure(height=2.8)
    for place, key in enumerate(wanted.values()):
        f1, precision, recall = named[key]
        color = COLORS[0] if place == len(wanted) - 1 else COLORS[1]
        axes.plot([recall, precision], [place, place], color=color, linewidth=2, alpha=0.5)
        axes.plot([f1], [place], "o", color=color)
        axes.annotate(f"{f1:.3f}", (f1, place), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9)
        axes.annotate("recall", (recall, place), xytext=(-4, -3), textcoords="offset points", ha="right", fontsize=7)
        axes.annotate("precision", (precision, place), xytext=(4, -3), textcoords="offset points", fontsize=7)
    axes.set_yticks(range(len(wanted)), list(wanted))
    axes.set_ylim(-0.5, len(wanted) - 0.3)
    axes.set_xlim(0.4, 0.9)
    axes.set_xlabel("F1 of spans that are equal in limits and label")
    axes.set_title("Names in 6,056 sentences of news, 47 annotators")
    return save(drawn_figure, "spans-names")


def _annotators(folder: Path) -> Path:
    names = shapes_accuracy.Names(folder)
    item, annotator, spans = names.marked()
    looked = np.unique(np.stack([names.sentence, names.annotator], axis=1), axis=0)
    columns = [[span[k] for span in spans] for k in range(3)]
    found = truth.spans(item, annotator, columns[0], columns[1], columns[2], looked=(looked[:, 0], looked[:, 1]))
    drawn_figure, axes = figure(columns=2)
    for who in range(len(found.annotators)):
        asked = set(looked[looked[:, 1] == who, 0].tolist())
        gold = [(sentence, span) for sentence, span in names.gold if sentence in asked]
        own = [(k, span) for k, by, span in zip(item, annotator, spans, strict=True) if by == who]
        items = ([k for k, _ in gold], [k for k, _ in own])
        match = overlap.span_f1([span for _, span in gold], [span for _, span in own], items=items, how="overlap")
        size = 2 + len(asked) ** 0.5 / 6
        axes[0].plot([match.recall], [found.recall[who]], "o", color=COLORS[0], markersize=size, alpha=0.7)
        axes[1].plot([match.precision], [found.precision[who]], "o", color=COLORS[1], markersize=size, alpha=0.7)
    for axis, name in zip(axes, ("recall", "precision"), strict=True):
        axis.plot([0, 1], [0, 1], color=COLORS[5], linewidth=0.8, linestyle=":")
        axis.set_xlabel(f"{name} against gold, spans that touch")
        axis.set_ylabel("as learned")
    axes[0].set_title("Each point an annotator; gold was not used")
    return save(drawn_figure, "spans-annotators")
