"""Words: texts as rows of TF-IDF over words and pairs of words.

In: texts. Out: a sparse matrix, and the vocabulary and weights that give the same rows for new texts. Never: a label.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

WORD = r"(?u)\w{1,40}"
"""A word; a longer run of letters is cut into several, so that no entry of the vocabulary is of unbounded length."""

MAX_WORDS = 50_000
"""Entries of a vocabulary at most: the most frequent ones."""


def learn(texts: Sequence[str], max_pair: int = 2) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """Return the vocabulary of words (and pairs, where `max_pair` is 2) and each entry's inverse document frequency.

    An entry must stand in more texts the more there are, so that a rare misspelling takes no place.
    """
    min_texts = 1 if len(texts) < 1_000 else 2 if len(texts) < 20_000 else 5
    vectorizer = CountVectorizer(
        token_pattern=WORD, ngram_range=(1, max_pair), min_df=min_texts, max_features=MAX_WORDS, dtype=np.float32
    )
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's word for texts without any word
        return np.zeros(0, dtype="<U1"), np.zeros(0, dtype=np.float32)
    n_texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + len(texts)) / (1 + n_texts_with)) + 1
    return np.asarray(vectorizer.get_feature_names_out(), dtype=np.str_), idf.astype(np.float32)


def rows(texts: Sequence[str], vocabulary: NDArray[np.str_], idf: NDArray[np.float32]) -> sparse.csr_array:
    """Return each text's row (n_texts, n_words): (1 + log count) * idf at length 1; all 0 without a known word."""
    if not len(vocabulary):
        return sparse.csr_array((len(texts), 0), dtype=np.float32)
    max_pair = 2 if any(" " in entry for entry in vocabulary) else 1
    vectorizer = CountVectorizer(
        token_pattern=WORD, ngram_range=(1, max_pair), vocabulary=vocabulary.tolist(), dtype=np.float32
    )
    found = sparse.csr_array(vectorizer.transform(texts))
    found.data = (1 + np.log(found.data)) * idf[found.indices]
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).reshape(-1))
    length[length == 0] = 1
    found.data /= np.repeat(length, np.diff(found.indptr)).astype(np.float32)
    return found
