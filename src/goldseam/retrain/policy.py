"""Policy of the retrain stage.

In: the project file's `retrain`. Out: `Policy`. Never: a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from goldseam.vocab.errors import BadPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """What a new model learns from, and how much gold it takes to replace the old one.

    `auto_weight` is the weight of labels that a model accepted by itself: 0 keeps a model from learning its own
    opinion.

    `promote` says when the new model replaces the old: `better` if it gets more gold right; `proven` if that is so clear that
    the exact paired test gives at most `alpha`; `ask` if proven, and where it is better but not proven a person decides.
    """

    min_gold: int = 10
    auto_weight: float = 0.0
    promote: Literal["better", "proven", "ask"] = "better"
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if self.min_gold < 1:
            raise BadPolicy(f"retrain.min_gold is at least 1; got {self.min_gold}.")
        if not 0 <= self.auto_weight <= 1:
            raise BadPolicy(f"retrain.auto_weight lies between 0 and 1; got {self.auto_weight}.")
        if not 0 < self.alpha < 1:
            raise BadPolicy(f"retrain.alpha lies between 0 and 1, both excluded; got {self.alpha}.")
