"""Training set: settled labels made ready for learning.

In: posteriors, how each was settled, the policy. Out: `TrainingSet`. Never: an item that judges the model later (gold),
or a model's own opinion at full weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.settle import How
from goldseam.retrain.policy import Policy
from goldseam.vocab.errors import BadValue


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Rows to learn from: `index` into the arrays that were given, soft labels (n, k) and a weight each."""

    index: NDArray[np.int64]
    soft: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def n_labels_seen(self) -> int:
        """How many labels are the likeliest of at least one row."""
        return len(np.unique(self.soft.argmax(axis=1))) if len(self.index) else 0


def training_set(
    posterior: NDArray[np.floating],
    how: NDArray[np.integer],
    escalated: NDArray[np.bool_],
    held_out: NDArray[np.bool_],
    policy: Policy,
) -> TrainingSet:
    """Return what may be learned from, with confidence as weight.

    Row by row: `posterior` (n, k), `how` (codes of `adjudicate.settle.How`), `escalated`, and `held_out` (gold that
    judges models). Held-out and escalated rows are left out. A row weighs (k * c - 1) / (k - 1) for confidence c: a
    certain label counts 1, a coin toss 0. Labels accepted automatically count `policy.auto_weight` times as much.
    """
    soft = np.asarray(posterior, dtype=np.float64)
    if soft.ndim != 2 or not len(soft) == len(how) == len(escalated) == len(held_out):
        raise BadValue("A training set takes posterior, how, escalated and held_out with one row per item.")
    k = soft.shape[1]
    confidence = soft.max(axis=1, initial=0.0)
    weight = np.clip((k * confidence - 1) / (k - 1), 0, 1) if k > 1 else np.ones(len(soft))
    weight = np.where(np.asarray(how) == How.AUTO, policy.auto_weight * weight, weight)
    index = np.flatnonzero(~np.asarray(escalated) & ~np.asarray(held_out) & (weight > 0))
    return TrainingSet(index, soft[index], weight[index])
