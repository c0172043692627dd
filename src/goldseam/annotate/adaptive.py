r"""Adaptive: another answer is asked for only while the posterior is not sure enough.

In: counts of votes, or votes with each annotator's accuracy. Out: posteriors, and whether they suffice. Never: a vote.

One-coin model: an annotator of accuracy a says the true label with probability a, and each of the K - 1 others with
(1 - a) / (K - 1). A vote for a label thus speaks for it with :math:`\log(a (K - 1) / (1 - a))`, and labels are equally
likely before any vote.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.annotate.policy import Policy
from goldseam.vocab.errors import BadValue


def posterior(counts: NDArray[np.integer], accuracy: float) -> NDArray[np.float64]:
    """Return the posterior of each label, given vote counts (..., n_labels) of annotators who are equally accurate.

    Examples
    --------
    >>> posterior(np.array([2, 0]), 0.8).round(3).tolist()
    [0.941, 0.059]
    """
    counts = np.asarray(counts)
    return np.asarray(softmax(counts * _evidence(np.float64(accuracy), counts.shape[-1]), axis=-1))


def weighted_posterior(
    item: NDArray[np.integer],
    label: NDArray[np.integer],
    accuracy: NDArray[np.floating],
    n_items: int,
    n_labels: int,
) -> NDArray[np.float64]:
    """Return the posterior (n_items, n_labels) given votes with the accuracy of whoever cast each."""
    cell = np.asarray(item, dtype=np.int64) * n_labels + label
    flat = np.bincount(cell, weights=_evidence(np.asarray(accuracy), n_labels), minlength=n_items * n_labels)
    return np.asarray(softmax(flat.reshape(n_items, n_labels), axis=1))


def enough(posterior: NDArray[np.floating], n_votes: NDArray[np.integer] | int, policy: Policy) -> NDArray[np.bool_]:
    """Return whether each item wants no further answer.

    It wants none once its posterior (..., n_labels) reaches `stop_at` for a label, from `min_votes` votes on. Always
    false where the policy has no `stop_at`: the full redundancy is then asked for.
    """
    sure = np.asarray(posterior).max(axis=-1)
    if policy.stop_at is None:
        return np.zeros(sure.shape, dtype=np.bool_)
    return np.asarray((sure >= policy.stop_at) & (np.asarray(n_votes) >= policy.min_votes))


def _evidence(accuracy: NDArray[np.floating] | np.float64, n_labels: int) -> NDArray[np.float64]:
    if not bool(((accuracy > 0) & (accuracy < 1)).all()):
        raise BadValue("An annotator's accuracy lies between 0 and 1, both excluded.")
    return np.asarray(np.log(accuracy) - np.log1p(-accuracy) + np.log(max(n_labels - 1, 1)), dtype=np.float64)
