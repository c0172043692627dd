"""Policy of the release stage.

In: the project file's `release`. Out: `Policy`. Never: a release.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """How a release is cut and weighed.

    `train`, `validation` and `test` are shares of the items. `weight` says what a learner should make of each label:
    `confidence` gives doubtful ones less, `even` gives all the same.
    """

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    weight: Literal["confidence", "even"] = "confidence"

    def __post_init__(self) -> None:
        shares = (self.train, self.validation, self.test)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise BadPolicy(
                "release.train, release.validation and release.test are shares that add up to 1; "
                f"got {self.train}, {self.validation} and {self.test}."
            )
        if self.weight not in {"confidence", "even"}:
            raise BadPolicy(f"release.weight is 'confidence' or 'even'; got {self.weight!r}.")
