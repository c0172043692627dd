"""Features: numbers that describe contents before any model exists, for a cold start by diversity.

In: contents, `rng`. Out: an array (n, d). Never: a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it brings no types

from goldseam.prelabel import columns, words
from goldseam.prelabel.contents import Contents, Described

DIMENSIONS = 50
Table = Any
LEARNED_FROM = 20_000
"""Axes are learned from this many items at most, drawn at random."""


def embed(contents: Contents, rng: np.random.Generator, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    """Return each item's row on the axes along which contents differ most; of length 1, or 0 if nothing is known.

    Texts become their embeddings where they have some, or else TF-IDF of their words; fields become numbers around their mean,
    images are taken as pixels around theirs. Then all are reduced to `dimensions` by a truncated singular value decomposition.
    """
    n = len(contents)
    learned = np.sort(rng.choice(n, size=LEARNED_FROM, replace=False)) if n > LEARNED_FROM else np.arange(n)
    if isinstance(contents, np.ndarray):
        table = contents - contents[learned].mean(axis=0) if n else contents
    else:
        parts = _parts(contents, learned)
        table = parts[0] if len(parts) == 1 else sparse.hstack(parts, "csr")
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


def _parts(contents: Sequence[str], learned: NDArray[np.intp]) -> list[Table]:
    """Return what tells texts apart, word by word and field by field; of each part a row has a length of about 1."""
    parts: list[Table] = []
    texts = contents
    if isinstance(contents, Described):
        texts = contents.texts if contents.reads_text and contents.vectors is None else ()
        if contents.vectors is not None:
            parts.append(contents.vectors)
        if contents.fields is not None:
            found = columns.learn([contents.fields[at] for at in learned])
            parts.append(found.weighed(1 / np.sqrt(max(len(found.names), 1)), bent=False).rows(contents.fields))
            if found.reads_words:
                prose = found.prose(contents.fields)
                texts = [f"{text} {more}" for text, more in zip(texts, prose, strict=True)] if texts else prose
    if texts or not parts:
        vocabulary, idf = words.learn([texts[at] for at in learned], max_pair=1)
        parts.append(words.rows(texts, vocabulary, idf))
    return parts
