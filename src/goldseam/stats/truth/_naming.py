"""Naming: what annotators call a real object, given what it is.

In: marks with their labels, and what is believed of their objects. Out: logarithms of chances for each object and label.
Never: a table of annotators by labels by labels that would not fit into memory; then one accuracy each has to do.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from goldseam.stats._neighbors import Index, summed
from goldseam.stats.truth.record import Array

MAX_CELLS = 20_000_000
"""The largest n_annotators * n_labels**2 for which annotators get a confusion each: 160 MB."""
_SURE = 1e-6


class Naming:
    """Annotators' ways of naming: a confusion each, or with very many labels an accuracy each."""

    def __init__(
        self, mark: Index, annotator: Index, label: Index, shape: tuple[int, int, int], smoothing: float
    ) -> None:
        self.mark, self.annotator, self.label = mark, annotator, label
        self.n_objects, self.n_annotators, self.n_labels = shape
        self.smoothing = smoothing
        self.full = self.n_annotators * self.n_labels**2 <= MAX_CELLS
        if self.full:
            cell = annotator * self.n_labels + label
            said_shape = (self.n_objects, self.n_annotators * self.n_labels)
            self.said = csr_array(coo_array((np.ones(len(mark)), (mark, cell)), shape=said_shape))
            self.said_by = csr_array(self.said.T)

    def logits(self, by_label: Array, real: Array) -> Array:
        """Return for each object and label the logarithm of the chance that it would be named as it was.

        `by_label` (n_objects, n_labels) and `real` (n_objects,) are what is believed so far.
        """
        if self.full:
            return np.asarray(self.said @ np.log(self._confusion(by_label, real)).reshape(-1, self.n_labels))
        accuracy = self._accuracy(by_label, real)
        wrong = np.log((1 - accuracy) / max(self.n_labels - 1, 1))
        lead = (np.log(accuracy) - wrong)[self.annotator]
        shape = (self.n_objects, self.n_labels)
        right = coo_array((lead, (self.mark, self.label)), shape=shape).toarray()
        right += summed(self.mark, wrong[self.annotator], self.n_objects)[:, None]
        return np.asarray(right)

    def confusion(self, by_label: Array, real: Array) -> Array | None:
        """Return P(said | true) as (annotator, true, said), or None where there are too many labels."""
        return np.ascontiguousarray(self._confusion(by_label, real).transpose(0, 2, 1)) if self.full else None

    def _confusion(self, by_label: Array, real: Array) -> Array:
        """Return P(said | true) as (annotator, said, true), each annotator's pooled with the crowd's."""
        soft = self.said_by @ (by_label * real[:, None])
        said = soft.reshape(self.n_annotators, self.n_labels, self.n_labels)
        crowd = said.sum(axis=0) + np.eye(self.n_labels) + 0.1
        crowd /= crowd.sum(axis=0)
        pooled = said + self.smoothing * crowd + 0.01 / self.n_labels
        return np.asarray(pooled / pooled.sum(axis=1, keepdims=True))

    def _accuracy(self, by_label: Array, real: Array) -> Array:
        right = summed(self.annotator, by_label[self.mark, self.label] * real[self.mark], self.n_annotators)
        many = summed(self.annotator, real[self.mark], self.n_annotators)
        crowd = (float(right.sum()) + 1.0) / (float(many.sum()) + 1.0 + 1.0)
        return np.asarray(np.clip((right + self.smoothing * crowd) / (many + self.smoothing), _SURE, 1 - _SURE))
