"""Outlines from boxes: on a real photograph, on drawn ones, and where there is nothing to find."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_sample_image

from goldseam.prelabel.outline import enlarged, object_within

WHOLE_FLOWER = (165, 80, 450, 358)


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def disk(height: int, width: int, x: float, y: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


def test_the_flower_of_a_photograph_is_told_from_the_dark_behind_it() -> None:
    photograph = load_sample_image("flower.jpg")
    bright = photograph.max(2) > 110
    left, top, right, bottom = WHOLE_FLOWER
    inside = np.zeros(bright.shape, np.bool_)
    inside[top:bottom, left:right] = True

    found = object_within(photograph, WHOLE_FLOWER)

    assert iou(found, bright & inside) > 0.9
    assert not (found & ~inside).any()


@pytest.mark.parametrize("seed", range(3))
def test_a_disk_on_noise_is_found_to_the_pixel_row_and_equal_pictures_give_equal_masks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = disk(90, 120, 60, 45, 25)
    colors = np.where(truth[..., None], [200, 60, 40], [60, 120, 90]) + rng.normal(0, 12, (90, 120, 3))
    picture = np.clip(colors, 0, 255).astype(np.uint8)

    found = object_within(picture, (30, 15, 90, 75))

    assert iou(found, truth) > 0.95
    assert np.array_equal(found, object_within(picture, (30, 15, 90, 75)))


@pytest.mark.parametrize("box", [(0, 0, 20, 20), (5, 5, 6, 6), (3, 3, 12, 14)])
def test_without_anything_to_tell_apart_the_box_itself_is_the_mask(box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    found = object_within(np.full((20, 20, 3), 7, np.uint8), box)
    assert found.sum() == (right - left) * (bottom - top)
    assert found[top:bottom, left:right].all()


def test_a_mask_grows_with_its_edge_in_place() -> None:
    assert iou(enlarged(disk(30, 30, 15, 15, 9), 120, 120), disk(120, 120, 61.5, 61.5, 36)) > 0.95
