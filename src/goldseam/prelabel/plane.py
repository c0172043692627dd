"""Plane: lays features out in two dimensions, so that what is alike lies together, for a map that people look at.

In: features (n, d), `rng`. Out: coordinates (n, 2) from 0 to 1. Never: a label; a distance on the map is no probability.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

Method = Literal["tsne", "pca"]

FEWEST = 30
"""With fewer points, neighborhoods say little: they are laid out by their two main axes."""
PERPLEXITY = 30.0
STEPS = 350
"""A third of what is usual: on the digits, neighbors on the map are as often of one kind as after more."""


def lay_out(features: NDArray[np.float32], rng: np.random.Generator, method: Method) -> NDArray[np.float64]:
    """Return where each row lies; both axes have the same scale, and the longer one fills 0 to 1.

    `tsne` keeps neighbors together (van der Maaten and Hinton, 2008), `pca` shows the two main axes of what differs. The same
    features and chance give the same plane, on one thread: sums of several threads differ in their last digits.
    """
    n, seed = len(features), int(rng.integers(2**31))
    if n < 2 or features.shape[1] < 2 or not (features != features[0]).any():
        return np.full((n, 2), 0.5)
    with threadpool_limits(limits=1):
        if method == "tsne" and n >= FEWEST:
            made = TSNE(
                2,
                perplexity=min(PERPLEXITY, (n - 1) / 3),
                init="pca",
                max_iter=STEPS,
                random_state=seed,
                n_jobs=1,
            )
            found = made.fit_transform(features)
        else:
            found = PCA(2, svd_solver="full").fit_transform(features)
    return _framed(np.asarray(found, np.float64))


def _framed(found: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = found.min(axis=0), found.max(axis=0)
    span = float((high - low).max()) or 1.0
    return np.asarray(np.clip((found - (low + high) / 2) / span + 0.5, 0.0, 1.0), np.float64)
