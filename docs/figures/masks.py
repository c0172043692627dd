"""Masks: fused against majority as fewer of six annotators are careful.

In: a seed. Out: masks-care.svg. Never: a mask that was not drawn here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docs.figures.house import COLORS, figure, save

from goldseam.stats import overlap, truth

N_ITEMS, SIDE = 60, 64


def drawn(careful: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return masks (n_items, 6, side, side) of annotators of whom this many are careful, and the true masks: disks."""
    down, along = np.mgrid[:SIDE, :SIDE]
    masks, right = [], []
    for _ in range(N_ITEMS):
        x, y, r = *rng.uniform(24, 40, 2), rng.uniform(8, 16)
        right.append((along - x) ** 2 + (down - y) ** 2 < r**2)
        care = np.where(np.arange(6) < careful, 0.4, 4.0)
        u, v, radius = x + rng.normal(0, care), y + rng.normal(0, care), np.maximum(r + rng.normal(0, care / 2), 2)
        masks.append([(along - u[k]) ** 2 + (down - v[k]) ** 2 < radius[k] ** 2 for k in range(6)])
    return np.array(masks), np.array(right)


def draw() -> list[Path]:
    """Draw the picture."""
    values: dict[str, list[float]] = {"fused": [], "majority": [], "one annotator": []}
    for careful in range(7):
        masks, right = drawn(careful, np.random.default_rng(careful))
        who = np.tile(np.arange(6), N_ITEMS)
        found = truth.masks(np.repeat(np.arange(N_ITEMS), 6), who, masks.reshape(-1, SIDE, SIDE))
        values["fused"].append(_mean_iou(found.masks.to_masks(SIDE, SIDE), right))
        values["majority"].append(_mean_iou(masks.sum(axis=1) > 3, right))
        values["one annotator"].append(float(np.mean([_mean_iou(masks[:, k], right) for k in range(6)])))
    drawn_figure, axes = figure()
    for (name, series), color in zip(values.items(), (COLORS[0], COLORS[1], COLORS[5]), strict=True):
        axes.plot(range(7), series, "o-", color=color, markersize=4, label=name)
    axes.legend()
    axes.set_ylim(0.5, 1)
    axes.set_xlabel("careful annotators of six; the others are off by a quarter of the disk")
    axes.set_ylabel("mean IoU with the truth")
    axes.set_title("Two who draw with care are enough")
    return [save(drawn_figure, "masks-care")]


def _mean_iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.mean([overlap.mask_iou(one[None], two[None])[0, 0] for one, two in zip(a, b, strict=True)]))
