"""Masks and texts beside crowd-kit: not the same definitions, so held against a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.stats import overlap, truth

pd = pytest.importorskip("pandas")
aggregation = pytest.importorskip("crowdkit.aggregation")


def mean_iou(masks: np.ndarray, right: np.ndarray) -> float:
    return float(np.mean([overlap.mask_iou(one[None], two[None])[0, 0] for one, two in zip(masks, right, strict=True)]))


def test_masks_are_as_near_to_the_truth_as_those_of_any_of_its_methods() -> None:
    rng = np.random.default_rng(0)
    down, along = np.mgrid[:48, :48]
    item, annotator, drawn, right = [], [], [], []
    for k in range(15):
        x, y, r = *rng.uniform(18, 30, 2), rng.uniform(6, 14)
        right.append((along - x) ** 2 + (down - y) ** 2 < r**2)
        for who, care in enumerate((0.3, 0.3, 1, 3, 5)):
            u, v = x + rng.normal(0, care), y + rng.normal(0, care)
            drawn.append((along - u) ** 2 + (down - v) ** 2 < (r + rng.normal(0, care / 2)) ** 2)
            item.append(k)
            annotator.append(who)
    masks, wanted = np.array(drawn), np.array(right)
    ours = mean_iou(truth.masks(item, annotator, masks).masks.to_masks(48, 48), wanted)
    frame = pd.DataFrame({"task": item, "worker": annotator, "segmentation": list(masks)})
    for method in (
        aggregation.SegmentationMajorityVote(),
        aggregation.SegmentationEM(),
        aggregation.SegmentationRASA(),
    ):
        theirs = method.fit_predict(frame)
        assert ours > mean_iou(np.array([theirs[k] for k in range(15)]), wanted) - 0.005
    assert ours > 0.95


def test_its_word_votes_count_everyone_the_same_and_ours_do_not() -> None:
    """On forty texts 'good' is right and the others err each in their own way; then two of them happen to agree."""
    rng = np.random.default_rng(0)
    rows = []
    for k in range(40):
        right = [f"w{k}{place}" for place in range(8)]
        rows.append((k, "good", " ".join(right)))
        rows += [
            (k, who, " ".join(f"{who}{word}" if rng.random() < 0.5 else word for word in right))
            for who in ("poor", "bad")
        ]
    rows += [(99, "good", "one two three"), (99, "poor", "one two"), (99, "bad", "one two")]
    item, annotator, text = (list(column) for column in zip(*rows, strict=True))
    found = truth.texts(item, annotator, text, how="merge")
    frame = pd.DataFrame({"task": item, "worker": annotator, "text": text})
    theirs = aggregation.ROVER(str.split, " ".join).fit_predict(frame)
    assert theirs[99] == "one two"
    assert found.text[found.items.tolist().index(99)] == "one two three"
