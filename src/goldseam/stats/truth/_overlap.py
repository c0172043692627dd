"""How much less than n independent votes n votes on one item are worth.

In: a posterior that took errors as independent, the number of votes. Out: the posterior at its honest width.
Never: another best label: only how sure one is of it changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from goldseam.stats.truth.record import Array

USUAL = 0.3
"""How far errors on the same item go together in real crowds, as an intraclass correlation; measured, see the docs.

Votes alone cannot tell: an item that misleads everyone looks like one that everyone knows.
"""
_SPREAD = 0.7
"""By how much crowds differ in it, on the scale of log odds: what gold has to argue against."""
_GRID = np.linspace(-5.0, 3.0, 81)
_TINY = 1e-300


def softened(posterior: Array, n_votes: NDArray[np.int64], overlap: float) -> Array:
    """Return the posterior to the power 1 / (1 + (n - 1) overlap): Kish's design effect of n votes on one item."""
    power = 1.0 / (1.0 + np.maximum(n_votes - 1, 0) * overlap)
    logits = np.log(np.maximum(posterior, _TINY)) * power[:, None]
    logits -= logits.max(axis=1, keepdims=True, initial=-np.inf)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def learned(posterior: Array, label: NDArray[np.int64], n_votes: NDArray[np.int64]) -> float:
    """Return the overlap at which the posterior of gold items, as if their label were not known, fits their label."""
    several = n_votes > 1
    posterior, label, n_votes = posterior[several], label[several], n_votes[several]
    if not len(label):
        return USUAL
    place = np.arange(len(label))
    floor = np.finfo(np.float64).tiny
    fits = [
        float(np.log(np.maximum(softened(posterior, n_votes, float(expit(x)))[place, label], floor)).sum())
        - 0.5 * ((x - logit(USUAL)) / _SPREAD) ** 2
        for x in _GRID
    ]
    return float(expit(_GRID[int(np.argmax(fits))]))
