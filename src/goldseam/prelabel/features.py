"""Features: numbers that describe contents before any model exists, for a cold start by diversity.

In: contents, `rng`. Out: an array (n, d). Never: a label.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

from goldseam.prelabel import words
from goldseam.prelabel.contents import Contents

DIMENSIONS = 50
LEARNED_FROM = 20_000
"""Axes are learned from this many items at most, drawn at random."""


def embed(contents: Contents, rng: np.random.Generator, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    """Return each item's row on the axes along which contents differ most; of length 1, or 0 if nothing is known.

    Texts become TF-IDF of their words first, images are taken as pixels around their mean; then both are reduced to
    `dimensions` by a truncated singular value decomposition.
    """
    n = len(contents)
    learned = np.sort(rng.choice(n, size=LEARNED_FROM, replace=False)) if n > LEARNED_FROM else np.arange(n)
    if isinstance(contents, np.ndarray):
        table = contents - contents[learned].mean(axis=0) if n else contents
    else:
        vocabulary, idf = words.learn([contents[index] for index in learned], max_pair=1)
        table = words.rows(contents, vocabulary, idf)
    dimensions = min(dimensions, table.shape[1] - 1, len(learned) - 1)
    if dimensions < 1:
        return np.zeros((n, 1), dtype=np.float32)
    # Threads that wait for each other cost more on a busy machine than such narrow matrices are worth. The shares of
    # variance, which are not used, are undefined where nothing varies.
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(divide="ignore", invalid="ignore"):
        axes = TruncatedSVD(dimensions, random_state=int(rng.integers(2**31))).fit(table[learned])
    found = np.asarray(axes.transform(table), dtype=np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.divide(found, length, out=np.zeros_like(found), where=length > 1e-6))
