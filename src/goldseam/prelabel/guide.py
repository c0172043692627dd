"""Guide: what a model suggested for its own training items while they were held out, and whether that was right.

In: rows of the training contents, confidence, labels. Out: a `Guide`, and plain arrays. Never: a suggestion for an item that the
model had learned from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """One row a held-out item: `row` names it (as whoever trained does), `label` is an index of the model's labels."""

    row: NDArray[np.int64]
    confidence: NDArray[np.float64]
    label: NDArray[np.int64]
    right: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shapes = {self.row.shape, self.confidence.shape, self.label.shape, self.right.shape}
        if len(shapes) != 1 or self.row.ndim != 1:
            raise BadValue(f"A guide has four columns of one length; got the shapes {sorted(shapes)}.")

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the columns as named arrays."""
        return {
            "guide_row": self.row,
            "guide_confidence": self.confidence,
            "guide_label": self.label,
            "guide_right": self.right,
        }


def none() -> Guide:
    """Return the guide of a model of which nothing was held out."""
    return Guide(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0, np.bool_))


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Guide:
    """Return the guide that `to_arrays` wrote; an older model has none."""
    if "guide_row" not in arrays:
        return none()
    return Guide(
        np.asarray(arrays["guide_row"], np.int64),
        np.asarray(arrays["guide_confidence"], np.float64),
        np.asarray(arrays["guide_label"], np.int64),
        np.asarray(arrays["guide_right"], np.bool_),
    )
