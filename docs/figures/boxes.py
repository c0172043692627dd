"""Boxes: fused against usual ways over the limit of IoU, and annotators as learned against annotators as they are.

In: the real data set where it is there; seeds. Out: boxes-limits.svg, boxes-learned.svg. Never: an option chosen by the
gold.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench import shapes_accuracy
from docs.figures.house import COLORS, data, figure, save

from goldseam.stats import overlap, truth

LIMITS = np.arange(0.3, 0.951, 0.05)


def draw() -> list[Path]:
    """Draw the pictures; the first only where the real data is."""
    folder = data()
    return ([_limits(folder)] if folder is not None else []) + [_learned()]


def _limits(folder: Path) -> Path:
    drawn, gold = shapes_accuracy.birds(folder)
    fused = truth.boxes(drawn[:, 0], drawn[:, 1], drawn[:, 2:])
    ways = {
        "fused": np.column_stack([fused.items[fused.item], fused.boxes]),
        "clusters, medians": shapes_accuracy.clusters_and_medians(drawn, 0.25),
        "crowd detector": shapes_accuracy.detector(folder),
    }
    drawn_figure, axes = figure()
    for (name, boxes), color in zip(ways.items(), (COLORS[0], COLORS[1], COLORS[5]), strict=True):
        items = (gold[:, 0], boxes[:, 0])
        values = [overlap.match(gold[:, 1:], boxes[:, 1:], items=items, iou_at=float(at)).value for at in LIMITS]
        axes.plot(LIMITS, values, "o-", color=color, markersize=3, label=name)
    axes.legend()
    axes.set_ylim(0, 0.9)
    axes.set_xlabel("IoU from which a box is right")
    axes.set_ylabel("F1")
    axes.set_title("200 images of birds, 9 annotators each")
    return save(drawn_figure, "boxes-limits")


def crowd(rng: np.random.Generator, redundancy: int) -> dict[str, np.ndarray]:
    """Draw a crowd of twenty annotators with known recall and error, who look at 300 images with four objects each."""
    own, error = rng.uniform(-1.5, 1.5, 20), rng.uniform(0.01, 0.12, 20)
    rows, looked = [], []
    for item in range(300):
        n = rng.poisson(4)
        low, size, ease = rng.uniform(0, 900, (n, 2)), rng.uniform(30, 90, (n, 2)), rng.beta(4, 1.5, n)
        for who in rng.choice(20, redundancy, replace=False):
            looked.append((item, who))
            seen = rng.random(n) < 1 / (1 + (1 / ease - 1) * np.exp(-own[who]))
            for k in np.flatnonzero(seen):
                off = rng.laplace(0, error[who], 4) * np.tile(size[k], 2)
                rows.append((item, who, *(low[k] + off[:2]), *np.maximum(size[k] + off[2:] - off[:2], 1)))
            rows += [(item, who, *rng.uniform(0, 900, 2), *rng.uniform(30, 90, 2)) for _ in range(rng.poisson(0.3))]
    ease = rng.beta(4, 1.5, 20_000)
    recall = (1 / (1 + (1 / ease - 1) * np.exp(-own[:, None]))).mean(axis=1)
    return {"rows": np.array(rows), "looked": np.array(looked), "recall": recall, "error": error}


def _learned() -> Path:
    drawn_figure, axes = figure(columns=2)
    for redundancy, color in ((3, COLORS[5]), (6, COLORS[0])):
        known = crowd(np.random.default_rng(1), redundancy)
        rows, looked = known["rows"], known["looked"]
        found = truth.boxes(rows[:, 0], rows[:, 1], rows[:, 2:], looked=(looked[:, 0], looked[:, 1]))
        label = f"{redundancy} per image"
        axes[0].plot(known["recall"], found.recall, "o", color=color, markersize=4, label=label)
        axes[1].plot(known["error"], found.error, "o", color=color, markersize=4, label=label)
    for axis, name, top in ((axes[0], "recall", 1.0), (axes[1], "error of sides, share of size", 0.14)):
        axis.plot([0, top], [0, top], color=COLORS[5], linewidth=0.8, linestyle=":")
        axis.set_xlabel(f"{name}: as drawn")
        axis.set_ylabel("as learned")
    axes[0].set_title("A crowd that is known, without any gold")
    axes[0].legend()
    return save(drawn_figure, "boxes-learned")
