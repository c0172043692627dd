"""The plane: groups stay together, the same chance gives the same map, and nothing to tell apart is no error."""

from __future__ import annotations

import numpy as np
import pytest

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
