"""How sure labeling functions are together: what the label model learned without gold, calibrated on gold.

In: joint probabilities, gold. Out: a `Calibration`, and probabilities by it. Never: another likeliest label by it, or an item on
which no function speaks made surer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from goldseam.prelabel import scaling as scalings
from goldseam.prelabel.functions_worth import Joint
from goldseam.prelabel.scaling import Scaling

FEWEST = 5
"""With fewer gold items on which a function speaks nothing is calibrated: the confidence is the label model's own."""
TINY = 1e-6
TIED = 1e-6
"""Of labels that are nearer than this none is suggested, however sure others with such a lead turned out to be."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What makes a label model's confidence that of the share of gold that is right; `n` items of gold it was learned from."""

    n: int = 0
    temperature: float = 1.0
    scaling: Scaling = field(default_factory=Scaling)

    def __call__(self, joint: Joint) -> Joint:
        """Return the same labels, as sure as gold allows."""
        if not self.n:
            return joint
        two = np.partition(joint.proba, -2, axis=1)[:, -2:]
        rows = np.flatnonzero(joint.spoke & (two[:, 1] - two[:, 0] > TIED))
        found = joint.proba.copy()
        found[rows] = self.scaling(softmax(_logits(joint, rows) / self.temperature, axis=1)).astype(np.float32)
        return replace(joint, proba=found)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return it as named arrays."""
        return {
            "n_gold": np.asarray([self.n]),
            "temperature": np.asarray([self.temperature]),
            **self.scaling.to_arrays(),
        }

    def to_plain(self) -> dict[str, object]:
        """Return it as people may want to know it; `held_out_loss` are nats per label by method, on gold not learned from."""
        method = self.scaling.method if self.n else "none"
        losses = dict(self.scaling.losses)
        return {"method": method, "n_gold": self.n, "temperature": self.temperature, "held_out_loss": losses}


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Calibration:
    """Return the calibration that `to_arrays` wrote; none for a set that was applied without."""
    if "n_gold" not in arrays:
        return Calibration()
    temperature = float(np.asarray(arrays["temperature"], np.float64)[0])
    return Calibration(int(np.asarray(arrays["n_gold"], np.int64)[0]), temperature, scalings.from_arrays(arrays))


def learn(joint: Joint, gold: Mapping[int, int], rng: np.random.Generator) -> Calibration:
    """Return what calibrates these probabilities on gold, which maps rows to label codes."""
    known = np.array(sorted(row for row in gold if joint.spoke[row]), np.int64)
    if len(known) < FEWEST:
        return Calibration()
    right = np.array([gold[row] for row in known.tolist()], np.int64)
    logits = _logits(joint, known)
    temperature = scalings.no_surer_than_shown(logits, right)
    return Calibration(len(known), temperature, scalings.choose(logits, right, temperature, rng))


def _logits(joint: Joint, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.log(np.maximum(joint.proba[rows].astype(np.float64), TINY)))
