"""The plane: groups stay together, the same chance gives the same map, and nothing to tell apart is no error."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from goldseam.prelabel.features import embed
from goldseam.prelabel.plane import FEWEST, Method, lay_out


def groups(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return rows of three groups in turn, far apart in eight dimensions."""
    rng = np.random.default_rng(4)
    return (rng.normal(0, 0.1, (n, 8)) + 3 * np.eye(8)[np.arange(n) % 3]).astype(np.float32)


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_alike_lies_together_within_the_square_and_again_by_the_same_seed(method: Method) -> None:
    features = groups(60)
    found = lay_out(features, np.random.default_rng(1), method)

    assert found.min() >= 0
    assert found.max() <= 1
    far = np.linalg.norm(found[:, None] - found[None], axis=2) + 9 * np.eye(60)
    assert (far.argmin(axis=1) % 3 == np.arange(60) % 3).all()
    assert np.array_equal(found, lay_out(features, np.random.default_rng(1), method))


@pytest.mark.parametrize("n", [0, 1, 2, FEWEST - 1])
def test_few_points_and_points_that_are_all_alike_have_a_place(n: int) -> None:
    for features in (groups(n), np.ones((n, 8), np.float32), np.ones((n, 1), np.float32)):
        found = lay_out(features, np.random.default_rng(1), "tsne")
        assert found.shape == (n, 2)
        assert np.isfinite(found).all()


def test_on_real_digits_the_next_point_on_the_map_is_mostly_of_the_same_digit_and_more_so_than_by_two_axes() -> None:
    digits, n = load_digits(), 400
    features = embed(digits.data[:n].astype(np.float32), np.random.default_rng(1))

    def same(method: Method) -> float:
        found = lay_out(features, np.random.default_rng(1), method)
        far = np.linalg.norm(found[:, None] - found[None], axis=2) + 9 * np.eye(n)
        return float((digits.target[far.argmin(axis=1)] == digits.target[:n]).mean())

    assert same("tsne") > 0.9
    assert same("pca") < 0.7
