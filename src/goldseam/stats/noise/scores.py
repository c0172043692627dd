"""Scores: how well a model bears out each label given, from 0 (not at all) to 1.

In: labels given and a model's probabilities (n, k). Out: one number per item, low where the label is likely wrong.
Never: a score that ranks items by itself better than the evidence of `label_issues`; these are for comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from goldseam.stats.noise._given import Array, Given, Labels, given_of, own_of, row_max, stretches

_TINY = 1e-12


def self_confidence(labels: Labels, proba: ArrayLike, *, names: Sequence[Hashable] | None = None) -> Array:
    """Return the model's probability for the label given.

    Examples
    --------
    >>> self_confidence([0, 0], [[0.9, 0.1], [0.2, 0.8]]).tolist()
    [0.9, 0.2]
    """
    return _own(given_of(labels, proba, names))


def normalized_margin(labels: Labels, proba: ArrayLike, *, names: Sequence[Hashable] | None = None) -> Array:
    """Return by how much the label given is ahead of the best other one: (difference + 1) / 2.

    Examples
    --------
    >>> normalized_margin([0, 0], [[0.9, 0.1], [0.25, 0.75]]).tolist()
    [0.9, 0.25]
    """
    return _margin(given_of(labels, proba, names))


def weighted_entropy(labels: Labels, proba: ArrayLike, *, names: Sequence[Hashable] | None = None) -> Array:
    r"""Return confidence-weighted entropy as a score: :math:`\log(1 + x) / x` where x is entropy over self-confidence.

    Entropy is relative to that of even odds, so x is 1 or more for a model that knows nothing. A model that is certain of
    the label given has x = 0 and the score 1; certain of another label it has 0.

    References
    ----------
    Kuan and Mueller (2022), Model-agnostic label quality scoring to detect real-world label errors, for all three.
    """
    return _entropy(given_of(labels, proba, names))


def _own(given: Given) -> Array:
    return own_of(given).astype(np.float64)


def _margin(given: Given) -> Array:
    own = _own(given)
    if given.n_labels < 2:
        return np.ones(given.n_items)
    other = np.empty(given.n_items)
    for start, stop in stretches(given):
        block = np.array(given.proba[start:stop], dtype=given.work)
        block[np.arange(stop - start), given.label[start:stop]] = -1.0
        other[start:stop] = row_max(block)
    return np.asarray((own - other + 1.0) / 2.0)


def _entropy(given: Given) -> Array:
    own = _own(given)
    entropy = np.zeros(given.n_items)
    for start, stop in stretches(given):
        block = np.maximum(given.proba[start:stop].astype(np.float64), 0.0)
        entropy[start:stop] = -np.einsum("ij,ij->i", block, np.log(np.maximum(block, 1e-300)))
    entropy = np.maximum(entropy, 0.0) / np.log(max(given.n_labels, 2))
    ratio = entropy / np.maximum(own, _TINY)
    known = np.where(own > _TINY, 1.0, 0.0)
    return np.asarray(np.where(ratio > _TINY, np.log1p(ratio) / np.maximum(ratio, _TINY), known))


SCORES: dict[str, Callable[[Given], Array]] = {
    "self_confidence": _own,
    "normalized_margin": _margin,
    "weighted_entropy": _entropy,
}
"""Scores of the literature by name; each takes what `given_of` returns."""
