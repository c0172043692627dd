"""What an annotator is expected to err like, before their own votes are counted.

In: soft counts (annotator, label said, kind of item). Out: pseudo-votes of the same shape.
Never: an annotator's row that owes nothing to the crowd: who has few votes errs like the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from goldseam.stats.truth.record import Array

_SHRINK = 6.0
"""How many votes of an average annotator are added before someone's skill and habits are read off."""
_ANCHOR_RIGHT = 0.8
"""The share of the anchoring votes that are right: 4 to 1 as in Li, Rubinstein and Cohn (2019)."""
_FIRST_STRENGTH = 4.0
_STRENGTHS = (0.5, 200.0)
_FLOOR = 1e-3
_OCCUPIED = 1e-6


@dataclass(slots=True)
class Expected:
    """What is carried from step to step: each annotator's skill and habits, and how alike annotators are.

    `skill` (n_annotators,) are the log odds of being right beyond the crowd's, `habit` (n_annotators, n_labels) how
    much more often a label is said, and `strength` the number of votes that the expected row counts for.
    """

    skill: Array
    habit: Array
    strength: float = _FIRST_STRENGTH

    @classmethod
    def of_the_crowd(cls, n_annotators: int, n_labels: int) -> Expected:
        """Return the start: everyone is average."""
        return cls(np.zeros(n_annotators), np.zeros((n_annotators, n_labels)))

    def pseudo_votes(self, counts: Array, right: NDArray[np.bool_], anchor: float) -> Array:
        """Return the pseudo-votes (annotator, said, kind) to add to the counts; learns skill, habit and strength.

        `right` (said, kind) marks the label that a kind of item carries; `anchor` votes a row, 4 of 5 of them right,
        keep the kinds at their labels.
        """
        anchored = _anchored(right, anchor)
        crowd = counts.sum(axis=0) + anchored
        crowd /= crowd.sum(axis=0)
        total = counts.sum(axis=1)
        self._adapt(counts, total, crowd, right)
        rows = self._rows(crowd, right)
        self._learn_strength(counts, total, rows)
        rows *= self.strength
        rows += anchored
        return rows

    def _rows(self, crowd: Array, right: NDArray[np.bool_]) -> Array:
        rows = crowd * np.exp(self.habit)[:, :, None]
        said, kind = np.nonzero(right)
        rows[:, said, kind] *= np.exp(self.skill)[:, None]
        rows /= rows.sum(axis=1, keepdims=True)
        return rows

    def _adapt(self, counts: Array, total: Array, crowd: Array, right: NDArray[np.bool_]) -> None:
        """Move skill, then habit, to where expected and seen counts agree (iterative scaling)."""
        said, kind = np.nonzero(right)
        many = counts.sum(axis=(1, 2))
        scale = np.maximum(many, _FLOOR)
        more = (many + _SHRINK) / scale
        average = total @ crowd.T * (_SHRINK / scale)[:, None]
        seen = counts[:, said, kind].sum(axis=1) + total[:, kind] @ crowd[said, kind] * (_SHRINK / scale)
        rows = self._rows(crowd, right)
        expected = (rows[:, said, kind] * total[:, kind]).sum(axis=1) * more
        everything = many + _SHRINK
        self.skill += np.log((seen + _FLOOR) / (expected + _FLOOR))
        self.skill -= np.log((everything - seen + _FLOOR) / np.maximum(everything - expected + _FLOOR, _FLOOR))
        rows = self._rows(crowd, right)
        expected_said = np.einsum("alt,at->al", rows, total) * more[:, None]
        seen_said = counts.sum(axis=2) + average
        self.habit += 0.5 * np.log((seen_said + _FLOOR) / (expected_said + _FLOOR))

    def _learn_strength(self, counts: Array, total: Array, rows: Array) -> None:
        """One step of Minka's fixed point for the concentration of a Dirichlet with known means."""
        now = self.strength
        there = counts > _OCCUPIED
        expected = rows[there]
        up = float((expected * (digamma(counts[there] + now * expected) - digamma(now * expected))).sum())
        down = float((digamma(total + now) - digamma(now)).sum())
        if down > _OCCUPIED:
            self.strength = float(np.clip(now * up / down, *_STRENGTHS))


def _anchored(right: NDArray[np.bool_], anchor: float) -> Array:
    others = max(len(right) - 1, 1)
    return np.where(right, _ANCHOR_RIGHT * anchor, (1 - _ANCHOR_RIGHT) * anchor / others)
