"""Contents: what a model sees of items, and the protocol that every suggester meets.

In: texts, or rows of pixels. Out: types only. Never: scikit-learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["text", "image"]
Contents = Sequence[str] | NDArray[np.float32]
"""Texts, or an array (n, side * side) of gray values between 0 and 1."""

IMAGE_SIDE = 16
"""Images are looked at as this many pixels squared: enough for small pictures of digits and signs."""


class Suggester(Protocol):
    """Whatever proposes labels: a trained model, a labeling function, a backend."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the columns of its probabilities stand for."""
        ...

    def propose(self, contents: Contents) -> NDArray[np.float32]:
        """Return calibrated probabilities, one row an item and one column a label."""
        ...
