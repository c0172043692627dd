"""Policy of the prelabel stage.

In: the project file's `prelabel`. Out: `Policy`. Never: a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """Who proposes labels, from how many settled labels on, and whether annotators see what was proposed.

    `calibration_share` of the labels is held out at random to calibrate the confidence on, from 1,000 labels on; before
    that each is held out once, in folds. `blind_share` of the items is shown without its suggestion, which measures how
    much suggestions sway people.
    """

    suggester: Literal["linear", "none"] = "linear"
    min_labels: int = 20
    calibration_share: float = 0.2
    show: Literal["shown", "hidden"] = "shown"
    blind_share: float = 0.1

    def __post_init__(self) -> None:
        if self.min_labels < 2:
            raise BadPolicy(f"prelabel.min_labels is at least 2; got {self.min_labels}.")
        if not 0 < self.calibration_share < 1:
            raise BadPolicy(
                f"prelabel.calibration_share lies between 0 and 1, both excluded; got {self.calibration_share}."
            )
        if not 0 <= self.blind_share <= 1:
            raise BadPolicy(f"prelabel.blind_share lies between 0 and 1; got {self.blind_share}.")
