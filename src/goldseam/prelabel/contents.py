"""Contents: what a model sees of items.

In: texts, or rows of pixels. Out: types only. Never: scikit-learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["text", "image"]
Contents = Sequence[str] | NDArray[np.float32]
"""Texts, or an array (n, side * side) of gray values between 0 and 1; media that are sent elsewhere are data: addresses."""

IMAGE_SIDE = 16
"""Images are looked at as this many pixels squared: enough for small pictures of digits and signs."""
