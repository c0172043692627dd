"""Overlap of masks beside scikit-learn's Jaccard and F1 scores."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import overlap

metrics = pytest.importorskip("sklearn.metrics")


def test_mask_iou_is_jaccards_and_dice_is_f1() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((5, 12, 9)) < 0.3, rng.random((4, 12, 9)) < 0.6
    iou, dice = overlap.mask_iou(a, b), overlap.dice(a, b, by=overlap.mask_iou)
    for i, one in enumerate(a):
        for j, two in enumerate(b):
            assert iou[i, j] == pytest.approx(metrics.jaccard_score(one.ravel(), two.ravel()), abs=1e-12)
            assert dice[i, j] == pytest.approx(metrics.f1_score(one.ravel(), two.ravel()), abs=1e-12)
